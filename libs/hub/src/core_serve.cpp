// What is sent when a turn has come.
#include <algorithm>
#include <utility>

#include "core.hpp"
#include "prefetch.hpp"

namespace ticker::hub {
namespace {

// After so many frames for those who still have something to get, other work of the loop has its
// turn.
constexpr int kRounds = 8;

}  // namespace

void Hub::Core::flush() {
  served_trades_ = ring_.end();
  if (ready_.empty()) {
    return;
  }
  const auto started = options_.stats_clock == nullptr ? now_ : options_.stats_clock->now();
  for (int round = 0; round < kRounds && !ready_.empty(); ++round) {
    // Who has more to get once its frame was taken stands in ready_ again.
    std::swap(serving_, ready_);
    sockets_.begin_batch();
    for (std::size_t i = 0; i < serving_.size(); ++i) {
      if (arena_.full()) {
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
  constexpr std::size_t kIdsBytes = 256;  // of a watchlist; longer lists are read in order
  const auto session_ahead = [&](std::size_t steps) -> const Session* {
    const std::size_t at = serving + steps * kAhead;
    return at < serving_.size() ? serving_[at] : nullptr;
  };
  const auto lane_ahead = [&](std::size_t steps) -> const Lane* {
    const Session* session = session_ahead(steps);
    return session == nullptr || session->lanes.empty() ? nullptr : session->lanes.front().get();
  };
  if (const Session* session = session_ahead(5)) {
    prefetch(session, Session::kServedBytes);
  }
  if (const Session* session = session_ahead(4)) {
    prefetch(session->lanes.data());
    prefetch(&session->connection);
  }
  if (const Lane* lane = lane_ahead(3)) {
    prefetch(lane, sizeof(Lane));
  }
  if (const Session* session = session_ahead(2)) {
    session->connection.expect_write();
  }
  if (const Lane* lane = lane_ahead(2)) {
    prefetch(lane->part, sizeof(Part));
  }
  if (const Lane* lane = lane_ahead(1)) {
    const auto& ids = lane->part->ids;
    prefetch(ids.data(), std::min(ids.size() * sizeof(market::InstrumentId), kIdsBytes));
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
    (void)write_message(session, protocol::Heartbeat{
                                     session.lent ? session.connection.replayer()->time() : now_});
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
    (void)after_turn(lane);
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
    const std::uint64_t changes = after_turn(lane);
    stats_.merged.add(delta && changes > frame->entries ? changes - frame->entries : 0);
  }
  return true;
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
  if (session.lent) {
    return;  // it holds nothing of this market
  }
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
    lane->part->awake.push_back(*lane);
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
