#include <ticker/market/market_state.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace ticker::market {
namespace {

constexpr FieldSet kChangeFields = FieldSet(Field::kChange24h) | Field::kChangePercent24h;

void set_companions(InstrumentState& state, Timestamp exchange_time, Timestamp receive_time,
                    std::uint64_t ticks) {
  state.exchange_time = exchange_time;
  state.exchange_time_given |= exchange_time != kNoTime;
  state.receive_time = receive_time;
  state.ticks = ticks;
}

// One field takes a value; `changed` gets it, if that makes a difference.
void take(InstrumentState& state, Field field, const Decimal& value, FieldSet& changed) {
  FieldValues& values = state.values;
  const bool differs = !values.has(field) | (values.decimal(field) != value);  // no jump
  values.set(field, value);
  changed.add(differs ? FieldSet(field) : FieldSet());
}
void take_side(InstrumentState& state, Side side, FieldSet& changed) {
  if (!state.values.has(Field::kLastSide) || state.values.side() != side) {
    state.values.set_side(side);
    changed.add(Field::kLastSide);
  }
}
void take_venue(InstrumentState& state, Field field, std::uint8_t venue, FieldSet& changed) {
  if (!state.values.has(field) || state.values.venue(field) != venue) {
    state.values.set_venue(field, venue);
    changed.add(field);
  }
}
// Only a value that existed can cease to: a field never given stays absent.
void take_null(InstrumentState& state, Field field, FieldSet& changed) {
  if (state.values.has(field)) {
    state.values.set_null(field);
    changed.add(field);
  }
}

void merge(InstrumentState& state, const FieldValues& values, FieldSet& changed) {
  const FieldSet given = values.present() - values.null();
  for (const Field field : given & FieldSet::decimals()) {
    take(state, field, values.decimal(field), changed);
  }
  if (given.has(Field::kLastSide)) {
    take_side(state, values.side(), changed);
  }
  for (const Field field : given & kVenueFields) {
    take_venue(state, field, values.venue(field), changed);
  }
  for (const Field field : values.null()) {
    take_null(state, field, changed);
  }
}

}  // namespace

MarketState::MarketState(std::string epoch, Options options)
    : epoch_(std::move(epoch)), options_(options) {
  pending_.epoch = epoch_;
}

const InstrumentState* MarketState::find(std::string_view symbol) const {
  const auto found = by_symbol_.find(symbol);
  return found == by_symbol_.end() ? nullptr : slots_[found->second].get();
}

InstrumentId MarketState::add(Instrument instrument) {
  assert(find(instrument.symbol) == nullptr);
  assert(instrument.venues.size() <= Instrument::kMostVenues);
  const InstrumentId id = end_id();
  ++version_;
  const TradeLine line = line_of(id, instrument.symbol);
  pending_.created.push_back({id, version_, line, instrument});
  insert(id, std::move(instrument), version_, line);
  return id;
}

TradeLine MarketState::line_of(InstrumentId id, std::string_view symbol) const {
  const auto last = std::find_if(removals_.rbegin(), removals_.rend(),
                                 [&](const Removal& removal) { return removal.symbol == symbol; });
  // Of a symbol that nothing is remembered of, a client may hold any count that was forgotten: it
  // must not see one again.
  return last == removals_.rend() ? TradeLine{id, trades_forgotten_}
                                  : TradeLine{last->line.id, last->trades};
}

void MarketState::remove(InstrumentId id) {
  assert(find(id) != nullptr);
  ++version_;
  pending_.removed.push_back({id, version_});
  erase(id, version_);
}

bool MarketState::apply(const Update& update, Stale stale) {
  InstrumentState& state = *slots_[update.instrument];
  state.sent_by_venue.add(update.values.present() & kChangeFields);
  FieldSet changed;
  merge(state, update.values, changed);
  compute_change(state, changed);
  end_stale(state, stale, changed);
  if (changed.empty()) {
    return false;
  }
  set_companions(state, update.exchange_time, update.receive_time, state.ticks + 1);
  commit(state, changed, ++version_);
  record(state, changed);
  return true;
}

