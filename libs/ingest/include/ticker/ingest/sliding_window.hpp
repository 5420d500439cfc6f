#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

#include <ticker/ingest/backoff.hpp>

namespace ticker::ingest {

// At most `limit` events in any window of the given length: what venues mean by "5 messages per
// second". Ingest thread only.
class SlidingWindow {
 public:
  // limit 0: no limit.
  SlidingWindow(std::size_t limit, std::chrono::milliseconds length)
      : limit_(limit), length_(length) {}

  // When the next event may happen: `now` or later.
  TimePoint free_at(TimePoint now);
  // An event happens. Requires: free_at(now) == now.
  void take(TimePoint now);

 private:
  void forget_until(TimePoint now);

  std::size_t limit_;
  std::chrono::milliseconds length_;
  std::deque<TimePoint> events_;  // within the window, limit_ at most
};

}  // namespace ticker::ingest
