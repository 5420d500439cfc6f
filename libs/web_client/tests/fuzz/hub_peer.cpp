// A market and two real hubs that serve it, for a client that is not C++: one command a line on
// standard input, what comes of it on standard output, `done` after each. Time stands still but for
// `wait`; nothing is left to chance.
//
//   connect CLIENT HUB · cut CLIENT · send CLIENT TEXT · block CLIENT FRAMES · drain CLIENT
//   quote SYMBOL FIELDS VALUE · trade SYMBOL MISSED · stale SYMBOL · add SYMBOL · remove SYMBOL ·
//   feed FEED STATE publish · withhold HUB · lose HUB · epoch · wait MS · truth
//
// Numbers are taken modulo what there is. It answers `frame CLIENT TEXT`, `closed CLIENT CODE`; to
// `truth`, which first lets both hubs have all: `state JSON` as of GET /v1/tickers, `trades SYMBOL
// COUNT`, `feed NAME STATE`.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include <ticker/hub/hub.hpp>
#include <ticker/market/market_state.hpp>
#include <ticker/protocol/request.hpp>

#include "scripted_connection.hpp"

namespace ticker::hub {
namespace {

using market::Field;

constexpr std::array<std::string_view, 10> kSymbols = {"a:S0", "a:S1", "a:S2", "a:S3", "a:S4",
                                                       "b:S0", "b:S1", "b:S2", "b:S3", "b:S4"};
constexpr std::size_t kTrading = 3;  // the first of them trade, and never go
constexpr std::array<std::string_view, 2> kFeeds = {"a", "b"};
constexpr std::array<Field, 4> kQuoted = {Field::kBid, Field::kAsk, Field::kLast, Field::kOpen24h};
constexpr std::size_t kHubs = 2;
constexpr std::size_t kClients = 4;

class HubPeer {
 public:
  HubPeer(std::size_t frame_bytes, std::size_t removals) : state_options_{removals} {
    start_market();
    HubOptions options;
    options.limits.requests_per_s = 0;
    options.limits.frame_bytes = frame_bytes;
    options.limits.lanes = 3;
    options.trades_ring = 16;
    for (Shard& shard : shards_) {
      shard.hub = std::make_unique<Hub>(replica(), sockets_, options);
    }
  }

  void run(const std::string& line) {
    std::istringstream words(line);
    std::string op;
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    std::uint32_t c = 0;
    words >> op >> a;
    Client& client = clients_[a % kClients];
    Shard& shard = shards_[a % kHubs];
    if (op == "send") {
      std::string text;
      std::getline(words >> std::ws, text);
      client.inbox.push_back(std::move(text));
      pump();
      return;
    }
    words >> b >> c;
    if (op == "connect") {
      connect(client, shards_[b % kHubs]);
    } else if (op == "cut") {
      cut(client);
    } else if (op == "block" && client.session != nullptr && !client.socket->blocked()) {
      client.socket->take_only(b % 4, c % 2 == 0 ? Answer::kKept : Answer::kBlocked);
    } else if (op == "drain" && client.session != nullptr) {
      client.socket->drain();
    } else if (op == "publish") {
      publish();
    } else if (op == "withhold") {
      shard.withheld = !shard.withheld;
    } else if (op == "lose") {
      collect();
      shard.inbox.clear();
    } else if (op == "epoch") {
      start_market();
      for (Shard& each : shards_) {
        each.inbox.clear();
        each.hub->replace_state(replica(), now_);
      }
    } else if (op == "wait") {
      now_ += std::chrono::milliseconds(a);
    } else if (op == "truth") {
      truth();
    } else {
      change(op, a, b, c);
    }
    pump();
  }

 private:
  struct Shard {
    std::unique_ptr<Hub> hub;
    std::deque<market::Batch> inbox;
    bool withheld = false;
  };
  struct Client {
    std::unique_ptr<ScriptedConnection> socket;
    Session* session = nullptr;
    Shard* shard = nullptr;
    std::deque<std::string> inbox;  // sent, and not read yet
  };

  void start_market() {
    const std::string epoch = "e" + std::to_string(++epochs_);
    market_ = std::make_unique<market::MarketState>(epoch, state_options_);
    mirror_ = std::make_unique<market::MarketState>(epoch, state_options_);
    for (std::size_t index = 0; index < kSymbols.size(); index += index < kTrading ? 1 : 2) {
      add(index);
    }
    for (const auto feed : kFeeds) {
      market_->set_feed({std::string(feed), "simulator", market::FeedState::kConnecting, now_, ""});
    }
    mirror_->apply(market_->take_batch());
  }

  void add(std::size_t index) {
    const std::string symbol(kSymbols[index]);
    market_->add({symbol, symbol.substr(0, 1), "", "", ""});
  }

  market::MarketState replica() const {
    return market::MarketState::deserialise(mirror_->serialise(), state_options_).value();
  }

  void connect(Client& client, Shard& shard) {
    cut(client);
    client.socket = std::make_unique<ScriptedConnection>(sockets_);
    client.shard = &shard;
    client.session = shard.hub->open(*client.socket, {++connections_, std::nullopt, nullptr, std::nullopt}, now_);
  }

  void cut(Client& client) {
    client.inbox.clear();
    if (client.session != nullptr) {
      client.shard->hub->on_closed(std::exchange(client.session, nullptr), 1006);
    }
  }