void MarketState::apply(const Trade& trade, FieldSet sets, Stale stale) {
  InstrumentState& state = *slots_[trade.instrument];
  FieldSet changed;
  if (sets.has(Field::kLast)) {
    take(state, Field::kLast, trade.price, changed);
  }
  if (sets.has(Field::kLastSize)) {
    take(state, Field::kLastSize, trade.size, changed);
  }
  if (sets.has(Field::kLastSide)) {
    take_side(state, trade.side, changed);
  }
  compute_change(state, changed);
  end_stale(state, stale, changed);
  ++version_;
  pending_.trades.push_back(trade);
  pending_.trades.back().seq = ++state.trades;
  pending_.trades.back().version = version_;
  if (!changed.empty()) {
    set_companions(state, trade.exchange_time, trade.receive_time, state.ticks + 1);
    commit(state, changed, version_);
    record(state, changed);
  }
}

void MarketState::end_stale(InstrumentState& state, Stale stale, FieldSet& changed) {
  if (stale == Stale::kEnds && std::exchange(state.stale, false)) {
    changed.add(Field::kStale);
  }
}

void MarketState::mark_stale(InstrumentId id) {
  InstrumentState& state = *slots_[id];
  if (!std::exchange(state.stale, true)) {
    commit(state, Field::kStale, ++version_);
    record(state, Field::kStale);
  }
}

void MarketState::set_feed(FeedStatus status) {
  ++version_;
  // Shards tell the latest only: a venue that keeps changing its mind must not make them work.
  put_feed(status, pending_.feeds);
  put_feed(std::move(status), feeds_);
}

void MarketState::remove_feed(std::string_view feed) {
  ++version_;
  std::erase_if(pending_.feeds, [&](const FeedStatus& status) { return status.feed == feed; });
  pending_.feeds_removed.emplace_back(feed);
  drop_feed(feed);
}

Batch MarketState::take_batch() {
  pending_.version = version_;
  // A copy takes just the memory it needs, at once; what gathers the next batch has grown already.
  Batch batch = pending_;
  pending_.clear();
  pending_.previous_version = version_;
  return batch;
}

MarketState::ApplyResult MarketState::apply(const Batch& batch) {
  if (batch.epoch != epoch_) {
    return ApplyResult::kOtherEpoch;
  }
  if (batch.previous_version != version_) {
    return ApplyResult::kGap;
  }
  // By rising version over both, as the writer did it: that is what for_each_changed_since() relies
  // on.
  auto created = batch.created.begin();
  const auto create_until = [&](Version version) {
    for (; created != batch.created.end() && created->version < version; ++created) {
      insert(created->id, created->instrument, created->version, created->line);
    }
  };
  for (const auto& change : batch.changes) {
    create_until(change.version);
    apply_change(batch, change);
  }
  create_until(batch.version + 1);
  for (const auto& trade : batch.trades) {
    if (slots_[trade.instrument]) {
      slots_[trade.instrument]->trades = trade.seq;
    }
  }
  for (const auto& removed : batch.removed) {
    erase(removed.id, removed.version);
  }
  for (const auto& feed : batch.feeds_removed) {
    drop_feed(feed);
  }
  for (const auto& feed : batch.feeds) {
    put_feed(feed, feeds_);
  }
  version_ = batch.version;
  return ApplyResult::kApplied;
}

void MarketState::apply_change(const Batch& batch, const Batch::Change& change) {
  InstrumentState& state = *slots_[change.id];
  std::size_t value = change.first_value;
  for (const Field field : (change.fields & FieldSet::decimals()) - change.null) {
    state.values.set(field, batch.values[value++]);
  }
  for (const Field field : change.null) {
    state.values.set_null(field);
  }
  if ((change.fields - change.null).has(Field::kLastSide)) {
    state.values.set_side(change.side);
  }
  for (const Field field : (change.fields & kVenueFields) - change.null) {
    state.values.set_venue(field, field == Field::kBidVenue ? change.bid_venue : change.ask_venue);
  }
  if (change.fields.has(Field::kStale)) {
    state.stale = change.stale;
  }
  set_companions(state, change.exchange_time, change.receive_time, change.ticks);
  commit(state, change.fields, change.version);
}

