#include <ticker/ingest/sliding_window.hpp>

#include <cassert>

namespace ticker::ingest {

TimePoint SlidingWindow::free_at(TimePoint now) {
  forget_until(now);
  return limit_ == 0 || events_.size() < limit_ ? now : events_.front() + length_;
}

void SlidingWindow::take(TimePoint now) {
  if (limit_ == 0) {
    return;
  }
  forget_until(now);
  assert(events_.size() < limit_);
  events_.push_back(now);
}

void SlidingWindow::forget_until(TimePoint now) {
  while (!events_.empty() && now - events_.front() >= length_) {
    events_.pop_front();
  }
}

}  // namespace ticker::ingest
