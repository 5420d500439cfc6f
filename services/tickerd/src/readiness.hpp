#pragma once

#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/clock.hpp>

namespace ticker::tickerd {

// Whether traffic should be sent here: what /readyz answers. Ready once every required feed was live, or when the time given
// for that is over; not any more once draining. Any thread.
class Readiness {
 public:
  explicit Readiness(const Clock& clock) : clock_(clock), give_up_(clock.now()) {}

  // The feeds waited for, from now on and for so long.
  void require(const std::vector<std::string>& feeds, std::chrono::milliseconds at_most);
  void feed_live(std::string_view feed);
  void start_draining();

  // Empty: ready. Else why not, in plain words.
  std::string why_not() const;

 private:
  const Clock& clock_;

  // Guards all below; taken by health checks and when a feed's state changes, never per tick.
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> waiting_for_;
  std::set<std::string, std::less<>> were_live_;
  Timestamp give_up_;
  bool draining_ = false;
};

}  // namespace ticker::tickerd
