#pragma once

#include <chrono>
#include <cstdint>

#include <ticker/base/clock.hpp>

namespace ticker::feed {

// Nothing comes so much later than what follows on it: what seems to was sent after the venue's
// count or clock was set back, or after something absurd.
inline constexpr std::chrono::seconds kLatest(30);

// A number that the venue gives an instrument's messages, and that rises, though not by one: below
// the last one it is late. An absurd one, or a count that begins anew, silences nothing for long.
class RisingNumber {
 public:
  void reset() { *this = {}; }

  // 0: there was none.
  std::uint64_t last() const { return last_; }
  bool is_late(std::uint64_t number, Timestamp received) const {
    return number < last_ && last_ - number < kFar && received - taken_ < kLatest;
  }
  // Late, or the last one again.
  bool has_come(std::uint64_t number, Timestamp received) const {
    return (number == last_ && last_ != 0) || is_late(number, received);
  }
  // Of a message that is passed on.
  void take(std::uint64_t number, Timestamp received) {
    last_ = number;
    taken_ = received;
  }

 private:
  // Of the numbers that rise fastest three days: Bitstamp's ids, milliseconds times 2^22.
  static constexpr std::uint64_t kFar = std::uint64_t{1} << 50U;

  std::uint64_t last_ = 0;
  Timestamp taken_ = kNoTime;
};

}  // namespace ticker::feed
