// When lanes have their turn.
#include <algorithm>
#include <utility>

#include "core.hpp"

namespace ticker::hub {
namespace {

using std::chrono::milliseconds;

// Those who have an interval are spread over slots of it, each of which costs a wake-up of the
// loop. So long each, but at least so many an interval.
constexpr milliseconds kSlot{5};
constexpr int kLeastSlots = 8;

// After so many changes in one interval the next one's first is near: the lane gets a turn without
// being woken for it. If nothing comes after all, it is quiet from then on.
constexpr std::uint64_t kBusy = 8;

// To arm a part, and to disarm it, costs a look at each of its instruments: one that has more than
// so many stays armed once it was quiet, and hears of every change instead.
constexpr std::size_t kWide = 256;

// A number from 0 to range - 1, spread evenly over neighbouring connection numbers.
std::int64_t spread(std::uint64_t number, std::int64_t range) {
  const std::uint64_t fraction = (number * 0x9E3779B97F4A7C15U) >> 32;
  return static_cast<std::int64_t>((fraction * static_cast<std::uint64_t>(range)) >> 32);
}

// The first point of the lane's grid that is not before `from`.
Timestamp grid_point(std::uint64_t number, milliseconds interval, Timestamp from) {
  const milliseconds slot = std::clamp(interval / kLeastSlots, milliseconds(1), kSlot);
  const Timestamp phase{slot * spread(number, interval / slot)};
  const auto turns = (from - phase + interval - std::chrono::microseconds(1)) / interval;
  return phase + turns * interval;
}

}  // namespace

void Hub::Core::wake(Part& part, Timestamp received) {
  while (!part.quiet.empty()) {
    auto& lane = static_cast<Lane&>(part.quiet.front());
    part.awake.push_back(lane);
    // While it was quiet nothing of it changed: what changed elsewhere need not be searched.
    lane.served = std::max(lane.served, before_);
    lane.removed_from = std::max(lane.removed_from, before_);
    lane.oldest_change = published_;
    lane.oldest_receive = received;
    schedule(lane);
  }
}

void Hub::Core::hasten(Part& part, market::Version version) {
  // A lane's bandwidth is charged for it, and does not hold it back. Once in what is being applied
  // is enough: none of them is served in between.
  if (part.urgent <= before_) {
    part.awake.for_each(
        [this](Subscriber& subscriber) { make_due(static_cast<Lane&>(subscriber)); });
  }
  part.urgent = version;
}

void Hub::Core::schedule(Lane& lane) {
  Timestamp when = now_;
  if (lane.settings.interval.count() > 0) {
    when = grid_point(lane.session.number, lane.settings.interval, std::max(now_, lane.not_before));
  }
  if (lane.settings.max_kbit_per_s > 0) {
    lane.bandwidth.level(lane.settings.max_kbit_per_s, 0, now_);
    when = std::max(when, lane.bandwidth.solvent_at(lane.settings.max_kbit_per_s));
  }
  if (when <= now_) {
    make_due(lane);
  } else {
    timers_.arm(lane, when);
  }
}

void Hub::Core::make_due(Lane& lane) {
  lane.cancel();
  lane.due = true;
  enqueue_due(lane.session);
}

void Hub::Core::enqueue(Session& session) {
  if (session.has_due()) {
    enqueue_due(session);
  }
}

void Hub::Core::enqueue_due(Session& session) {
  if (!session.queued && !session.blocked && !session.ending) {
    session.queued = true;
    ready_.push_back(&session);
  }
}

std::uint64_t Hub::Core::after_turn(Lane& lane) {
  Part& part = *lane.part;
  const std::uint64_t now = tickers_.interest().changes(part);
  const std::uint64_t before = std::exchange(lane.changes_before, now);
  const std::uint64_t changes = now - std::min(now, before);  // fewer: an instrument is gone
  lane.not_before = now_ + std::chrono::microseconds(1);
  lane.oldest_change = lane.oldest_receive = kNoTime;
  if (lane_server_.has_more(lane)) {
    lane.oldest_change = now_;
    if (part.urgent > lane.served) {
      make_due(lane);
    } else {
      schedule(lane);
    }
  } else if (lane.settings.interval.count() > 0 && changes >= kBusy) {
    lane.oldest_change = lane.oldest_receive = now_;
    schedule(lane);
  } else {
    part.quiet.push_back(lane);
    if (lane.settings.interval.count() == 0 || part.ids.size() > kWide) {
      tickers_.interest().tell_of_all(part);
    }
    tickers_.interest().arm(part);
  }
  return changes;
}

}  // namespace ticker::hub
