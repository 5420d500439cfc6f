// What clients ask.
#include <algorithm>
#include <unordered_set>
#include <utility>

#include "core.hpp"

namespace ticker::hub {

using protocol::Channel;
using protocol::ErrorCode;
using protocol::Pattern;
using protocol::Subscribe;
using protocol::Subscribed;
using protocol::Unsubscribe;
using protocol::Unsubscribed;

namespace {

// A debt of so many seconds' requests ends the connection.
constexpr std::int64_t kAbuseSeconds = 5;

HubStats::Op op_of(const protocol::Request& request) {
  return static_cast<HubStats::Op>(request.index());
}

}  // namespace

bool Hub::Core::within_rate(Session& session) {
  const std::int64_t rate = options_.limits.requests_per_s;
  if (rate == 0) {
    return true;
  }
  const std::int64_t level = session.requests.level(rate, rate * Session::kRequestCost, now_);
  session.requests.take(Session::kRequestCost);
  if (level < -kAbuseSeconds * rate * Session::kRequestCost) {
    close(session, protocol::CloseCode::kTooManyRequests);
  }
  return level >= Session::kRequestCost;
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
  if (std::holds_alternative<protocol::Replay>(request) ||
      std::holds_alternative<protocol::ReplayControl>(request)) {
    const auto id = std::visit([](const auto& known) { return known.id; }, request);
    if (may_ask(session, id)) {
      ask_replayer(session, id, request);
    }
  } else if (session.lent && !std::holds_alternative<protocol::Auth>(request)) {
    pass_on(session, request, text);
  } else if (const auto* asked = std::get_if<Subscribe>(&request)) {
    if (may_ask(session, asked->id)) {
      subscribe(session, *asked, false);
    }
  } else if (const auto* ends = std::get_if<Unsubscribe>(&request)) {
    if (may_ask(session, ends->id)) {
      unsubscribe(session, *ends);
      count_interval(session);
    }
  } else if (const auto* auth = std::get_if<protocol::Auth>(&request)) {
    authenticate(session, *auth);
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
  std::unordered_set<std::string_view> accepted;
  for (const std::string& symbol : request.symbols) {
    const Pattern text(symbol);
    bool known = request.wait || !text.is_plain();
    if (!known && request.channel == Channel::kStatus) {
      const auto& feeds = state_.feeds();
      known = std::any_of(feeds.begin(), feeds.end(), [&](const auto& feed) {
        return feed.feed == symbol && session.access->symbols.shows_feed(state_, symbol);
      });
    } else if (!known) {
      known = session.access->symbols.find(state_, symbol) != nullptr;
    }
    if (!known) {
      reply.rejected.push_back({symbol, ErrorCode::kUnknownSymbol});
    } else if (accepted.insert(symbol).second) {
      texts.push_back(text);
      reply.symbols.push_back(symbol);
    }
  }
  return texts;
}

// Before anything is compared with anything: a request has room for many more texts than a client
// may have entries.
bool Hub::Core::too_many(Session& session, const protocol::RequestId& id,
                         const std::vector<std::string>& symbols) {
  if (symbols.size() <= options_.limits.entries) {
    return false;
  }
  refuse(session, id, ErrorCode::kTooManyEntries,
         "more than " + std::to_string(options_.limits.entries) + " symbols in one request");
  return true;
}

void Hub::Core::subscribe(Session& session, const Subscribe& request, bool waited) {
  if (!may_see(session, request) || too_many(session, request.id, request.symbols)) {
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
           (request.channel == protocol::Channel::kStatus ? "no such feed: "
                                                          : "no such instrument: ") +
               request.symbols.front() + (request.symbols.size() > 1 ? " and others" : ""));
    return;
  }
  reply.resumed = since && since->epoch == state_.epoch() && since->version <= state_.version() &&
                  since->version >= state_.oldest_resumable();
  switch (request.channel) {
    case Channel::kTicker:
      subscribe_ticker(session, request, reply, std::move(texts));
      break;
    case Channel::kTrades:
      subscribe_trades(session, request, reply, std::move(texts));
      break;
    case Channel::kStatus:
      subscribe_status(session, request, reply, std::move(texts));
      break;
  }
  count_interval(session);
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
  // Where a token has a least interval, what falls to a lane comes at its next turn: else who
  // unsubscribes again and again would have turns more often.
  const bool at_once = session.access->min_interval.count() == 0;
  for (const auto& lane : session.lanes) {
    if (at_once && !lane->entering.empty()) {
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
  std::erase_if(status.pending, [&](const std::string& feed) { return !status.wants(feed); });
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

}  // namespace ticker::hub
