#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <ticker/base/clock.hpp>

namespace ticker::hub {

// A rate limit that allows bursts and can go into debt. Counts in units of its user's choice; the
// rate is in units a microsecond.
class TokenBucket {
 public:
  TokenBucket(std::int64_t capacity, Timestamp now) : level_(capacity), at_(now) {}

  // What is there at `now`; negative: a debt.
  std::int64_t level(std::int64_t rate, std::int64_t capacity, Timestamp now) {
    // Longer than this fills any bucket, and could overflow the product.
    constexpr std::int64_t kLongUs = 3'600'000'000;
    const std::int64_t elapsed = std::clamp<std::int64_t>((now - at_).count(), 0, kLongUs);
    level_ = std::min(capacity, level_ + elapsed * rate);
    at_ = now;
    return level_;
  }
  void take(std::int64_t amount) { level_ -= amount; }
  // The level does not sink below `least` by it.
  void take(std::int64_t amount, std::int64_t least) {
    level_ = std::max(level_ - amount, std::min(level_, least));
  }
  // When the debt, as of the last level(), will be paid.
  Timestamp solvent_at(std::int64_t rate) const {
    return level_ >= 0 ? at_ : at_ + std::chrono::microseconds((-level_ + rate - 1) / rate);
  }

 private:
  std::int64_t level_;
  Timestamp at_;
};

}  // namespace ticker::hub
