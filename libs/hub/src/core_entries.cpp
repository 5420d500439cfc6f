// What a subscription changes: the entries of a client, and where its lanes and streams stand.
#include <algorithm>
#include <iterator>
#include <utility>

#include "core.hpp"

namespace ticker::hub {

using market::FieldSet;
using market::InstrumentId;
using market::Version;
using protocol::ErrorCode;
using protocol::Pattern;
using protocol::Subscribe;
using protocol::Subscribed;

namespace {

// A lane's index is a byte.
constexpr std::size_t kMostLanes = 250;
// Patterns are matched against every instrument: so many of them take as long as a request may.
constexpr std::int64_t kPatternsPerRequest = 20;

bool is_pattern(const Pattern& text) { return !text.is_plain(); }

}  // namespace

void Hub::Core::charge(Session& session, std::int64_t patterns) {
  matched_patterns_ += patterns;
  // A second's requests at most, so that one request that was allowed ends no connection.
  const std::int64_t rate = options_.limits.requests_per_s;
  const std::int64_t burst = rate * Session::kRequestCost;
  session.requests.level(rate, burst, now_);  // what came back until now does not pay for it later
  session.requests.take(Session::kRequestCost / kPatternsPerRequest * patterns, -burst);
}

Selection* Hub::Core::acquire(Session& session, SelectionTable& table, EntryList list,
                              const SymbolFilter& filter) {
  const auto [selection, made] = table.acquire(std::move(list), filter, state_);
  if (made) {
    const auto& entries = selection->list().entries;
    charge(session, std::count_if(entries.begin(), entries.end(),
                                  [](const Entry& entry) { return is_pattern(entry.text); }));
  }
  return selection;
}

std::vector<InstrumentId> Hub::Core::matched(Session& session, const Selection& selection,
                                             const std::vector<Pattern>& texts) {
  if (texts.size() == selection.list().entries.size()) {
    return selection.part(0).ids;  // they are all that it has
  }
  charge(session, std::count_if(texts.begin(), texts.end(), is_pattern));
  return session.access->symbols.resolve(state_, texts);
}

void Hub::Core::subscribe_ticker(Session& session, const Subscribe& request, Subscribed& reply,
                                 std::vector<Pattern> texts) {
  EntryList list = session.ticker == nullptr ? EntryList() : session.ticker->list();
  const std::size_t others = entries(session) - list.entries.size();
  list.append(texts, request.lane);
  if (others + list.entries.size() > options_.limits.entries) {
    return refuse(session, request.id, ErrorCode::kTooManyEntries,
                  "more than " + std::to_string(options_.limits.entries) + " entries");
  }
  if (list.lanes.size() > std::min(options_.limits.lanes, kMostLanes)) {
    return refuse(session, request.id, ErrorCode::kTooManyLanes,
                  "more than " + std::to_string(options_.limits.lanes) + " lanes");
  }
  if (!within_snapshots(session, request.id)) {
    return;
  }
  set_ticker(session, std::move(list), false);
  const auto ids = matched(session, *session.ticker, texts);
  reply.count = ids.size();
  const auto& names = session.ticker->list().lanes;
  const auto index =
      static_cast<std::size_t>(std::find(names.begin(), names.end(), request.lane) - names.begin());
  enter_lane(session, *session.lanes[index], request, reply, ids);
  send(session, reply);
  for (const auto& lane : session.lanes) {
    if (lane->answer_due()) {
      make_due(*lane);
    } else if (!lane->due) {
      lane->cancel();
      schedule(*lane);
    }
  }
}

void Hub::Core::enter_lane(Session& session, Lane& lane, const Subscribe& request,
                           Subscribed& reply, const std::vector<InstrumentId>& ids) {
  const FieldSet listed = lane.settings.fields;
  if (request.fields) {
    lane.asked.fields = request.fields;
  }
  if (request.interval_ms) {
    lane.asked.interval = std::chrono::milliseconds(*request.interval_ms);
  }
  limit(lane);
  const FieldSet widened = lane.settings.fields - listed;
  lane.added.add(widened);
  for (Entering& waiting : lane.entering) {
    waiting.full.add(widened);
  }
  lane.settings.max_kbit_per_s = request.max_kbit_per_s.value_or(lane.settings.max_kbit_per_s);
  reply.settings = {request.lane, lane.settings.fields,
                    static_cast<std::uint32_t>(lane.settings.interval.count()),
                    lane.settings.max_kbit_per_s};

  // What was removed from a lane that these instruments leave, and not told yet, is told in this
  // one.
  for (const auto& other : session.lanes) {
    lane.removed_from = std::min(lane.removed_from, other->removed_from);
  }
  if (reply.resumed) {
    lane.removed_from = std::min(lane.removed_from, request.since->version);
    lane.forced = true;
    session.seen = ~Version{0};
  }
  if (lane.fresh) {
    lane.fresh = !reply.resumed;
    lane.served = reply.resumed ? request.since->version : 0;
    lane.added = {};
    lane.entering = {};
    return;
  }
  std::vector<Entering> entering;
  for (const InstrumentId id : ids) {
    entering.push_back({id, reply.resumed, reply.resumed ? request.since->version : 0, {}});
  }
  // The others that had not been served yet keep their place.
  const auto by_id = [](const Entering& a, const Entering& b) { return a.id < b.id; };
  std::vector<Entering> merged;
  std::set_union(entering.begin(), entering.end(), lane.entering.begin(), lane.entering.end(),
                 std::back_inserter(merged), by_id);
  lane.entering = std::move(merged);
  lane.part_snapshot = !reply.resumed;
}

void Hub::Core::set_ticker(Session& session, EntryList list, bool fall_back) {
  Selection* const from = session.ticker;
  auto old = std::move(session.lanes);
  session.lanes.clear();
  session.next_slot = 0;
  stats_.subscriptions.add(
      static_cast<std::int64_t>(list.entries.size()) -
      static_cast<std::int64_t>(from == nullptr ? 0 : from->list().entries.size()));
  session.ticker = list.entries.empty() ? nullptr
                                        : acquire(session, tickers_, std::move(list),
                                                  session.access->symbols);
  std::vector<Lane*>
      sources;  // by their index in `from`; those that end are alive until this returns
  for (const auto& lane : old) {
    sources.push_back(lane.get());
  }
  for (std::size_t index = 0; session.ticker != nullptr && index < session.ticker->parts();
       ++index) {
    const std::string& name = session.ticker->list().lanes[index];
    std::size_t was = 0;
    while (was < sources.size() && from->list().lanes[was] != name) {
      ++was;
    }
    if (was < sources.size()) {
      session.lanes.push_back(std::move(old[was]));
    } else {
      session.lanes.push_back(std::make_unique<Lane>(
          session, static_cast<std::uint8_t>(index),
          LaneWishes{std::nullopt, options_.default_interval}, now_));
      limit(*session.lanes.back());
      session.lanes.back()->fresh = true;
      session.lanes.back()->removed_from = state_.version();
    }
    Lane& lane = *session.lanes.back();
    lane.index = static_cast<std::uint8_t>(index);
    lane.part = &session.ticker->part(index);
    lane.part->awake.push_back(lane);
    lane.changes_before = tickers_.interest().changes(*lane.part);
  }
  if (fall_back && session.ticker != nullptr) {
    enter_next_lanes(session, *from, sources);
  }
  for (const auto& lane : session.lanes) {
    const auto& ids = lane->part->ids;
    std::erase_if(lane->entering, [&](const Entering& entry) {
      return !std::binary_search(ids.begin(), ids.end(), entry.id);
    });
  }
  tickers_.release(from);
}

void Hub::Core::enter_next_lanes(Session& session, const Selection& from,
                                 const std::vector<Lane*>& sources) {
  std::vector<std::pair<Lane*, Entering>> entering;
  for (std::size_t index = 0; index < sources.size(); ++index) {
    const Lane& source = *sources[index];
    for (const InstrumentId id : from.part(index).ids) {
      const auto now_in = session.ticker->lane_of(id);
      if (!now_in || session.lanes[*now_in].get() == &source) {
        continue;
      }
      Lane& lane = *session.lanes[*now_in];
      const Entering* pending = source.find_entering(id);
      const Version base = pending == nullptr ? source.served : pending->base;
      const FieldSet held =
          source.settings.fields - (pending == nullptr ? source.added : pending->full);
      entering.emplace_back(&lane, Entering{id, true, base, lane.settings.fields - held});
    }
  }
  for (const auto& [lane, entry] : entering) {
    lane->entering.push_back(entry);
  }
  // What was removed from any lane, and not told yet, may have fallen to any other.
  for (const auto& lane : session.lanes) {
    for (const Lane* source : sources) {
      lane->removed_from = std::min(lane->removed_from, source->removed_from);
    }
  }
  for (const auto& lane : session.lanes) {
    std::sort(lane->entering.begin(), lane->entering.end(),
              [](const Entering& a, const Entering& b) { return a.id < b.id; });
  }
}

void Hub::Core::subscribe_trades(Session& session, const Subscribe& request, Subscribed& reply,
                                 std::vector<Pattern> texts) {
  EntryList list = session.trades ? session.trades->selection->list() : EntryList();
  const std::size_t others = entries(session) - list.entries.size();
  list.append(texts, {});
  if (others + list.entries.size() > options_.limits.entries) {
    return refuse(session, request.id, ErrorCode::kTooManyEntries,
                  "more than " + std::to_string(options_.limits.entries) + " entries");
  }
  const auto running =
      session.trades ? session.trades->selection->part(0).ids : std::vector<InstrumentId>();
  if (session.trades && reply.resumed) {
    trade_server_.keep_sent(*session.trades, request.since->version);
  }
  set_trades(session, std::move(list));
  const auto ids = matched(session, *session.trades->selection, texts);
  reply.count = ids.size();
  // What ran already goes on: it may have trades that were not sent yet.
  std::vector<InstrumentId> starting;
  std::set_difference(ids.begin(), ids.end(), running.begin(), running.end(),
                      std::back_inserter(starting));
  if (reply.resumed) {
    trade_server_.resume(*session.trades, starting, request.since->version);
  } else {
    trade_server_.start(*session.trades, starting);
  }
  send(session, reply);
  session.trades->due = true;
  enqueue(session);
}

void Hub::Core::set_trades(Session& session, EntryList list) {
  Selection* const from = session.trades ? session.trades->selection : nullptr;
  stats_.subscriptions.add(
      static_cast<std::int64_t>(list.entries.size()) -
      static_cast<std::int64_t>(from == nullptr ? 0 : from->list().entries.size()));
  if (list.entries.empty()) {
    session.trades.reset();
  } else {
    if (!session.trades) {
      session.trades = std::make_unique<TradeStream>(session);
      session.trades->cursor = ring_.end();
    }
    TradeStream& stream = *session.trades;
    // Entries of a client whose next token hides trades stay, and match nothing.
    static const SymbolFilter kNothing{std::vector<Pattern>()};
    stream.selection =
        acquire(session, trade_selections_, std::move(list),
                session.access->allows_trades() ? session.access->symbols : kNothing);
    stream.selection->part(0).awake.push_back(stream);
    stream.due = true;
    trade_server_.prune(stream, true);
  }
  trade_selections_.release(from);
}

void Hub::Core::subscribe_status(Session& session, const Subscribe& request, Subscribed& reply,
                                 std::vector<Pattern> texts) {
  const std::size_t before = session.status ? session.status->entries.size() : 0;
  StatusStream status = session.status ? *session.status : StatusStream();
  std::erase_if(status.entries, [&](const Pattern& entry) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const Pattern& text) { return text.text() == entry.text(); });
  });
  status.entries.insert(status.entries.end(), texts.begin(), texts.end());
  if (entries(session) - before + status.entries.size() > options_.limits.entries) {
    return refuse(session, request.id, ErrorCode::kTooManyEntries,
                  "more than " + std::to_string(options_.limits.entries) + " entries");
  }
  for (const market::FeedStatus& feed : state_.feeds()) {
    if (session.access->symbols.shows_feed(state_, feed.feed) &&
        std::any_of(texts.begin(), texts.end(),
                    [&](const Pattern& text) { return text.matches(feed.feed); })) {
      ++reply.count;
      status.tell(feed.feed);
    }
  }
  stats_.subscriptions.add(static_cast<std::int64_t>(status.entries.size()) -
                           static_cast<std::int64_t>(before));
  session.status = std::make_unique<StatusStream>(std::move(status));
  reply.resumed = false;
  send(session, reply);
  enqueue(session);
}

void Hub::Core::count_interval(Session& session) {
  const auto least = session.least_interval();
  const auto before = std::exchange(session.counted_interval, least);
  if (before == least) {
    return;
  }
  if (before && --intervals_[*before] == 0) {
    intervals_.erase(*before);
  }
  if (least) {
    ++intervals_[*least];
  }
}

void Hub::Core::drop_subscriptions(Session& session) {
  set_ticker(session, {}, false);
  if (session.trades) {
    set_trades(session, {});
  }
  if (session.status) {
    stats_.subscriptions.add(-static_cast<std::int64_t>(session.status->entries.size()));
    session.status.reset();
  }
  count_interval(session);
}

}  // namespace ticker::hub
