// What is sent when.
#include <algorithm>
#include <utility>

#include "core.hpp"
#include "prefetch.hpp"

namespace ticker::hub {
namespace {

using std::chrono::milliseconds;

// A flush hands its frames to the kernel whenever they come to so much, so that the arena stays
// small.
constexpr std::size_t kBatchBytes = 4 * 1024 * 1024;
// After so many frames for those who still have something to get, other work of the loop has its
// turn.
constexpr int kRounds = 8;

// Those who have an interval are spread over slots of it, each of which costs a wake-up of the
// loop. So long each, but at least so many an interval.
constexpr milliseconds kSlot{5};
constexpr int kLeastSlots = 8;

// After so many changes in one interval the next one's first is near: the lane gets a turn without
// being woken for it. If nothing comes after all, it is quiet from then on.
constexpr std::uint64_t kBusy = 8;

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
  enqueue(lane.session);
}

void Hub::Core::enqueue(Session& session) {
  if (!session.queued && !session.blocked && !session.ending && session.has_due()) {
    session.queued = true;
    ready_.push_back(&session);
  }
}

void Hub::Core::flush() {
  if (ready_.empty()) {
    return;
  }
  const auto started = options_.stats_clock == nullptr ? now_ : options_.stats_clock->now();
  for (int round = 0; round < kRounds && !ready_.empty(); ++round) {
    // Who has more to get once its frame was taken stands in ready_ again.
    std::swap(serving_, ready_);
    sockets_.begin_batch();
    for (std::size_t i = 0; i < serving_.size(); ++i) {
      if (arena_.used() > kBatchBytes) {
        sockets_.end_batch();
        arena_.clear();
        sockets_.begin_batch();
      }
      bring_near(i);
      Session& session = *serving_[i];
      serve(session);
      if (!session.queued && (session.held || session.paused != session.rests())) {
        settling_.push_back(&session);
      }
    }
    sockets_.end_batch();
    arena_.clear();
    serving_.clear();
    for (Session* session : settling_) {
      take_held(*session);
      update_reading(*session);
    }
    settling_.clear();
  }
  for (Session* session : ready_) {
    update_reading(*session);
  }
  if (options_.stats_clock != nullptr) {
    stats_.flush.observe(options_.stats_clock->now() - started);
  }
}

void Hub::Core::bring_near(std::size_t serving) {
  // What one pointer leads to is asked for before what stands there is.
  constexpr std::size_t kAhead = 2;
  if (serving + 2 * kAhead < serving_.size()) {
    prefetch(serving_[serving + 2 * kAhead], sizeof(Session));
  }
  if (serving + kAhead < serving_.size()) {
    const Session& session = *serving_[serving + kAhead];
    prefetch(&session.connection);
    if (!session.lanes.empty()) {
      prefetch(session.lanes.front().get(), sizeof(Lane));
    }
  }
}

void Hub::Core::serve(Session& session) {
  session.queued = false;
  if (session.blocked || session.ending) {
    return;
  }
  if (lost_removals(session)) {
    start_anew(session);
  }
  bool written = false;
  if (session.epoch_due) {
    session.epoch_due =
        write_message(session, protocol::Epoch{state_.epoch()}) == WriteResult::kBlocked;
    written = true;
  }
  const std::size_t slots = session.lanes.size() + 2;
  for (std::size_t tried = 0; tried < slots && !written; ++tried) {
    const std::size_t slot = (session.next_slot + tried) % slots;
    written = serve_slot(session, slot);
    if (written) {
      session.next_slot = static_cast<std::uint8_t>((slot + 1) % slots);
    }
  }
  if (!written && session.heartbeat_due) {
    (void)write_message(session, protocol::Heartbeat{now_});
  }
  if (std::exchange(session.heartbeat_due, false)) {
    arm_upkeep(session);  // for the next one
  }
  enqueue(session);
}

bool Hub::Core::serve_slot(Session& session, std::size_t slot) {
  if (slot < session.lanes.size()) {
    return session.lanes[slot]->due && serve_lane(session, *session.lanes[slot]);
  }
  return slot == session.lanes.size()
             ? session.trades && session.trades->due && serve_trades(session)
             : session.status && serve_status(session);
}

bool Hub::Core::serve_lane(Session& session, Lane& lane) {
  const auto frame = lane_server_.build(lane, *session.ticker, session.seen, session.frame_bytes);
  if (!frame) {
    lane.due = false;
    (void)after_turn(session, lane);
    return false;
  }
  const WriteResult result = write(session, frame->bytes);
  if (result == WriteResult::kBlocked) {
    arena_.undo();
    return true;
  }
  session.seen = std::max(session.seen, state_.version());
  stats_.updates.add(frame->entries);
  note_latency(lane.oldest_change, lane.oldest_receive);
  if (lane.settings.max_kbit_per_s > 0) {
    constexpr std::int64_t kUnitsPerByte = 8'000;
    lane.bandwidth.level(lane.settings.max_kbit_per_s, 0, now_);
    lane.bandwidth.take(static_cast<std::int64_t>(frame->bytes.size) * kUnitsPerByte);
  }
  const bool delta = frame->turn.kind == Turn::Kind::kDelta;
  lane_server_.commit(lane, *frame);
  if (frame->last) {
    lane.due = false;
    const std::uint64_t changes = after_turn(session, lane);
    stats_.merged.add(delta && changes > frame->entries ? changes - frame->entries : 0);
  }
  return true;
}

std::uint64_t Hub::Core::after_turn(Session& session, Lane& lane) {
  auto& part = session.ticker->part(lane.index);
  const std::uint64_t now = tickers_.interest().changes(part);
  const std::uint64_t before = std::exchange(lane.changes_before, now);
  const std::uint64_t changes = now - std::min(now, before);  // fewer: an instrument is gone
  lane.not_before = now_ + std::chrono::microseconds(1);
  lane.oldest_change = lane.oldest_receive = kNoTime;
  if (lane_server_.has_more(lane, *session.ticker)) {
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
    if (lane.settings.interval.count() == 0) {
      tickers_.interest().tell_of_all(part);
    }
    tickers_.interest().arm(part);
  }
  return changes;
}

bool Hub::Core::serve_trades(Session& session) {
  TradeStream& stream = *session.trades;
  const auto frame = trade_server_.build(stream, session.frame_bytes);
  if (frame) {
    if (write(session, frame->bytes) == WriteResult::kBlocked) {
      arena_.undo();
      return true;
    }
    stats_.updates.add(frame->trades);
    stats_.trade_gaps.add(frame->overrun ? 1 : 0);
    note_latency(stream.oldest_change, stream.oldest_receive);
    trade_server_.commit(stream, *frame);
  }
  if (!stream.overrun && stream.cursor == ring_.end()) {
    stream.due = false;
    stream.oldest_change = stream.oldest_receive = kNoTime;
    auto& part = stream.selection->part(0);
    if (stream.known.size() > part.ids.size()) {
      trade_server_.prune(stream, false);
    }
    part.quiet.push_back(stream);
  }
  return frame.has_value();
}

bool Hub::Core::serve_status(Session& session) {
  auto& pending = session.status->pending;
  if (pending.empty()) {
    return false;
  }
  const auto& feeds = state_.feeds();
  const auto feed = std::find_if(feeds.begin(), feeds.end(), [&](const market::FeedStatus& status) {
    return status.feed == pending.front();
  });
  const auto message =
      feed == feeds.end()
          ? protocol::Status{pending.front(), market::FeedState::kDown, now_, "removed"}
          : protocol::Status{feed->feed, feed->state, feed->since,
                             // It may name instruments, of other venues too.
                             session.access->symbols.allows_all() ? feed->reason : ""};
  if (write_message(session, message) != WriteResult::kBlocked) {
    pending.erase(pending.begin());
  }
  return true;
}

bool Hub::Core::lost_removals(const Session& session) const {
  return std::any_of(session.lanes.begin(), session.lanes.end(),
                     [this](const std::unique_ptr<Lane>& lane) {
                       return lane->due && lane->removed_from < state_.oldest_resumable();
                     });
}

void Hub::Core::start_anew(Session& session) {
  session.epoch_due = true;
  session.seen = 0;
  for (const auto& lane : session.lanes) {
    lane->served = 0;
    lane->removed_from = state_.version();
    lane->added = {};
    lane->entering = {};
    lane->part_snapshot = lane->forced = false;
    lane->fresh = true;
    lane->turn = {};
    session.ticker->part(lane->index).awake.push_back(*lane);
    make_due(*lane);
  }
  if (session.status) {
    session.status->pending.clear();
    for (const market::FeedStatus& feed : state_.feeds()) {
      if (session.status->wants(feed.feed) &&
          session.access->symbols.shows_feed(state_, feed.feed)) {
        session.status->tell(feed.feed);
      }
    }
  }
  enqueue(session);
}

}  // namespace ticker::hub
