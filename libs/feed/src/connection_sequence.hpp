#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace ticker::feed {

// The numbers that a venue gives the messages of one connection, counting them over all channels.
// Where one is far from those before it the count begins anew with it, and again with the next: one
// absurd number does not make all that follows old.
class ConnectionSequence {
 public:
  void reset() { last_.reset(); }

  // False: something between the messages before it and this one never came.
  bool take(std::uint64_t number) {
    const auto before = last_.value_or(number);
    if (is_far(number, before)) {
      last_ = number;
      return false;
    }
    // A lower one was read before, and is read again at a handover.
    last_ = std::max(before, number);
    return number <= before || number - before == 1;
  }
  // The highest; 0: there was none.
  std::uint64_t last() const { return last_.value_or(0); }

  // Whether a message with this number is older than one with the other.
  static bool is_older(std::uint64_t number, std::uint64_t other) {
    return number < other && !is_far(number, other);
  }

 private:
  // More than is read again at any handover.
  static constexpr std::uint64_t kFar = 100'000;
  static bool is_far(std::uint64_t a, std::uint64_t b) {
    return std::max(a, b) - std::min(a, b) > kFar;
  }

  std::optional<std::uint64_t> last_;
};

}  // namespace ticker::feed
