#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ticker/base/clock.hpp>

namespace ticker::auth {

// What a token says of its owner, as far as it was signed by somebody we believe.
struct Claims {
  std::string subject;  // `sub`; empty: none
  // From this moment on it is refused: `exp`, and the skew allowed for.
  Timestamp expires_at = kNoTime;
  // Names and patterns of instruments that it may see; nullopt: all. As they stand in the token.
  std::optional<std::vector<std::string>> symbols;
  // Names of fields that it may see; nullopt: all.
  std::optional<std::vector<std::string>> fields;
  // Least time between two deltas of a lane.
  std::chrono::milliseconds min_interval{0};
  // At a time, of all with this subject; 0: no limit of its own. A token that has it has a subject.
  std::uint32_t connections = 0;
};

}  // namespace ticker::auth
