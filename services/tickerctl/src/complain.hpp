#pragma once

#include <cstdio>
#include <string>

namespace ticker::tickerctl {

// What every subcommand returns where it could not do its work.
inline constexpr int kFailed = 2;

// One line for the person at the terminal; returns kFailed.
inline int complain(std::FILE* complaints, const std::string& line) {
  std::fprintf(complaints, "tickerctl: %s\n", line.c_str());
  return kFailed;
}

}  // namespace ticker::tickerctl
