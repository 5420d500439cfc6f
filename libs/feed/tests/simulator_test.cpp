#include <ticker/feed/simulator.hpp>

#include <gtest/gtest.h>

#include <map>

#include <ticker/market/market_state.hpp>

#include "event_log.hpp"

namespace ticker::feed {
namespace {

using market::Decimal;
using market::Field;

const Timestamp kStart = from_us(1'700'000'000'000'000);

std::vector<std::string> events(Simulator::Options options, const std::vector<int>& steps_ms) {
  Simulator simulator(options);
  EventLog log;
  for (const int ms : steps_ms) {
    simulator.advance(kStart + std::chrono::milliseconds(ms), log);
  }
  return log.take();
}

// Keeps the state that a simulator makes, and looks at each update as it comes.
class StateSink final : public Sink {
 public:
  explicit StateSink(const Simulator& simulator) {
    for (const auto& name : simulator.instruments()) {
      state.add({"sim:" + name, "sim", name, "", ""});
    }
  }
  std::optional<market::InstrumentId> find(std::string_view native) override {
    const auto* found = state.find("sim:" + std::string(native));
    return found == nullptr ? std::nullopt : std::optional(found->id);
  }
  void ticker(const market::Update& update) override {
    const auto* const instrument = state.find(update.instrument);
    ASSERT_NE(instrument, nullptr);
    const auto before = instrument->updated;
    ASSERT_TRUE(state.apply(update));
    const auto changed = instrument->changed_since(before);
    EXPECT_TRUE(changed.has(Field::kBid) || changed.has(Field::kAsk));
    const auto value = [&](Field field) { return instrument->values.decimal(field); };
    EXPECT_LT(Decimal::compare(value(Field::kBid), value(Field::kAsk)), 0)
        << instrument->instrument.symbol;
    EXPECT_LE(Decimal::compare(value(Field::kLow24h), value(Field::kLast)), 0);
    EXPECT_GE(Decimal::compare(value(Field::kHigh24h), value(Field::kLast)), 0);
    EXPECT_LE(Decimal::compare(value(Field::kLow24h), value(Field::kOpen24h)), 0);
    ++updates;
  }
  void trade(const market::Trade& trade, market::FieldSet) override {
    const auto* const instrument = state.find(trade.instrument);
    ASSERT_NE(instrument, nullptr);
    EXPECT_EQ(instrument->values.decimal(Field::kLast), trade.price);
    ++trades;
  }
  void notice(const Notice&) override { ADD_FAILURE(); }
  void rejected(Rejected) override { ADD_FAILURE(); }
  void skipped(Skipped) override { ADD_FAILURE(); }

  market::MarketState state{"0000000000000001"};
  int updates = 0;
  int trades = 0;
};

TEST(Simulator, GivesTheSameInHoweverManySteps) {
  const Simulator::Options options{.seed = 7, .instruments = 5, .updates_per_second = 300};
  EXPECT_EQ(events(options, {0, 1000}), events(options, {0, 1, 3, 100, 101, 555, 999, 1000}));
}

TEST(Simulator, GivesOtherValuesForAnotherSeed) {
  EXPECT_NE(events({.seed = 7}, {0}), events({.seed = 8}, {0}));
}

TEST(Simulator, GivesEveryInstrumentItsValuesAtTheStart) {
  const auto lines = events({.seed = 1, .instruments = 50, .updates_per_second = 500}, {0});
  ASSERT_EQ(lines.size(), 50U);
  EXPECT_TRUE(lines[0].starts_with("ticker BTC-USD bid="));
}

TEST(Simulator, SpacesChangesEvenly) {
  Simulator simulator({.seed = 1, .instruments = 1, .updates_per_second = 3});
  EventLog log;
  simulator.advance(kStart, log);
  EXPECT_EQ(simulator.next_due(), kStart + std::chrono::microseconds(333'333));
  simulator.advance(simulator.next_due(), log);
  EXPECT_EQ(simulator.next_due(), kStart + std::chrono::microseconds(666'666));
  simulator.advance(simulator.next_due(), log);
  EXPECT_EQ(simulator.next_due(), kStart + std::chrono::seconds(1));
}

TEST(Simulator, MovesBidOrAskAtEachChangeAndKeepsTheDayConsistent) {
  Simulator simulator({.seed = 3, .instruments = 20, .updates_per_second = 10});
  StateSink sink(simulator);
  // Over two hours, so that hours roll, in steps below the catch-up limit.
  simulator.advance(kStart, sink);
  for (int second = 30; second <= 7'200; second += 30) {
    simulator.advance(kStart + std::chrono::seconds(second), sink);
    ASSERT_FALSE(testing::Test::HasFailure());
  }
  EXPECT_EQ(sink.updates, 20 + 10 * 7'200);
  EXPECT_NEAR(sink.trades, 10 * 7'200 / 4, 10 * 7'200 / 40);
}

TEST(Simulator, DoesNotMakeUpForALongStop) {
  Simulator simulator({.seed = 3, .instruments = 1, .updates_per_second = 1});
  EventLog log;
  simulator.advance(kStart, log);
  log.take();
  simulator.advance(kStart + std::chrono::hours(1), log);
  const auto lines = log.take();
  EXPECT_GE(lines.size(), 60U);
  EXPECT_LT(lines.size(), 61U * 2);
}

TEST(Simulator, NamesAsManyInstrumentsAsAskedForEachOnce) {
  Simulator simulator({.seed = 3, .instruments = 5'000, .updates_per_second = 1});
  const std::set<std::string> names(simulator.instruments().begin(), simulator.instruments().end());
  EXPECT_EQ(names.size(), 5'000U);
}

}  // namespace
}  // namespace ticker::feed
