// No allocation in the steady state: what a change costs, and the turns of clients that get it.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <ticker/hub/hub.hpp>
#include <ticker/market/market_state.hpp>

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

// Counts what this program allocates. Not inlined: GCC would then see malloc's memory deleted.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size)) {
    return memory;
  }
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new[](std::size_t size) { return operator new(size); }
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace ticker::hub {
namespace {

using namespace std::chrono_literals;  // NOLINT: tests

class NoSockets final : public Sockets {
 public:
  void begin_batch() override {}
  void end_batch() override {}
};

// Takes what it is given, and keeps none of it; of a slow client, one frame until it is drained.
class CountedConnection final : public Connection {
 public:
  WriteResult write(const Slice* slices, std::size_t count) override {
    if (is_slow && is_full) {
      ++refused;
      return WriteResult::kBlocked;
    }
    ++frames;
    for (std::size_t i = 0; i < count; ++i) {
      bytes += slices[i].size;
    }
    is_full = true;
    return WriteResult::kDone;
  }
  void ping() override {}
  void pause_reading() override {}
  void resume_reading() override {}
  void close(std::uint16_t, std::string_view) override { ADD_FAILURE(); }
  std::size_t held_bytes() const override { return 0; }
  std::uint64_t accepted_bytes() const override { return frames; }
  std::uint64_t received_bytes() const override { return 0; }

  bool is_slow = false;
  bool is_full = false;
  std::size_t frames = 0;
  std::size_t bytes = 0;
  std::size_t refused = 0;
};

struct Client {
  CountedConnection socket;
  Session* session = nullptr;
};

// A market that changes in the same way in every round, and a hub that is told of it.
class SteadyState : public ::testing::Test {
 protected:
  static constexpr std::size_t kInstruments = 40;
  static constexpr std::chrono::milliseconds kRound{5};
  static constexpr std::size_t kDrained = 4;  // rounds after which a slow client takes one more

  static std::string symbol(std::size_t instrument) {
    return "v:I" + std::to_string(100 + instrument % kInstruments) + "-USD";
  }

  void start(HubOptions options) {
    options.trades_ring = 200;  // so few that it has been full once: their texts keep their memory
    for (std::size_t instrument = 0; instrument < kInstruments; ++instrument) {
      market::Instrument made;
      made.symbol = symbol(instrument);
      market_.add(made);
    }
    market::MarketState replica("e");
    ASSERT_EQ(replica.apply(market_.take_batch()), market::MarketState::ApplyResult::kApplied);
    hub_ = std::make_unique<Hub>(std::move(replica), sockets_, options);
    hub_->advance(now_);
  }

  // Subscribes to `count` instruments from `first` on. `settings`: members of the request.
  Client& join(std::size_t first, std::size_t count, const std::string& settings) {
    clients_.push_back(std::make_unique<Client>());
    Client& client = *clients_.back();
    client.session = hub_->open(client.socket, {clients_.size(), std::nullopt, nullptr}, now_);
    std::string request = R"({"op":"subscribe",)" + settings + R"(,"symbols":[)";
    for (std::size_t i = 0; i < count; ++i) {
      request += (i == 0 ? "\"" : ",\"") + symbol(first + i) + '"';
    }
    hub_->on_message(client.session, request + "]}", now_);
    return client;
  }

  // Values and trades of as many digits each time.
  void change(std::size_t instrument) {
    const auto number = [&](std::uint64_t base) {
      return *market::Decimal::from_text(std::to_string(base + changes_ % 1000));
    };
    ++changes_;
    market::Update update;
    update.instrument = static_cast<market::InstrumentId>(instrument % kInstruments);
    update.receive_time = now_;
    update.values.set(market::Field::kBid, number(61'000));
    update.values.set(market::Field::kAskSize, number(7'000));
    market_.apply(update);
    market::Trade trade;
    trade.instrument = update.instrument;
    trade.id = market::TradeId(std::to_string(1'000'000 + changes_));
    trade.price = number(61'000);
    trade.size = number(1'000);
    trade.receive_time = now_;
    market_.apply(trade, {});
  }

  // What the hub allocates in so many rounds, each of which changes `changes` instruments.
  std::size_t run(std::size_t rounds, std::size_t changes) {
    std::size_t allocated = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
      now_ += kRound;
      for (std::size_t i = 0; i < changes; ++i) {
        change(changes_ * 7);
      }
      const market::Batch batch = market_.take_batch();
      const std::size_t before = allocations.load();
      EXPECT_EQ(hub_->apply(batch, now_), market::MarketState::ApplyResult::kApplied);
      hub_->advance(now_);
      if (round % kDrained == 0) {
        drain();
      }
      allocated += allocations.load() - before;
    }
    return allocated;
  }

  void drain() {
    for (const auto& client : clients_) {
      if (client->socket.is_slow) {
        client->socket.is_full = false;
        hub_->on_writable(client->session, now_);
      }
    }
  }

  std::size_t frames() const { return sum(&CountedConnection::frames); }
  std::size_t bytes() const { return sum(&CountedConnection::bytes); }
  std::size_t refused() const { return sum(&CountedConnection::refused); }
  std::size_t sum(std::size_t CountedConnection::*of) const {
    std::size_t total = 0;
    for (const auto& client : clients_) {
      total += client->socket.*of;
    }
    return total;
  }

  NoSockets sockets_;
  Timestamp now_ = Timestamp(1'000'000s);
  market::MarketState market_{"e"};
  std::unique_ptr<Hub> hub_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::uint64_t changes_ = 0;
};

// Long enough that all scratch has grown, every instrument changed and every lane had turns.
constexpr std::size_t kWarm = 400;
constexpr std::size_t kMeasured = 400;

TEST_F(SteadyState, AllocatesNothingForTurnsOfTickers) {
  HubOptions options;
  options.heartbeat = 100ms;
  start(options);
  for (std::size_t i = 0; i < 12; ++i) {
    join(i, 12, R"("interval_ms":0)");
    join(i, 12, R"("interval_ms":50,"fields":["bid","ask"])");
    join(i, 30, R"("interval_ms":100,"lane":"all","max_kbit_per_s":500)");
    join(i, 20, R"("interval_ms":0,"lane":"slow")").socket.is_slow = true;
  }
  run(kWarm, 6);
  const std::size_t sent_before = frames();
  const std::size_t refused_before = refused();

  EXPECT_EQ(run(kMeasured, 6), 0U);
  EXPECT_GT(frames() - sent_before, kMeasured * 12);
  EXPECT_GT(refused() - refused_before, kMeasured);
}

TEST_F(SteadyState, AllocatesNothingWhereLittleChangesAndHeartbeatsGoOut) {
  HubOptions options;
  options.heartbeat = 20ms;
  start(options);
  for (std::size_t i = 0; i < 12; ++i) {
    join(i, 1, R"("interval_ms":0)");
    join(i, 40, R"("interval_ms":10)");
  }
  run(kWarm, 1);
  const std::size_t before = frames();

  EXPECT_EQ(run(kMeasured, 0), 0U);
  EXPECT_GT(frames() - before, kMeasured * 2);
}

// Of what a flush put together beyond 4 MiB, each MiB was memory taken anew.
TEST_F(SteadyState, AllocatesNothingForFlushesOfManyMegabytes) {
  start({});
  constexpr std::size_t kManyClients = 2'000;
  for (std::size_t i = 0; i < kManyClients; ++i) {
    join(i, kInstruments, R"("interval_ms":0)");
  }
  run(10, kInstruments);
  const std::size_t before = bytes();

  EXPECT_EQ(run(2, kInstruments), 0U);
  EXPECT_GT(bytes() - before, 2 * std::size_t{5} << 20);
}

TEST_F(SteadyState, AllocatesNothingForTurnsOfTrades) {
  start({});
  for (std::size_t i = 0; i < 12; ++i) {
    join(i, 20, R"("channel":"trades")");
    join(i, 20, R"("channel":"trades")").socket.is_slow = true;
  }
  run(kWarm, 6);
  const std::size_t sent_before = frames();
  const std::size_t refused_before = refused();

  EXPECT_EQ(run(kMeasured, 6), 0U);
  EXPECT_GT(frames() - sent_before, kMeasured * 12);
  EXPECT_GT(refused() - refused_before, kMeasured);
}

}  // namespace
}  // namespace ticker::hub
