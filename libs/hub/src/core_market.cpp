// What comes of the market: batches, whole states, other epochs.
#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core.hpp"
#include "prefetch.hpp"

namespace ticker::hub {

using market::Batch;
using market::InstrumentId;
using market::InstrumentState;
using market::MarketState;
using market::Version;

namespace {

// Of an instrument that the batch itself removed, only the removal is left. No symbol: nor is that.
TradeRing::Source source_of(const MarketState& state, InstrumentId id) {
  if (const InstrumentState* instrument = state.find(id)) {
    return {id, instrument->line.id, instrument->instrument.symbol};
  }
  const auto& removals = state.removals();
  const auto found =
      std::find_if(removals.rbegin(), removals.rend(),
                   [id](const MarketState::Removal& removal) { return removal.id == id; });
  return found == removals.rend() ? TradeRing::Source{}
                                  : TradeRing::Source{id, found->line.id, found->symbol};
}

bool same(const market::FeedStatus& a, const market::FeedStatus& b) {
  return a.feed == b.feed && a.state == b.state && a.since == b.since && a.reason == b.reason;
}

}  // namespace

MarketState::ApplyResult Hub::Core::take(const Batch& batch, Timestamp now) {
  enter(now);
  before_ = state_.version();
  published_ = batch.published == kNoTime ? now_ : batch.published;
  const std::size_t removals = state_.removals().size() + batch.removed.size();
  const auto result = state_.apply(batch);
  if (result != MarketState::ApplyResult::kApplied) {
    return result;
  }
  stats_.removals_forgotten.add(removals - state_.removals().size());
  for (const auto& created : batch.created) {
    if (const InstrumentState* instrument = state_.find(created.id)) {
      note_created(*instrument);
    }
    const auto source = source_of(state_, created.id);
    if (created.line.jumps(created.id) && !source.symbol.empty()) {
      ring_.add_jump(source, created.line.before, created.version);
      note_trade(created.id, ring_.end() - 1, kNoTime);
    }
  }
  for (const auto& change : batch.changes) {
    note_change(change.id, change.version, change.fields.has(market::Field::kStale),
                change.receive_time);
  }
  for (const auto& trade : batch.trades) {
    const auto source = source_of(state_, trade.instrument);
    if (!source.symbol.empty()) {
      const auto position = ring_.end();
      ring_.add(trade, source);
      note_trade(trade.instrument, position, trade.receive_time);
    }
  }
  for (const auto& removed : batch.removed) {
    note_removed(removed.id, removed.version);
  }
  note_feeds(batch);
  serve_waiting();
  if (ring_.end() - served_trades_ > ring_.capacity() / 2) {
    // Trades are not merged: what is forgotten before it is served is a gap. A flush leaves what is
    // more than its frames for later, which is too late here.
    do {
      flush();
    } while (!ready_.empty());
  }
  return result;
}

void Hub::Core::serve(Timestamp now) {
  enter(now);
  flush();
}

void Hub::Core::replace_state(MarketState state, Timestamp now) {
  enter(now);
  stats_.resyncs.add();
  if (state.epoch() != state_.epoch()) {
    state_ = std::move(state);
    start_epoch();
    serve_waiting();
    flush();
    return;
  }
  before_ = state_.version();
  published_ = now_;
  const TradeRing::Position lost_from = ring_.end();
  note_lost_trades(state);
  std::vector<InstrumentId> fresh_or_stale;  // whose staleness changed
  for (InstrumentId id = 0; id < state_.end_id(); ++id) {
    const InstrumentState* older = state_.find(id);
    const InstrumentState* newer = state.find(id);
    if (older != nullptr && newer == nullptr) {
      note_removed(id, state.version());
    } else if (older != nullptr && older->stale != newer->stale) {
      fresh_or_stale.push_back(id);
    }
  }
  const std::vector<market::FeedStatus> feeds = state_.feeds();
  state_ = std::move(state);
  tickers_.rebuild(state_);
  trade_selections_.rebuild(state_);
  state_.for_each_changed_since(before_, [&](const InstrumentState& instrument) {
    note_change(instrument.id, instrument.updated, false, instrument.receive_time);
    return true;
  });
  for (const InstrumentId id : fresh_or_stale) {
    note_change(id, state_.version(), true, kNoTime);
  }
  if (lost_from < ring_.end()) {
    wake_all_trades(lost_from, kNoTime);
  }
  Batch changed;
  for (const market::FeedStatus& feed : feeds) {
    changed.feeds_removed.push_back(feed.feed);
  }
  for (const market::FeedStatus& feed : state_.feeds()) {
    std::erase(changed.feeds_removed, feed.feed);
    const auto is_same = [&](const market::FeedStatus& older) { return same(older, feed); };
    if (std::none_of(feeds.begin(), feeds.end(), is_same)) {
      changed.feeds.push_back(feed);
    }
  }
  note_feeds(changed);
  serve_waiting();
  flush();
}

void Hub::Core::start_epoch() {
  lane_server_.clear();
  ring_.clear();
  forget_early_trades();
  tickers_.rebuild(state_);
  trade_selections_.rebuild(state_);
  for (const auto& session : sessions_) {
    if (session->trades) {
      trade_server_.start_anew(*session->trades);
    }
    for (const auto& lane : session->lanes) {
      lane->part->urgent = 0;  // the versions are others
    }
    start_anew(*session);
  }
}

void Hub::Core::forget_early_trades() {
  for (const MarketState::Removal& removal : state_.removals()) {
    if (removal.trades > 0) {
      ring_.forget(removal.line.id, removal.trades, state_.version());
    }
  }
  for (InstrumentId id = 0; id < state_.end_id(); ++id) {
    const InstrumentState* instrument = state_.find(id);
    if (instrument != nullptr && instrument->trades > 0) {
      ring_.forget(instrument->line.id, instrument->trades, state_.version());
    }
  }
}

void Hub::Core::note_lost_trades(const MarketState& newer) {
  const auto note = [&](const TradeRing::Source& source, const market::TradeLine& line,
                        std::uint64_t trades) {
    const InstrumentState* older = state_.find(source.instrument);
    if (older == nullptr && line.jumps(source.instrument)) {
      ring_.add_jump(source, line.before, newer.version());
    }
    const std::uint64_t had = older == nullptr ? line.before : older->trades;
    if (trades > had) {
      ring_.add_lost(source, {had + 1, trades - had, state_.version(), newer.version()});
    }
  };
  for (const MarketState::Removal& removal : newer.removals()) {
    if (removal.removed > state_.version()) {
      note({removal.id, removal.line.id, removal.symbol}, removal.line, removal.trades);
    }
  }
  for (InstrumentId id = 0; id < newer.end_id(); ++id) {
    if (const InstrumentState* instrument = newer.find(id)) {
      note(source_of(newer, id), instrument->line, instrument->trades);
    }
  }
}

void Hub::Core::serve_waiting() {
  for (Session* session : std::exchange(waiting_, {})) {
    const auto& since = *session->held->request->since;
    if (since.epoch == state_.epoch() && since.version > state_.version()) {
      waiting_.push_back(session);
      continue;
    }
    session->waiting = false;
    session->since_wait.cancel();
    take_held(*session);
    update_reading(*session);
  }
}

void Hub::Core::note_created(const InstrumentState& instrument) {
  tickers_.created(instrument);
  trade_selections_.created(instrument);
  note_change(instrument.id, instrument.created, false, kNoTime);
}

void Hub::Core::note_removed(InstrumentId id, Version version) {
  note_change(id, version, false, kNoTime);
  tickers_.removed(id);
  trade_selections_.removed(id);
  lane_server_.forget(id);
}

void Hub::Core::note_change(InstrumentId id, Version version, bool urgent, Timestamp received) {
  const auto expect = [](Part& part) {
    if (!part.quiet.empty()) {
      prefetch(static_cast<Lane*>(&part.quiet.front()), sizeof(Lane));
    }
  };
  tickers_.interest().change(id, expect, [&](Part& part) { wake(part, received); });
  if (urgent) {
    for (Part* part : tickers_.interest().parts(id)) {
      hasten(*part, version);
    }
  }
}

void Hub::Core::note_trade(InstrumentId id, TradeRing::Position position, Timestamp received) {
  if (state_.find(id) == nullptr) {
    // The batch removed it: if it also made it, no selection ever had it.
    return wake_all_trades(position, received);
  }
  for (Part* part : trade_selections_.interest().parts(id)) {
    while (!part->quiet.empty()) {
      wake(static_cast<TradeStream&>(part->quiet.front()), position, received);
    }
  }
}

void Hub::Core::wake(TradeStream& stream, TradeRing::Position position, Timestamp received) {
  stream.selection->part(0).awake.push_back(stream);
  // All before was served or is not for this client: a quiet one is never searched for in the whole
  // ring.
  stream.cursor = position;
  stream.due = true;
  stream.oldest_change = published_;
  stream.oldest_receive = received;
  enqueue(stream.session);
}

void Hub::Core::wake_all_trades(TradeRing::Position position, Timestamp received) {
  for (const auto& session : sessions_) {
    if (session->trades && !session->trades->due) {
      wake(*session->trades, position, received);
    }
  }
}

void Hub::Core::note_feeds(const Batch& batch) {
  const auto tell = [this](const std::string& feed, const auto& shows) {
    std::unordered_map<std::string_view, bool> shown;  // by filters' keys: few, for many clients
    for (const auto& session : sessions_) {
      if (!session->status || !session->status->wants(feed)) {
        continue;
      }
      const SymbolFilter& filter = session->access->symbols;
      const auto [known, is_new] = shown.try_emplace(filter.key(), false);
      if (is_new) {
        known->second = shows(filter, feed);
      }
      if (known->second) {
        session->status->tell(feed);
        enqueue(*session);
      }
    }
  };
  for (const std::string& feed : batch.feeds_removed) {
    // Its instruments have gone already.
    tell(feed, [](const SymbolFilter& filter, const std::string& of) {
      return filter.names_feed(of) != SymbolFilter::Names::kNothing;
    });
  }
  for (const auto& changed : batch.feeds) {
    tell(changed.feed, [this](const SymbolFilter& filter, const std::string& of) {
      return filter.shows_feed(state_, of);
    });
  }
}

}  // namespace ticker::hub
