#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace ticker {

// The identity of one version line: versions of different epochs can't be compared. 16 hexadecimal digits, made of the
// system's randomness; another start of the service is another epoch.
std::string random_epoch();

// Lets maps keyed by std::string be asked with a string_view, without a copy.
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

}  // namespace ticker