InstrumentState& MarketState::insert(InstrumentId id, Instrument instrument, Version version,
                                     TradeLine line) {
  if (id >= slots_.size()) {
    slots_.resize(id + 1);
    links_.resize(id + 1);
  }
  auto state = std::make_unique<InstrumentState>();
  state->id = id;
  state->instrument = std::move(instrument);
  state->created = version;
  state->updated = version;
  state->line = line;
  state->trades = line.before;
  state->versions[static_cast<std::size_t>(Field::kStale)] = version;
  by_symbol_.insert_or_assign(state->instrument.symbol, id);
  slots_[id] = std::move(state);
  link_newest(id);
  return *slots_[id];
}

void MarketState::erase(InstrumentId id, Version version) {
  InstrumentState& state = *slots_[id];
  remember({id, state.instrument.symbol, state.created, version, state.line, state.trades});
  // The symbol may have come back already, under another id, within one batch.
  const auto found = by_symbol_.find(state.instrument.symbol);
  if (found != by_symbol_.end() && found->second == id) {
    by_symbol_.erase(found);
  }
  unlink(id);
  slots_[id].reset();
}

void MarketState::remember(Removal removal) {
  removals_.push_back(std::move(removal));
  while (removals_.size() > options_.removals) {
    oldest_resumable_ = removals_.front().removed;
    trades_forgotten_ = std::max(trades_forgotten_, removals_.front().trades);
    removals_.pop_front();
  }
}

void MarketState::compute_change(InstrumentState& state, FieldSet& changed) {
  const FieldSet computed = kChangeFields - state.sent_by_venue;
  const FieldSet inputs = FieldSet(Field::kLast) | Field::kOpen24h;
  if (computed.empty() || (changed & inputs).empty()) {
    return;
  }
  const FieldSet known = state.values.present() - state.values.null();
  const bool possible = known.contains(inputs);
  const Decimal& last = state.values.decimal(Field::kLast);
  const Decimal& open = state.values.decimal(Field::kOpen24h);
  for (const Field field : computed) {
    const auto value = !possible                    ? std::nullopt
                       : field == Field::kChange24h ? Decimal::difference(last, open)
                                                    : Decimal::change_percent(last, open);
    if (value) {
      take(state, field, *value, changed);
    } else {
      take_null(state, field, changed);
    }
  }
}

void MarketState::commit(InstrumentState& state, FieldSet changed, Version version) {
  for (const Field field : changed) {
    state.versions[static_cast<std::size_t>(field)] = version;
  }
  state.updated = version;
  if (newest_ != state.id) {
    unlink(state.id);
    link_newest(state.id);
  }
}

void MarketState::record(const InstrumentState& state, FieldSet changed) {
  Batch::Change& change = pending_.changes.emplace_back();
  change.id = state.id;
  change.fields = changed;
  change.null = changed & state.values.null();
  change.side = state.values.side();
  change.stale = state.stale;
  change.bid_venue = state.values.venue(Field::kBidVenue);
  change.ask_venue = state.values.venue(Field::kAskVenue);
  change.first_value = static_cast<std::uint32_t>(pending_.values.size());
  change.version = state.updated;
  change.exchange_time = state.exchange_time;
  change.receive_time = state.receive_time;
  change.ticks = state.ticks;
  for (const Field field : (changed & FieldSet::decimals()) - change.null) {
    pending_.values.push_back(state.values.decimal(field));
  }
}

void MarketState::put_feed(FeedStatus status, std::vector<FeedStatus>& feeds) {
  for (auto& feed : feeds) {
    if (feed.feed == status.feed) {
      feed = std::move(status);
      return;
    }
  }
  feeds.push_back(std::move(status));
}

void MarketState::drop_feed(std::string_view feed) {
  std::erase_if(feeds_, [&](const FeedStatus& status) { return status.feed == feed; });
}

void MarketState::link_newest(InstrumentId id) {
  links_[id] = {kNone, newest_};
  if (newest_ != kNone) {
    links_[newest_].newer = id;
  }
  newest_ = id;
}

void MarketState::unlink(InstrumentId id) {
  const Link link = links_[id];
  if (link.newer != kNone) {
    links_[link.newer].older = link.older;
  } else if (newest_ == id) {
    newest_ = link.older;
  }
  if (link.older != kNone) {
    links_[link.older].newer = link.newer;
  }
}

}  // namespace ticker::market
