#include "timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace ticker::hub {
namespace {

std::int64_t floor_ms(Timestamp time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}
std::int64_t ceil_ms(Timestamp time) {
  return std::chrono::ceil<std::chrono::milliseconds>(time).time_since_epoch().count();
}

}  // namespace

std::int64_t TimerWheel::Marks::first(std::int64_t from, std::int64_t to) const {
  while (from < to) {
    const std::size_t bit = slot(from) % kBits;
    if (const std::uint64_t rest = words_[slot(from) / kBits] >> bit; rest != 0) {
      return std::min(to, from + std::countr_zero(rest));
    }
    from += static_cast<std::int64_t>(kBits - bit);
  }
  return to;
}

TimerWheel::TimerWheel(Timestamp start) : now_ms_(floor_ms(start)) {}

void TimerWheel::arm(TimerNode& node, Timestamp when) {
  node.due_ms = std::max(ceil_ms(when), now_ms_);
  place(node);
}

void TimerWheel::place(TimerNode& node) {
  constexpr auto kLap = static_cast<std::int64_t>(kSlots);
  const std::int64_t lap = now_ms_ / kLap;
  if (node.due_ms / kLap == lap) {
    near_[slot(node.due_ms)].push_back(node);
    near_used_.set(slot(node.due_ms));
    return;
  }
  // What lies beyond the far wheel waits in its last slot, and is placed again from there.
  const std::int64_t far = std::min(node.due_ms / kLap, lap + kLap - 1);
  far_[slot(far)].push_back(node);
  far_used_.set(slot(far));
}

TimerNode* TimerWheel::pop(Timestamp now) {
  const std::int64_t until = floor_ms(now);
  for (;;) {
    auto& due = near_[slot(now_ms_)];
    if (!due.empty()) {
      TimerNode& node = due.front();
      node.cancel();
      return &node;
    }
    near_used_.reset(slot(now_ms_));
    if (now_ms_ >= until) {
      return nullptr;
    }
    if (near_used_.none() && far_used_.none()) {
      now_ms_ = until;
      return nullptr;
    }
    // On to the next slot in use, not past the lap's end, where the far wheel is asked.
    const auto lap_end =
        (now_ms_ / static_cast<std::int64_t>(kSlots) + 1) * static_cast<std::int64_t>(kSlots);
    now_ms_ = near_used_.first(now_ms_ + 1, std::min(until, lap_end));
    if (now_ms_ == lap_end) {
      cascade();
    }
  }
}

void TimerWheel::cascade() {
  const std::size_t index = slot(now_ms_ / static_cast<std::int64_t>(kSlots));
  far_used_.reset(index);
  IntrusiveList<TimerNode> waiting;
  while (!far_[index].empty()) {
    waiting.push_back(far_[index].front());
  }
  while (!waiting.empty()) {
    place(waiting.front());
  }
}

std::optional<Timestamp> TimerWheel::next() const {
  constexpr auto kLap = static_cast<std::int64_t>(kSlots);
  const std::int64_t lap_end = (now_ms_ / kLap + 1) * kLap;
  for (std::int64_t tick = now_ms_; (tick = near_used_.first(tick, lap_end)) < lap_end; ++tick) {
    if (!near_[slot(tick)].empty()) {
      return Timestamp(std::chrono::milliseconds(tick));
    }
    near_used_.reset(slot(tick));
  }
  const std::int64_t last = now_ms_ / kLap + kLap;
  for (std::int64_t far = now_ms_ / kLap + 1; (far = far_used_.first(far, last)) < last; ++far) {
    if (!far_[slot(far)].empty()) {
      return Timestamp(std::chrono::milliseconds(far * kLap));
    }
    far_used_.reset(slot(far));
  }
  return std::nullopt;
}

}  // namespace ticker::hub
