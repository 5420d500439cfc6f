#include "replay_clock.hpp"

#include <algorithm>
#include <chrono>

namespace ticker::tickerd {
namespace {

constexpr std::chrono::seconds kMostBehind{1};

Timestamp::duration scaled(Timestamp::duration time, double by) {
  return std::chrono::duration_cast<Timestamp::duration>(
      std::chrono::duration<double, std::micro>(static_cast<double>(time.count()) * by));
}

}  // namespace

void ReplayClock::go_on(Timestamp time, Timestamp now) {
  goes_ = true;
  base_ = time;
  since_ = now;
}

void ReplayClock::wait_for(Timestamp next, Timestamp now) {
  if (has_pace() && at(now) - next > scaled(kMostBehind, speed_)) {
    go_on(next, now);
  }
}

Timestamp ReplayClock::at(Timestamp now) const { return base_ + scaled(now - since_, speed_); }

Timestamp::duration ReplayClock::until(Timestamp time, Timestamp now) const {
  return std::max(scaled(time - at(now), 1 / speed_), Timestamp::duration(0));
}

}  // namespace ticker::tickerd
