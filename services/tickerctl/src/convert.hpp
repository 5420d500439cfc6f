#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ticker::tickerctl {

struct ConvertArguments {
  std::vector<std::string> from;  // files, or folders of segments
  std::string to;                 // a new file; its ending says in which format
  std::string venue;              // for the header, where the recording does not say it
};

// Writes a recording anew, in another format or in full blocks; what the format can't hold is
// counted in `complaints`. Returns the exit code: 0, 1 the recording is damaged, 2 it could not be
// read, or the file not be written.
int convert(const ConvertArguments& arguments, std::FILE* complaints);

void add_convert(CLI::App& app, int& exit_code);

}  // namespace ticker::tickerctl
