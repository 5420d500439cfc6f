// What clients ask.
#include <algorithm>
#include <iterator>
#include <utility>

#include "core.hpp"

namespace ticker::hub {

using market::Field;
using market::FieldSet;
using market::InstrumentId;
using market::Version;
using protocol::Channel;
using protocol::ErrorCode;
using protocol::Pattern;
using protocol::Subscribe;
using protocol::Subscribed;
using protocol::Unsubscribe;
using protocol::Unsubscribed;

namespace {

constexpr std::int64_t kRequestCost = 1'000'000;  // a request's units in the token bucket
constexpr std::int64_t kAbuseSeconds =
    5;  // a debt of so many seconds' requests ends the connection

// A lane's index is a byte.
constexpr std::size_t kMostLanes = 250;

HubStats::Op op_of(const protocol::Request& request) {
  return static_cast<HubStats::Op>(request.index());
}

bool has_text(const std::vector<Pattern>& texts, std::string_view text) {
  return std::any_of(texts.begin(), texts.end(),
                     [text](const Pattern& pattern) { return pattern.text() == text; });
}

// Takes the texts out of the list and puts them at its end.
void append(EntryList& list, const std::vector<Pattern>& texts, std::string_view lane_name) {
  const std::uint8_t lane = list.lane(lane_name);
  std::erase_if(list.entries,
                [&](const Entry& entry) { return has_text(texts, entry.text.text()); });
  for (const Pattern& text : texts) {
    list.entries.push_back({text, lane});
  }
  list.remove_if([](const Entry&) { return false; });
}

}  // namespace

bool Hub::Core::within_rate(Session& session) {
  const std::int64_t rate = options_.limits.requests_per_s;
  if (rate == 0) {
    return true;
  }
  const std::int64_t level = session.requests.level(rate, rate * kRequestCost, now_);
  session.requests.take(kRequestCost);
  if (level < -kAbuseSeconds * rate * kRequestCost) {
    close(session, protocol::CloseCode::kTooManyRequests);
  }
  return level >= kRequestCost;
}

void Hub::Core::take_request(Session& session, std::string_view text) {
  const bool allowed = within_rate(session);
  if (session.ending) {
    return;
  }
  auto parsed = protocol::parse_request(text);
  const auto* wrong = std::get_if<protocol::RequestError>(&parsed);
  if (!allowed) {
    const auto id = wrong != nullptr ? wrong->id
                                     : std::visit([](const auto& known) { return known.id; },
                                                  std::get<protocol::Request>(parsed));
    stats_
        .requests[wrong != nullptr ? HubStats::kMalformed
                                   : op_of(std::get<protocol::Request>(parsed))]
        .add();
    refuse(session, id, ErrorCode::kRateLimited,
           "more than " + std::to_string(options_.limits.requests_per_s) +
               " requests a second; ask again later");
    return;
  }
  if (wrong != nullptr) {
    stats_.requests[HubStats::kMalformed].add();
    refuse(session, wrong->id, wrong->code, wrong->message);
    return;
  }
  const auto& request = std::get<protocol::Request>(parsed);
  stats_.requests[op_of(request)].add();
  if (const auto* asked = std::get_if<Subscribe>(&request)) {
    subscribe(session, *asked, false);
  } else if (const auto* ends = std::get_if<Unsubscribe>(&request)) {
    unsubscribe(session, *ends);
  } else if (const auto* auth = std::get_if<protocol::Auth>(&request)) {
    send(session, protocol::Authenticated{auth->id, std::nullopt});
  } else {
    send(session, protocol::Pong{std::get<protocol::Ping>(request).id, now_});
  }
}

void Hub::Core::refuse(Session& session, const protocol::RequestId& id, ErrorCode code,
                       std::string message) {
  stats_.errors[static_cast<std::size_t>(code)].add();
  send(session, protocol::RequestError{id, code, std::move(message)});
}

std::size_t Hub::Core::entries(const Session& session) const {
  return (session.ticker == nullptr ? 0 : session.ticker->list().entries.size()) +
         (session.trades ? session.trades->selection->list().entries.size() : 0) +
         (session.status ? session.status->entries.size() : 0);
}

std::vector<Pattern> Hub::Core::accept(const Session& session, const Subscribe& request,
                                       Subscribed& reply) const {
  std::vector<Pattern> texts;
  for (const std::string& symbol : request.symbols) {
    const Pattern text(symbol);
    bool known = request.wait || !text.is_plain();
    if (!known && request.channel == Channel::kStatus) {
      const auto& feeds = state_.feeds();
      known = std::any_of(feeds.begin(), feeds.end(),
                          [&](const auto& feed) { return feed.feed == symbol; });
    } else if (!known) {
      known = session.filter->find(state_, symbol) != nullptr;
    }
    if (!known) {
      reply.rejected.push_back({symbol, ErrorCode::kUnknownSymbol});
    } else if (!has_text(texts, symbol)) {
      texts.push_back(text);
      reply.symbols.push_back(symbol);
    }
  }
  return texts;
}

// Before anything is compared with anything: a request has room for many more texts than a client may have entries.
bool Hub::Core::too_many(Session& session, const protocol::RequestId& id, const std::vector<std::string>& symbols) {
  if (symbols.size() <= options_.limits.entries) {
    return false;
  }
  refuse(session, id, ErrorCode::kTooManyEntries,
         "more than " + std::to_string(options_.limits.entries) + " symbols in one request");
  return true;
}

void Hub::Core::subscribe(Session& session, const Subscribe& request, bool waited) {
  if (too_many(session, request.id, request.symbols)) {
    return;
  }
  const auto& since = request.since;
  if (!waited && since && since->epoch == state_.epoch() && since->version > state_.version()) {
    session.held = std::make_unique<HeldRequest>(HeldRequest{{}, request});
    session.waiting = true;
    waiting_.push_back(&session);
    timers_.arm(session.since_wait, now_ + options_.since_wait);
    return;
  }
  Subscribed reply;
  reply.id = request.id;
  reply.channel = request.channel;
  reply.epoch = state_.epoch();
  reply.version = state_.version();
  auto texts = accept(session, request, reply);
  if (texts.empty()) {
    refuse(session, request.id, ErrorCode::kUnknownSymbol,
           "no such instrument: " + request.symbols.front() +
               (request.symbols.size() > 1 ? " and others" : ""));
    return;
  }
  reply.resumed = since && since->epoch == state_.epoch() && since->version <= state_.version() &&
                  since->version >= state_.oldest_resumable();
  switch (request.channel) {
    case Channel::kTicker:
      subscribe_ticker(session, request, reply, std::move(texts));
      return;
    case Channel::kTrades:
      subscribe_trades(session, request, reply, std::move(texts));
      return;
    case Channel::kStatus:
      subscribe_status(session, request, reply, std::move(texts));
      return;
  }
}

void Hub::Core::subscribe_ticker(Session& session, const Subscribe& request, Subscribed& reply,
                                 std::vector<Pattern> texts) {
  EntryList list = session.ticker == nullptr ? EntryList() : session.ticker->list();
  const std::size_t others = entries(session) - list.entries.size();
  append(list, texts, request.lane);
  if (others + list.entries.size() > options_.limits.entries) {
    return refuse(session, request.id, ErrorCode::kTooManyEntries,
                  "more than " + std::to_string(options_.limits.entries) + " entries");
  }
  if (list.lanes.size() > std::min(options_.limits.lanes, kMostLanes)) {
    return refuse(session, request.id, ErrorCode::kTooManyLanes,
                  "more than " + std::to_string(options_.limits.lanes) + " lanes");
  }
  set_ticker(session, std::move(list), false);
  const auto ids = session.filter->resolve(state_, texts);
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
  lane.settings.fields = request.fields.value_or(listed);
  lane.added.add(lane.settings.fields - listed);
  lane.settings.interval = std::chrono::milliseconds(
      request.interval_ms.value_or(static_cast<std::uint32_t>(lane.settings.interval.count())));
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
  const bool whole = lane.fresh || ids == session.ticker->part(lane.index).ids;
  if (whole) {
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
  session.ticker =
      list.entries.empty() ? nullptr : tickers_.acquire(std::move(list), *session.filter, state_);
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
          LaneSettings{FieldSet::all(), options_.default_interval, 0}, now_));
      session.lanes.back()->fresh = true;
      session.lanes.back()->removed_from = state_.version();
    }
    Lane& lane = *session.lanes.back();
    lane.index = static_cast<std::uint8_t>(index);
    lane.changes_served = session.ticker->part(index).changes;
    session.ticker->part(index).awake.push_back(lane);
  }
  if (fall_back && session.ticker != nullptr) {
    enter_next_lanes(session, *from, sources);
  }
  for (const auto& lane : session.lanes) {
    const auto& part = session.ticker->part(lane->index);
    std::erase_if(lane->entering, [&](const Entering& entry) {
      return !std::binary_search(part.ids.begin(), part.ids.end(), entry.id);
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
      lane.removed_from = std::min(lane.removed_from, source.removed_from);
    }
  }
  for (const auto& [lane, entry] : entering) {
    lane->entering.push_back(entry);
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
  append(list, texts, {});
  if (others + list.entries.size() > options_.limits.entries) {
    return refuse(session, request.id, ErrorCode::kTooManyEntries,
                  "more than " + std::to_string(options_.limits.entries) + " entries");
  }
  set_trades(session, std::move(list));
  const auto ids = session.filter->resolve(state_, texts);
  reply.count = ids.size();
  if (reply.resumed) {
    trade_server_.resume(*session.trades, ids, request.since->version);
  } else {
    trade_server_.start(*session.trades, ids);
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
    stream.selection = trade_selections_.acquire(std::move(list), *session.filter, state_);
    stream.selection->part(0).awake.push_back(stream);
    stream.due = true;
    TradeServer::prune(stream);
  }
  trade_selections_.release(from);
}

void Hub::Core::subscribe_status(Session& session, const Subscribe& request, Subscribed& reply,
                                 std::vector<Pattern> texts) {
  const std::size_t before = session.status ? session.status->entries.size() : 0;
  StatusStream status = session.status ? *session.status : StatusStream();
  std::erase_if(status.entries,
                [&](const Pattern& entry) { return has_text(texts, entry.text()); });
  status.entries.insert(status.entries.end(), texts.begin(), texts.end());
  if (entries(session) - before + status.entries.size() > options_.limits.entries) {
    return refuse(session, request.id, ErrorCode::kTooManyEntries,
                  "more than " + std::to_string(options_.limits.entries) + " entries");
  }
  for (std::uint32_t feed = 0; feed < state_.feeds().size(); ++feed) {
    const bool matches = std::any_of(texts.begin(), texts.end(), [&](const Pattern& text) {
      return text.matches(state_.feeds()[feed].feed);
    });
    reply.count += matches ? 1 : 0;
    if (matches &&
        std::find(status.pending.begin(), status.pending.end(), feed) == status.pending.end()) {
      status.pending.push_back(feed);
    }
  }
  stats_.subscriptions.add(static_cast<std::int64_t>(status.entries.size()) -
                           static_cast<std::int64_t>(before));
  session.status = std::make_unique<StatusStream>(std::move(status));
  reply.resumed = false;
  send(session, reply);
  enqueue(session);
}

void Hub::Core::unsubscribe(Session& session, const Unsubscribe& request) {
  if (too_many(session, request.id, request.symbols)) {
    return;
  }
  Unsubscribed reply;
  reply.id = request.id;
  reply.scope = request.scope;
  reply.channel = request.channel;
  reply.lane = request.lane;
  const auto wants = [&](Channel channel) {
    return !request.channel || request.channel == channel;
  };
  if (wants(Channel::kTicker)) {
    end_ticker(session, request, reply);
  }
  if (wants(Channel::kTrades)) {
    end_trades(session, request, reply);
  }
  if (wants(Channel::kStatus)) {
    end_status(session, request, reply);
  }
  if (reply.count == 0 && request.scope != Unsubscribe::Scope::kAll) {
    return refuse(session, request.id, ErrorCode::kNotSubscribed, "no such entry");
  }
  if (request.scope == Unsubscribe::Scope::kSymbols) {
    for (const std::string& symbol : request.symbols) {
      if (std::find(reply.symbols.begin(), reply.symbols.end(), symbol) == reply.symbols.end()) {
        reply.rejected.push_back({symbol, ErrorCode::kNotSubscribed});
      }
    }
  }
  send(session, reply);
  enqueue(session);
}

void Hub::Core::end_ticker(Session& session, const Unsubscribe& request, Unsubscribed& reply) {
  if (session.ticker == nullptr) {
    return;
  }
  EntryList list = session.ticker->list();
  const std::vector<std::string> names = list.lanes;
  const std::size_t before = reply.count;
  list.remove_if(
      [&](const Entry& entry) { return ends(request, entry.text, names[entry.lane], reply); });
  if (reply.count == before) {
    return;
  }
  set_ticker(session, std::move(list), true);
  for (const auto& lane : session.lanes) {
    if (!lane->entering.empty()) {
      make_due(*lane);
    } else if (!lane->due) {
      lane->cancel();
      schedule(*lane);
    }
  }
}

void Hub::Core::end_trades(Session& session, const Unsubscribe& request, Unsubscribed& reply) {
  if (!session.trades) {
    return;
  }
  EntryList list = session.trades->selection->list();
  const std::size_t before = reply.count;
  list.remove_if([&](const Entry& entry) { return ends(request, entry.text, {}, reply); });
  if (reply.count > before) {
    set_trades(session, std::move(list));
  }
}

void Hub::Core::end_status(Session& session, const Unsubscribe& request, Unsubscribed& reply) {
  if (!session.status) {
    return;
  }
  StatusStream& status = *session.status;
  const std::size_t before = status.entries.size();
  std::erase_if(status.entries,
                [&](const Pattern& entry) { return ends(request, entry, {}, reply); });
  std::erase_if(status.pending,
                [&](std::uint32_t feed) { return !status.wants(state_.feeds()[feed].feed); });
  stats_.subscriptions.add(static_cast<std::int64_t>(status.entries.size()) -
                           static_cast<std::int64_t>(before));
  if (status.entries.empty()) {
    session.status.reset();
  }
}

bool Hub::Core::ends(const Unsubscribe& request, const Pattern& text, std::string_view lane,
                     Unsubscribed& reply) {
  const auto& symbols = request.symbols;
  const bool ended = request.scope == Unsubscribe::Scope::kAll ||
                     (request.scope == Unsubscribe::Scope::kLane && lane == request.lane) ||
                     (request.scope == Unsubscribe::Scope::kSymbols &&
                      std::find(symbols.begin(), symbols.end(), text.text()) != symbols.end());
  if (ended) {
    ++reply.count;
    if (request.scope == Unsubscribe::Scope::kSymbols) {
      reply.symbols.push_back(text.text());
    }
  }
  return ended;
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
}

}  // namespace ticker::hub
