#include "world.hpp"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

namespace ticker::hub::model {
namespace {

using market::Field;
using market::FieldSet;
using protocol::Channel;
using protocol::Unsubscribe;

constexpr std::array<std::string_view, 12> kSymbols = {
    "a:S0", "a:S1", "a:S2", "a:S3", "a:S4", "a:S5", "b:S0", "b:S1", "b:S2", "b:S3", "b:S4", "b:S5"};
constexpr std::size_t kTrading = 3;
constexpr std::array<std::string_view, 18> kTexts = {"a:S0", "a:S1", "a:S2", "a:S3", "a:S4", "a:S5",
                                                     "b:S0", "b:S1", "b:S2", "b:S3", "b:S4", "b:S5",
                                                     "*",    "a:*",  "b:*",  "*S1",  "a*S*", "c:*"};
constexpr std::array<std::string_view, 12> kLanes = {"",   "slow", "focus", "l3", "l4",  "l5",
                                                     "l6", "l7",   "l8",    "l9", "l10", "l11"};
// How many of them a client uses.
std::size_t lanes_of(std::uint32_t client) {
  constexpr std::array<std::size_t, 4> kUsed = {1, 3, 1, kLanes.size()};
  return kUsed[client % kUsed.size()];
}
constexpr std::array<std::string_view, 2> kFeeds = {"a", "b"};
constexpr std::int64_t kHeartbeatMs = 5'000;
constexpr std::array<std::uint32_t, 4> kIntervals = {0, 0, 50, 1000};
constexpr std::array<FieldSet, 6> kFields = {FieldSet::all(),
                                             FieldSet(Field::kBid),
                                             FieldSet(Field::kBid) | Field::kAsk,
                                             FieldSet(Field::kAsk) | Field::kAskVenue,
                                             FieldSet(Field::kLast) | Field::kBid | Field::kTicks,
                                             FieldSet(Field::kStale)};
constexpr std::array<Field, 4> kQuoted = {Field::kBid, Field::kAsk, Field::kLast, Field::kOpen24h};

constexpr std::array<std::string_view, static_cast<std::size_t>(Step::Op::kOps)> kNames = {
    "quote",     "trade",       "stale", "add",   "remove", "feed",    "feedGone", "publish",
    "withhold",  "lose",        "epoch", "wait",  "idle",   "connect", "return",   "disconnect",
    "subscribe", "unsubscribe", "ping",  "block", "drain",  "quiet"};

Answer last_answer(std::uint32_t choice) {
  constexpr std::array<Answer, 3> kLast = {Answer::kKept, Answer::kBlocked, Answer::kDoneButHeld};
  return kLast[choice % kLast.size()];
}

std::vector<std::string> texts_of(std::uint32_t choice) {
  std::vector<std::string> texts;
  for (std::uint32_t taken = 0; taken <= choice % 3; ++taken) {
    texts.emplace_back(kTexts[(choice / 3 + taken * 7) % kTexts.size()]);
  }
  return texts;
}

}  // namespace

std::string describe(const Step& step) {
  std::string out = "{Op::k";
  std::string name(kNames[static_cast<std::size_t>(step.op)]);
  name.front() = static_cast<char>(name.front() - 'a' + 'A');
  out += name;
  for (const auto number : {step.client, step.a, step.b, step.c, step.d}) {
    out += ", " + std::to_string(number);
  }
  out += "},";
  if (step.op == Step::Op::kSubscribe || step.op == Step::Op::kUnsubscribe) {
    out += "  //";
    for (const auto& text : texts_of(step.a)) {
      out += " " + text;
    }
  }
  return out;
}

World::World(Size size) : size_(size) {
  start_market();
  for (Shard& shard : shards_) {
    HubOptions options;
    options.limits.requests_per_s = 0;
    options.limits.frame_bytes = size_.frame_bytes;
    options.limits.lanes = kLanes.size();
    options.trades_ring = size_.trades_ring;
    options.fragments = 16;
    options.heartbeat = std::chrono::milliseconds(kHeartbeatMs);
    options.no_progress = std::chrono::hours(1);
    shard.hub = std::make_unique<Hub>(replica(), sockets_, options);
    shard.hub->advance(now_);
  }
  for (std::size_t index = 0; index < kClients; ++index) {
    peers_.push_back(
        std::make_unique<Peer>(Peer{ModelClient(size_.frame_bytes), nullptr, nullptr, 0, {}}));
    connect(*peers_.back(), index % kHubs, false);
  }
}

void World::start_market() {
  const std::string epoch = "e" + std::to_string(++epochs_);
  market_ =
      std::make_unique<market::MarketState>(epoch, market::MarketState::Options{size_.removals});
  mirror_ =
      std::make_unique<market::MarketState>(epoch, market::MarketState::Options{size_.removals});
  for (std::size_t index = 0; index < kSymbols.size(); index += index < kTrading ? 1 : 2) {
    market_->add({std::string(kSymbols[index]),
                  std::string(kSymbols[index].substr(0, 1)),
                  "",
                  "",
                  "",
                  {"x", "y"}});
  }
  for (const auto feed : kFeeds) {
    market_->set_feed({std::string(feed), "simulator", market::FeedState::kConnecting, now_, ""});
  }
  mirror_->apply(market_->take_batch());
}

market::MarketState World::replica() const {
  return market::MarketState::deserialise(mirror_->serialise(), {size_.removals}).value();
}

std::string World::run(const Step& step) {
  Peer& peer = *peers_[step.client % kClients];
  Shard& shard = shards_[step.a % kHubs];
  switch (step.op) {
    case Step::Op::kQuote:
    case Step::Op::kTrade:
    case Step::Op::kStale:
    case Step::Op::kAdd:
    case Step::Op::kRemove:
    case Step::Op::kFeed:
    case Step::Op::kFeedGone:
      write_market(step);
      break;
    case Step::Op::kPublish:
      publish();
      for (Shard& each : shards_) {
        if (!each.withheld) {
          deliver(each);
        }
      }
      break;
    case Step::Op::kWithhold:
      shard.withheld = !shard.withheld;
      break;
    case Step::Op::kLose:
      publish();
      if (!shard.inbox.empty()) {
        shard.inbox.pop_front();
      }
      break;
    case Step::Op::kEpoch:
      start_market();
      for (Shard& each : shards_) {
        each.inbox.clear();
        each.hub->replace_state(replica(), now_);
      }
      break;
    case Step::Op::kWait:
      hear_of_cuts();
      wait(step.a % 2000);
      break;
    case Step::Op::kIdle:
      return idle();
    case Step::Op::kConnect:
      disconnect(peer);
      connect(peer, step.a % kHubs, step.b % 4 != 0);
      break;
    case Step::Op::kReturn:
      if (peer.session != nullptr) {
        peer.socket->drain();
        if (auto wrong = pump(); !wrong.empty()) {
          return wrong;
        }
        disconnect(peer);
        connect(peer, step.a % kHubs, true);
      }
      break;
    case Step::Op::kDisconnect:
      if (peer.session != nullptr && step.a % 2 == 0) {
        if (step.a % 8 != 0) {
          peer.socket->drain();
        }
        peer.socket->cut();
      } else {
        disconnect(peer);
      }
      break;
    case Step::Op::kSubscribe:
      subscribe(peer, step);
      break;
    case Step::Op::kUnsubscribe:
      unsubscribe(peer, step);
      break;
    case Step::Op::kPing:
      peer.outbox.push_back([&client = peer.client] { return client.ping(); });
      break;
    case Step::Op::kBlock:
      if (peer.session != nullptr && !peer.socket->blocked()) {
        peer.socket->take_only(step.a % 4, last_answer(step.b));
      }
      break;
    case Step::Op::kDrain:
      for (const auto& each : peers_) {
        if (each->session != nullptr && (each.get() == &peer || step.c % 2 == 0)) {
          step.a % 5 == 4 ? each->socket->drain()
                          : each->socket->drain(step.a % 5 / 2, last_answer(step.b));
        }
      }
      break;
    case Step::Op::kQuiet:
      return quiet();
    case Step::Op::kOps:
      break;
  }
  return pump();
}

void World::write_market(const Step& step) {
  const std::string_view symbol = kSymbols[step.a % kSymbols.size()];
  const auto* instrument = market_->find(symbol);
  switch (step.op) {
    case Step::Op::kQuote:
      if (instrument != nullptr) {
        market::Update update;
        update.instrument = instrument->id;
        update.receive_time = now_;
        for (std::size_t field = 0; field < kQuoted.size(); ++field) {
          if ((step.b >> field) % 2 == 1) {
            const std::uint32_t value = step.c + static_cast<std::uint32_t>(field);
            value % 7 == 0
                ? update.values.set_null(kQuoted[field])
                : update.values.set(kQuoted[field],
                                    *market::Decimal::from_text(std::to_string(value % 7)));
          }
        }
        if (step.b % 3 == 0) {
          step.c % 5 == 0
              ? update.values.set_null(Field::kAskVenue)
              : update.values.set_venue(Field::kAskVenue, static_cast<std::uint8_t>(step.c % 2));
        }
        market_->apply(update);
      }
      break;
    case Step::Op::kTrade: {
      const auto* trading = market_->find(kSymbols[step.a % kTrading]);
      if (trading == nullptr) {
        break;
      }
      market::Trade trade;
      trade.instrument = trading->id;
      trade.id = market::TradeId("t");
      trade.price = *market::Decimal::from_text(std::to_string(trading->trades + 1));
      trade.size = *market::Decimal::from_text("1");
      trade.missed_before = step.b % 5 == 0 ? static_cast<std::int64_t>(step.b % 3) - 1 : 0;
      trade.receive_time = now_;
      market_->apply(trade, step.b % 2 == 0 ? market::kLastFields : FieldSet());
      break;
    }
    case Step::Op::kStale:
      if (instrument != nullptr) {
        market_->mark_stale(instrument->id);
      }
      break;
    case Step::Op::kAdd:
      if (instrument == nullptr) {
        market_->add(
            {std::string(symbol), std::string(symbol.substr(0, 1)), "", "", "", {"x", "y"}});
      }
      break;
    case Step::Op::kRemove:
      if (instrument != nullptr) {
        market_->remove(instrument->id);
      }
      break;
    case Step::Op::kFeedGone:
      market_->remove_feed(kFeeds[step.a % kFeeds.size()]);
      break;
    default:
      market_->set_feed({std::string(kFeeds[step.a % kFeeds.size()]), "simulator",
                         static_cast<market::FeedState>(step.b % 4), now_, ""});
  }
}

void World::publish() {
  market::Batch batch = market_->take_batch();
  if (batch.empty()) {
    return;
  }
  mirror_->apply(batch);
  for (Shard& shard : shards_) {
    shard.inbox.push_back(batch);
  }
}

void World::deliver(Shard& shard) {
  while (!shard.inbox.empty()) {
    const market::Batch& batch = shard.inbox.front();
    const bool others_wait = batch.version % 2 == 0;  // taken with what follows, or by itself
    const auto result = others_wait ? shard.hub->take(batch, now_) : shard.hub->apply(batch, now_);
    shard.inbox.pop_front();
    if (result != market::MarketState::ApplyResult::kApplied) {
      shard.inbox.clear();
      shard.hub->replace_state(replica(), now_);
    }
  }
  if (shard.hub->state().version() < mirror_->version()) {
    shard.hub->replace_state(replica(), now_);  // the last of all was lost
  }
  shard.hub->serve(now_);
}

void World::wait(std::int64_t ms) {
  const Timestamp until = now_ + std::chrono::milliseconds(ms);
  for (;;) {
    Timestamp next = until;
    for (Shard& shard : shards_) {
      next = std::min(next, shard.hub->next_deadline().value_or(until));
    }
    now_ = std::max(now_, next);
    for (Shard& shard : shards_) {
      shard.hub->advance(now_);
    }
    if (now_ >= until) {
      return;
    }
  }
}

void World::connect(Peer& peer, std::size_t shard, bool resume) {
  peer.client.connected(resume);
  peer.shard = shard;
  peer.socket = std::make_unique<ScriptedConnection>(sockets_);
  peer.session = shards_[shard].hub->open(
      *peer.socket, {++connections_, std::nullopt, nullptr, std::nullopt}, now_);
  peer.outbox.clear();
  peer.pings = 0;
}

void World::disconnect(Peer& peer) {
  if (peer.session != nullptr) {
    shards_[peer.shard].hub->on_closed(std::exchange(peer.session, nullptr), 1006);
  }
  peer.outbox.clear();
}

void World::hear_of_cuts() {
  for (const auto& peer : peers_) {
    if (peer->session != nullptr && peer->socket->is_cut()) {
      disconnect(*peer);
    }
  }
}

void World::subscribe(Peer& peer, const Step& step) {
  if (peer.session == nullptr) {
    return;
  }
  protocol::Subscribe request;
  request.symbols = texts_of(step.a);
  request.wait = step.d % 3 == 0;
  request.channel = step.b % 8 == 6   ? Channel::kTrades
                    : step.b % 8 == 7 ? Channel::kStatus
                                      : Channel::kTicker;
  if (request.channel == Channel::kTicker) {
    // Half of the clients have one lane: who has more resumes from the oldest of their versions,
    // which hides much.
    request.lane = kLanes[step.b % lanes_of(step.client)];
    if (step.c % 2 == 0) {
      request.fields = kFields[step.c / 2 % kFields.size()];
    }
    request.interval_ms = kIntervals[step.d % kIntervals.size()];
  } else if (request.channel == Channel::kStatus) {
    request.symbols = {std::string(step.a % 2 == 0 ? "*" : kFeeds[step.a / 2 % kFeeds.size()])};
  }
  peer.outbox.push_back([&client = peer.client, request] { return client.subscribe(request); });
}

void World::unsubscribe(Peer& peer, const Step& step) {
  if (peer.session == nullptr) {
    return;
  }
  Unsubscribe request;
  request.channel = step.b % 8 == 6 ? Channel::kTrades : Channel::kTicker;
  request.scope = step.b % 8 == 5   ? Unsubscribe::Scope::kLane
                  : step.b % 8 == 7 ? Unsubscribe::Scope::kAll
                                    : Unsubscribe::Scope::kSymbols;
  request.symbols = texts_of(step.a);
  request.lane = kLanes[step.a % lanes_of(step.client)];
  if (request.scope == Unsubscribe::Scope::kAll && step.a % 2 == 0) {
    request.channel.reset();
  }
  peer.outbox.push_back([&client = peer.client, request] { return client.unsubscribe(request); });
}

std::string World::pump() {
  for (bool moved = true; moved;) {
    moved = false;
    for (const auto& peer : peers_) {
      if (peer->session == nullptr) {
        continue;
      }
      Hub& hub = *shards_[peer->shard].hub;
      if (!peer->socket->blocked() && peer->socket->take_wants_writable()) {
        hub.on_writable(peer->session, now_);
        moved = true;
      }
      if (peer->socket->is_cut()) {
        continue;
      }
      std::optional<std::string> request =
          peer->socket->paused() ? std::nullopt : peer->client.next_again();
      if (!request && !peer->socket->paused() && !peer->client.asking_again() &&
          !peer->outbox.empty()) {
        request = peer->outbox.front()();
        peer->outbox.pop_front();
      }
      if (request) {
        hub.on_message(peer->session, *request, now_);
        moved = true;
      }
      if (peer->pings < peer->socket->pings()) {
        ++peer->pings;
        hub.on_control(peer->session, now_);
        moved = true;
      }
      for (const std::string& frame : peer->socket->take_received()) {
        ++peer->frames;
        if (auto wrong = peer->client.take(frame); !wrong.empty()) {
          return wrong + "\n  by " + frame.substr(0, 600);
        }
      }
      if (peer->socket->close_code() != 0) {
        return "closed with " + std::to_string(peer->socket->close_code());
      }
    }
    for (Shard& shard : shards_) {
      if (const auto next = shard.hub->next_deadline(); next && *next <= now_) {
        shard.hub->advance(now_);
        moved = true;
      }
    }
  }
  return {};
}

std::string World::idle() {
  hear_of_cuts();
  std::vector<std::size_t> before;
  for (const auto& peer : peers_) {
    before.push_back(peer->frames);
  }
  wait(kHeartbeatMs + 10);
  if (auto wrong = pump(); !wrong.empty()) {
    return wrong;
  }
  for (std::size_t index = 0; index < peers_.size(); ++index) {
    const Peer& peer = *peers_[index];
    if (peer.session != nullptr && !peer.socket->blocked() && peer.frames == before[index]) {
      return "client " + std::to_string(index) + " hears nothing";
    }
  }
  return {};
}

std::string World::quiet() {
  hear_of_cuts();
  publish();
  for (Shard& shard : shards_) {
    shard.withheld = false;
    deliver(shard);
  }
  // A pass, or a request that waits for a version, may need several rounds; each lets every
  // interval end.
  for (int round = 0; round < 4; ++round) {
    for (const auto& peer : peers_) {
      if (peer->session != nullptr) {
        peer->socket->drain();
      }
    }
    if (auto wrong = pump(); !wrong.empty()) {
      return wrong;
    }
    wait(1100);
    if (auto wrong = pump(); !wrong.empty()) {
      return wrong;
    }
  }
  for (std::size_t index = 0; index < peers_.size(); ++index) {
    if (peers_[index]->session != nullptr) {
      if (auto wrong = peers_[index]->client.compare(*market_); !wrong.empty()) {
        return "client " + std::to_string(index) + ": " + wrong;
      }
    }
  }
  return {};
}

}  // namespace ticker::hub::model