  void change(const std::string& op, std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    const std::size_t index = a % kSymbols.size();
    const auto* instrument = market_->find(kSymbols[index]);
    if (op == "quote" && instrument != nullptr) {
      quote(instrument->id, b, c);
    } else if (op == "trade") {
      market::Trade trade;
      trade.instrument = market_->find(kSymbols[a % kTrading])->id;
      trade.id = market::TradeId("t");
      // The price says the number, so that a client can be asked for both.
      const auto number = market_->find(trade.instrument)->trades + 1;
      trade.price = *market::Decimal::from_text(std::to_string(number));
      trade.size = *market::Decimal::from_text("1");
      trade.missed_before = static_cast<std::int64_t>(b % 3) - 1;
      trade.receive_time = now_;
      market_->apply(trade, market::kLastFields);
    } else if (op == "stale" && instrument != nullptr) {
      market_->mark_stale(instrument->id);
    } else if (op == "add" && instrument == nullptr) {
      add(index);
    } else if (op == "remove" && instrument != nullptr && index >= kTrading) {
      market_->remove(instrument->id);
    } else if (op == "feed") {
      market_->set_feed({std::string(kFeeds[a % kFeeds.size()]), "simulator",
                         static_cast<market::FeedState>(b % 4), now_, ""});
    }
  }

  void quote(market::InstrumentId id, std::uint32_t fields, std::uint32_t value) {
    market::Update update;
    update.instrument = id;
    update.receive_time = now_;
    for (std::size_t field = 0; field < kQuoted.size(); ++field) {
      if ((fields >> field) % 2 == 0) {
        continue;
      }
      const std::uint32_t digit = (value + static_cast<std::uint32_t>(field)) % 7;
      if (digit == 0) {
        update.values.set_null(kQuoted[field]);
      } else {
        update.values.set(kQuoted[field], *market::Decimal::from_text(std::to_string(digit)));
      }
    }
    market_->apply(update);
  }

  void collect() {
    market::Batch batch = market_->take_batch();
    if (!batch.empty()) {
      mirror_->apply(batch);
      for (Shard& shard : shards_) {
        shard.inbox.push_back(batch);
      }
    }
  }

  void publish() {
    collect();
    for (Shard& shard : shards_) {
      if (!shard.withheld) {
        deliver(shard);
      }
    }
  }

  void deliver(Shard& shard) {
    while (!shard.inbox.empty()) {
      const auto result = shard.hub->apply(shard.inbox.front(), now_);
      shard.inbox.pop_front();
      if (result != market::MarketState::ApplyResult::kApplied) {
        shard.inbox.clear();
        shard.hub->replace_state(replica(), now_);
      }
    }
    if (shard.hub->state().version() < mirror_->version()) {
      shard.hub->replace_state(replica(), now_);  // the last batch of all was lost
    }
  }

  void truth() {
    for (Shard& shard : shards_) {
      shard.withheld = false;
    }
    publish();
    const auto all = market::FieldSet::all();
    std::cout << "state " << *shards_[0].hub->read_tickers({{"*"}, all}).text << '\n';
    for (std::size_t index = 0; index < kTrading; ++index) {
      std::cout << "trades " << kSymbols[index] << ' ' << market_->find(kSymbols[index])->trades
                << '\n';
    }
    for (const auto& feed : market_->feeds()) {
      std::cout << "feed " << feed.feed << ' ' << market::feed_state_name(feed.state) << '\n';
    }
  }

  // Until nothing more moves.
  void pump() {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t index = 0; index < kClients; ++index) {
        if (clients_[index].session != nullptr) {
          moved = serve(index) || moved;
        }
      }
      for (Shard& shard : shards_) {
        if (const auto next = shard.hub->next_deadline(); next && *next <= now_) {
          shard.hub->advance(now_);
          moved = true;
        }
      }
    }
  }

  bool serve(std::size_t index) {
    Client& client = clients_[index];
    Hub& hub = *client.shard->hub;
    bool moved = false;
    if (!client.socket->blocked() && client.socket->take_wants_writable()) {
      hub.on_writable(client.session, now_);
      moved = true;
    }
    if (!client.socket->paused() && !client.inbox.empty()) {
      hub.on_message(client.session, client.inbox.front(), now_);
      client.inbox.pop_front();
      moved = true;
    }
    for (const std::string& frame : client.socket->take_received()) {
      std::cout << "frame " << index << ' ' << frame << '\n';
    }
    if (client.socket->close_code() != 0) {
      std::cout << "closed " << index << ' ' << client.socket->close_code() << '\n';
      cut(client);
    }
    return moved;
  }

  const market::MarketState::Options state_options_;
  ScriptedSockets sockets_;
  Timestamp now_{std::chrono::seconds(1'000'000)};
  std::uint64_t epochs_ = 0;
  std::uint64_t connections_ = 0;
  std::unique_ptr<market::MarketState> market_;
  std::unique_ptr<market::MarketState> mirror_;  // with everything that was published
  std::array<Shard, kHubs> shards_;
  std::array<Client, kClients> clients_;
};

}  // namespace
}  // namespace ticker::hub

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: hub_peer FRAME_BYTES REMOVALS\n";
    return 2;
  }
  ticker::hub::HubPeer peer(std::strtoul(arguments[1], nullptr, 10),
                            std::strtoul(arguments[2], nullptr, 10));
  for (std::string line; std::getline(std::cin, line);) {
    peer.run(line);
    std::cout << "done" << std::endl;
  }
  return 0;
}
