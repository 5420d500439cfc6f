#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include <ticker/ingest/backoff.hpp>
#include <ticker/ingest/sliding_window.hpp>

namespace ticker::ingest {

// When each of a polled feed's requests is sent: once an interval, evenly apart within the venue's
// budget, few at once, and none while the venue wants to be left alone. Pure; ingest thread only.
class PollSchedule {
 public:
  static constexpr std::size_t kMostUnderWay = 4;

  // `requests_per_minute`: of all of them; 0: no limit. The interval is longer where they need it.
  PollSchedule(std::size_t requests, std::chrono::milliseconds interval,
               std::size_t requests_per_minute);

  std::chrono::milliseconds interval() const { return interval_; }

  // All are due now.
  void start(TimePoint now);

  struct Next {
    std::size_t request;
    TimePoint when;
  };
  // nullopt: an answer has to come first.
  std::optional<Next> next(TimePoint now);
  // Requires: next(now) said so.
  void sent(std::size_t request, TimePoint now);
  void answered(std::size_t request);
  // Until then none is sent, or this one is not.
  void pause_until(TimePoint when);
  void pause_until(std::size_t request, TimePoint when);

 private:
  struct Request {
    TimePoint due{};
    bool is_under_way = false;
  };

  std::chrono::milliseconds interval_;
  SlidingWindow budget_;
  std::vector<Request> requests_;
  std::size_t under_way_ = 0;
  TimePoint paused_until_{};
};

}  // namespace ticker::ingest
