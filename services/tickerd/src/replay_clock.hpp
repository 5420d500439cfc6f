#pragma once

#include <ticker/base/clock.hpp>

namespace ticker::tickerd {

// A recording's clock. It stands, or goes at a multiple of the pace of the real one; without a pace, what it shows is up to
// whoever plays.
class ReplayClock {
 public:
  // 0: no pace.
  explicit ReplayClock(double speed) : speed_(speed) {}

  // Requires: it stands.
  void set_speed(double speed) { speed_ = speed; }
  double speed() const { return speed_; }
  bool has_pace() const { return speed_ != 0; }

  bool goes() const { return goes_; }
  void stand() { goes_ = false; }
  // From `now` on, where it is `time`.
  void go_on(Timestamp time, Timestamp now);
  // A client or machine that can't keep up is played to slower than asked, rather than ever further behind: if what is to be
  // played next was due too long ago, it is due now. Requires: it goes.
  void wait_for(Timestamp next, Timestamp now);

  // Requires: it goes, and has a pace.
  Timestamp at(Timestamp now) const;
  // In real time; nothing, if it was before. Requires: as at().
  Timestamp::duration until(Timestamp time, Timestamp now) const;

 private:
  double speed_;
  bool goes_ = false;
  // While it goes, it was at `base_` at `since_`.
  Timestamp base_ = kNoTime;
  Timestamp since_ = kNoTime;
};

}  // namespace ticker::tickerd
