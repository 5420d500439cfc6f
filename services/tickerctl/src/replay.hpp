#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ticker::tickerctl {

struct ReplayArguments {
  std::vector<std::string> files;
  std::vector<std::string> venues;  // one for all files, or one for each; none: as they say
  std::vector<std::string> feeds;   // the same
  std::vector<std::string> symbols{"*"};
  std::vector<std::string> fields;
  std::string channel = "ticker";
  std::optional<std::uint32_t> interval_ms;
  std::string epoch = "replay";
  std::uint64_t connection = 0;
  std::string output = "frames";  // or `final`
  bool times = false;
  std::string verify;
};

// Prints what a client with this subscription gets while the recordings play, on their clock: its
// frames, one a line, or the final state as `/v1/tickers` gives it. With `verify`, compares the
// frames with that file's instead, and tells the first difference. Returns the exit code: 0; 1 there
// is a difference; 2 it can't be done, or a recording is damaged.
int replay(const ReplayArguments& arguments, std::FILE* out, std::FILE* complaints);

void add_replay(CLI::App& app, int& exit_code);

}  // namespace ticker::tickerctl
