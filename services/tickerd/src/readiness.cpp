#include "readiness.hpp"

namespace ticker::tickerd {

void Readiness::require(const std::vector<std::string>& feeds, std::chrono::milliseconds at_most) {
  const std::lock_guard lock(mutex_);
  if (!give_up_) {
    give_up_ = clock_.now() + at_most;
  } else if (given()) {
    return;
  }
  waiting_for_.clear();
  for (const auto& feed : feeds) {
    if (!were_live_.contains(feed)) {
      waiting_for_.insert(feed);
    }
  }
}

void Readiness::feed_live(std::string_view feed) {
  const std::lock_guard lock(mutex_);
  were_live_.emplace(feed);
  if (const auto found = waiting_for_.find(feed); found != waiting_for_.end()) {
    waiting_for_.erase(found);
  }
}

void Readiness::start_draining() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
}

std::string Readiness::why_not() const {
  const std::lock_guard lock(mutex_);
  if (draining_) {
    return "draining: the service is stopping";
  }
  if (given()) {
    return {};
  }
  std::string reason = "not live yet:";
  for (const auto& feed : waiting_for_) {
    reason += " " + feed;
  }
  return reason;
}

}  // namespace ticker::tickerd
