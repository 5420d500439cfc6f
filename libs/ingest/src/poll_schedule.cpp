#include "poll_schedule.hpp"

#include <algorithm>

namespace ticker::ingest {
namespace {

using std::chrono::milliseconds;

milliseconds apart(std::size_t requests_per_minute) {
  return requests_per_minute == 0 ? milliseconds(0)
                                  : milliseconds(std::chrono::minutes(1)) /
                                        static_cast<milliseconds::rep>(requests_per_minute);
}

}  // namespace

PollSchedule::PollSchedule(std::size_t requests, milliseconds interval,
                           std::size_t requests_per_minute)
    : interval_(std::max(interval, apart(requests_per_minute) *
                                       static_cast<milliseconds::rep>(requests))),
      budget_(requests_per_minute == 0 ? 0 : 1, apart(requests_per_minute)),
      requests_(requests) {}

void PollSchedule::start(TimePoint now) {
  for (auto& request : requests_) {
    request.due = now;
  }
}

std::optional<PollSchedule::Next> PollSchedule::next(TimePoint now) {
  if (under_way_ >= kMostUnderWay) {
    return std::nullopt;
  }
  const Request* first = nullptr;
  for (const auto& request : requests_) {
    if (!request.is_under_way && (first == nullptr || request.due < first->due)) {
      first = &request;
    }
  }
  if (first == nullptr) {
    return std::nullopt;
  }
  return Next{static_cast<std::size_t>(first - requests_.data()),
              std::max({first->due, paused_until_, budget_.free_at(now)})};
}

void PollSchedule::sent(std::size_t request, TimePoint now) {
  auto& sent = requests_[request];
  budget_.take(now);
  sent.is_under_way = true;
  ++under_way_;
  sent.due += interval_;
  // What a pause swallowed is not made up for.
  if (sent.due <= now) {
    sent.due = now + interval_;
  }
}

void PollSchedule::answered(std::size_t request) {
  requests_[request].is_under_way = false;
  --under_way_;
}

void PollSchedule::pause_until(TimePoint when) { paused_until_ = std::max(paused_until_, when); }

void PollSchedule::pause_until(std::size_t request, TimePoint when) {
  auto& due = requests_[request].due;
  due = std::max(due, when);
}

}  // namespace ticker::ingest
