#pragma once

#include <algorithm>
#include <chrono>

namespace ticker::ingest {

// How long a venue that says 429 or 503 is stayed away from, where it tells: not more than an hour
// is believed.
inline std::chrono::seconds believed_wait(std::chrono::seconds told) {
  return std::clamp(told, std::chrono::seconds(0), std::chrono::seconds(std::chrono::hours(1)));
}

}  // namespace ticker::ingest
