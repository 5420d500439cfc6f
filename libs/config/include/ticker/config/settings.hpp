#pragma once

#include <string>
#include <vector>

#include <ticker/config/config.hpp>

namespace ticker::config {

// A key that stands outside of `feeds`, as a path, and its value as text.
struct Setting {
  std::string key;
  std::string value;
};

// Every such key there is (a test compares with known_keys()), with the values of `config`.
std::vector<Setting> settings(const Config& config);

// Those that differ, in the order of settings().
std::vector<std::string> changed_keys(const Config& a, const Config& b);

}  // namespace ticker::config
