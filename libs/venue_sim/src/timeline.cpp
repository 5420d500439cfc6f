#include <ticker/venue_sim/timeline.hpp>

#include <algorithm>

namespace ticker::venue_sim {

void Timeline::start(Timestamp now) {
  if (!started_) {
    started_ = now;
  }
}

void Timeline::advance(Timestamp now, bool all_taken) {
  if (!started_) {
    return;
  }
  if (options_.speed == kMax) {
    const auto next = position_ + (all_taken && !at_end() ? kSlice : 0);
    position_ = options_.loop ? next : std::min(next, tape_.size());
    return;
  }
  while (!at_end() && due(position_) <= now) {
    ++position_;
  }
}

std::optional<Timestamp> Timeline::next_due() const {
  if (!started_ || at_end() || options_.speed == kMax) {
    return std::nullopt;
  }
  return due(position_);
}

std::chrono::nanoseconds Timeline::offset(std::size_t position) const {
  // A round lasts as long as the recording, and one mean gap until it begins anew.
  const auto size = tape_.size();
  const auto span = tape_.offset(size - 1);
  const auto round = span + std::max(span / static_cast<long>(size), std::chrono::nanoseconds(1));
  return static_cast<long>(position / size) * round + tape_.offset(position % size);
}

Timestamp Timeline::due(std::size_t position) const {
  return *started_ + std::chrono::microseconds(static_cast<std::int64_t>(
                         static_cast<double>(offset(position).count()) / options_.speed / 1000.0));
}

}  // namespace ticker::venue_sim
