#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ticker::tickerctl {

struct RecordArguments {
  std::string url;
  std::string venue;
  std::vector<std::string> symbols;  // `BTC-USDT`, or `BTC-USDT=native name`
  std::string file;                  // a new one
  std::chrono::seconds duration{0};  // 0: until SIGINT or SIGTERM
};

// Records a venue into one file, connected as the service would be. Returns the exit code: 0; 1
// nothing came, or not everything could be written; 2 bad usage.
int record(const RecordArguments& arguments, std::FILE* complaints);

void add_record(CLI::App& app, int& exit_code);

}  // namespace ticker::tickerctl
