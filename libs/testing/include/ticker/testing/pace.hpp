#pragma once

#include <chrono>

namespace ticker::testing {

// Whether `holds` of a timeout so long, or of one twice as long, and so on: where peers have to be
// quicker than a timeout, a machine that halts for longer breaks what is said of it, and nothing
// else. `holds` (of a timeout) is called once for each, and begins anew.
template <typename Holds>
bool holds_at_some_pace(std::chrono::milliseconds timeout, Holds holds) {
  constexpr int kPaces = 5;
  for (int i = 0; i < kPaces; ++i, timeout *= 2) {
    if (holds(timeout)) {
      return true;
    }
  }
  return false;
}

}  // namespace ticker::testing
