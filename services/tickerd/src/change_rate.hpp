#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include <ticker/base/clock.hpp>

namespace ticker::tickerd {

// How many changes a replay may play in a second, of real time.
class ChangeRate {
 public:
  // 0: no limit.
  explicit ChangeRate(std::size_t per_second) : rate_(static_cast<double>(per_second)) {}

  // One more. False: not now.
  bool take(Timestamp now) {
    if (rate_ == 0) {
      return true;
    }
    // So much of a second's may come at once.
    constexpr double kBurst = 0.1;
    const std::chrono::duration<double> passed = now - at_;
    allowance_ = std::min(std::max(1.0, rate_ * kBurst), allowance_ + passed.count() * rate_);
    at_ = now;
    if (allowance_ < 1) {
      return false;
    }
    allowance_ -= 1;
    return true;
  }

 private:
  const double rate_;
  double allowance_ = 0;  // as of …
  Timestamp at_ = kNoTime;
};

}  // namespace ticker::tickerd
