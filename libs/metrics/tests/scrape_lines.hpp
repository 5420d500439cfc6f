#pragma once

#include <sstream>
#include <string>
#include <string_view>

namespace ticker::metrics {

// The value of one sample of a scrape, as printed ("17"); empty if there is no such sample.
inline std::string sample(const std::string& scrape, std::string_view name_and_labels) {
  std::istringstream lines(scrape);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.starts_with(std::string{name_and_labels} + " ")) {
      return line.substr(name_and_labels.size() + 1);
    }
  }
  return {};
}

}  // namespace ticker::metrics
