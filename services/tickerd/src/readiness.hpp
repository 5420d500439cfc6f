#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/clock.hpp>

namespace ticker::tickerd {

// Whether traffic should be sent here: what /readyz answers. Ready once every required feed was live, or when the time given
// for that is over; from then on only draining ends it. Any thread.
class Readiness {
 public:
  explicit Readiness(const Clock& clock) : clock_(clock) {}

  // The feeds waited for, and how long at most from the first call on. Later ones, of a reload, change nothing once it is ready.
  void require(const std::vector<std::string>& feeds, std::chrono::milliseconds at_most);
  void feed_live(std::string_view feed);
  void start_draining();

  // Empty: ready. Else why not, in plain words.
  std::string why_not() const;

 private:
  bool given() const { return waiting_for_.empty() || clock_.now() >= *give_up_; }

  const Clock& clock_;

  // Guards all below; taken by health checks and when a feed's state changes, never per tick.
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> waiting_for_;
  std::set<std::string, std::less<>> were_live_;
  std::optional<Timestamp> give_up_;
  bool draining_ = false;
};

}  // namespace ticker::tickerd
