#pragma once

#include <cstdio>
#include <string>

namespace CLI {
class App;
}

namespace ticker::tickerctl {

// Prints one JSON line per normalised event of a recording (DESIGN.md part 5) to `out`; counts of
// what was passed over or refused, and damage, to `complaints`. `venue`: empty if the recording
// says it. Returns the exit code: 0 the recording was read to its end, 2 it was not, or there is no
// such venue.
int normalize(const std::string& file, const std::string& venue, std::FILE* out,
              std::FILE* complaints);

void add_normalize(CLI::App& app, int& exit_code);

}  // namespace ticker::tickerctl
