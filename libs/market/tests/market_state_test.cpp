#include <ticker/market/market_state.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

namespace ticker::market {
namespace {

using ApplyResult = MarketState::ApplyResult;

Decimal decimal(std::string_view text) { return Decimal::from_text(text).value(); }

Instrument instrument(std::string symbol) {
  return {std::move(symbol), "venue", "NATIVE", "BASE", "QUOTE"};
}

Update update(InstrumentId id, std::initializer_list<std::pair<Field, std::string_view>> values,
              std::int64_t at = 1) {
  Update made;
  made.instrument = id;
  made.receive_time = from_us(at);
  for (const auto& [field, text] : values) {
    text == "null" ? made.values.set_null(field) : made.values.set(field, decimal(text));
  }
  return made;
}

Trade trade(InstrumentId id, std::string_view price, Side side = Side::kBuy) {
  Trade made;
  made.instrument = id;
  made.id = TradeId("t");
  made.price = decimal(price);
  made.size = decimal("2");
  made.side = side;
  made.exchange_time = from_us(70);
  made.receive_time = from_us(71);
  return made;
}

const InstrumentState& of(const MarketState& state, InstrumentId id) {
  const InstrumentState* const found = state.find(id);
  if (found == nullptr) {
    std::abort();
  }
  return *found;
}

Version version_of(const MarketState& state, InstrumentId id, Field field) {
  return of(state, id).versions[static_cast<std::size_t>(field)];
}

std::string text(const MarketState& state, InstrumentId id, Field field) {
  const FieldValues& values = of(state, id).values;
  return !values.present().has(field) ? "absent"
         : values.null().has(field)   ? "null"
                                      : values.decimal(field).text();
}

std::vector<std::string> changed_since(const MarketState& state, Version since) {
  std::vector<std::string> symbols;
  state.for_each_changed_since(since, [&](const InstrumentState& one) {
    symbols.push_back(one.instrument.symbol);
    return true;
  });
  return symbols;
}

TEST(MarketState, AddsInstrumentsStaleAndWithoutValues) {
  MarketState state("e");

  const InstrumentId id = state.add(instrument("v:A"));

  EXPECT_EQ(state.version(), 1U);
  const InstrumentState* const added = state.find("v:A");
  ASSERT_NE(added, nullptr);
  EXPECT_EQ(added, state.find(id));
  EXPECT_TRUE(added->stale);
  EXPECT_EQ(added->given(), FieldSet(Field::kStale) | Field::kTicks);
  EXPECT_EQ(added->created, 1U);
  EXPECT_EQ(added->changed_since(0), FieldSet(Field::kStale));
}

TEST(MarketState, GivesOneVersionToAllFieldsOfOneMessage) {
  MarketState state("e");
  const InstrumentId id = state.add(instrument("v:A"));

  EXPECT_TRUE(state.apply(update(id, {{Field::kBid, "1"}, {Field::kAsk, "2"}}, 5)));

  EXPECT_EQ(state.version(), 2U);
  EXPECT_EQ(version_of(state, id, Field::kBid), 2U);
  EXPECT_EQ(version_of(state, id, Field::kAsk), 2U);
  EXPECT_EQ(version_of(state, id, Field::kStale), 2U);
  EXPECT_EQ(version_of(state, id, Field::kLast), 0U);
  EXPECT_EQ(of(state, id).ticks, 1U);
  EXPECT_EQ(of(state, id).receive_time, from_us(5));
}

TEST(MarketState, KeepsTheVersionOfFieldsThatDidNotChange) {
  MarketState state("e");
  const InstrumentId id = state.add(instrument("v:A"));
  state.apply(update(id, {{Field::kBid, "1"}, {Field::kAsk, "2"}}));

  state.apply(update(id, {{Field::kBid, "1"}, {Field::kAsk, "3"}}));

  EXPECT_EQ(version_of(state, id, Field::kBid), 2U);
  EXPECT_EQ(version_of(state, id, Field::kAsk), 3U);
  EXPECT_EQ(of(state, id).changed_since(2), FieldSet(Field::kAsk));
}

TEST(MarketState, KeepsVersionAndCompanionsWhenNothingChanged) {
  MarketState state("e");
  const InstrumentId id = state.add(instrument("v:A"));
  state.apply(update(id, {{Field::kBid, "1"}}, 5));
  state.take_batch();

  EXPECT_FALSE(state.apply(update(id, {{Field::kBid, "1"}}, 6)));

  EXPECT_EQ(state.version(), 2U);
  EXPECT_EQ(of(state, id).receive_time, from_us(5));
  EXPECT_EQ(of(state, id).ticks, 1U);
  EXPECT_TRUE(state.take_batch().empty());
}

TEST(MarketState, TakesAnotherTextOfOneAmountForAChange) {
  MarketState state("e");
  const InstrumentId id = state.add(instrument("v:A"));
  state.apply(update(id, {{Field::kBid, "1.0"}}));

  EXPECT_TRUE(state.apply(update(id, {{Field::kBid, "1.00"}})));
}

TEST(MarketState, TurnsFreshWithDataThatChangesNothingElse) {
  MarketState state("e");
  const InstrumentId id = state.add(instrument("v:A"));
  state.apply(update(id, {{Field::kBid, "1"}}));
  state.mark_stale(id);
  EXPECT_EQ(state.version(), 3U);
  EXPECT_TRUE(of(state, id).stale);

  EXPECT_TRUE(state.apply(update(id, {{Field::kBid, "1"}})));

  EXPECT_FALSE(of(state, id).stale);
  EXPECT_EQ(of(state, id).changed_since(3), FieldSet(Field::kStale));
}

TEST(MarketState, StaysStaleWithDataThatDoesNotProveFreshness) {
  using Stale = MarketState::Stale;
  MarketState state("e");
  const InstrumentId id = state.add(instrument("v:A"));

  EXPECT_TRUE(state.apply(update(id, {{Field::kBid, "1"}}), Stale::kStays));
  EXPECT_FALSE(state.apply(update(id, {{Field::kBid, "1"}}), Stale::kStays));
  state.apply(trade(id, "5"), kLastFields, Stale::kStays);

  EXPECT_TRUE(of(state, id).stale);
  EXPECT_EQ(text(state, id, Field::kBid), "1");
  EXPECT_EQ(text(state, id, Field::kLast), "5");
  EXPECT_EQ(version_of(state, id, Field::kStale), 1U);
}

TEST(MarketState, TurnsStaleOnce) {
  MarketState state("e");
  const InstrumentId id = state.add(instrument("v:A"));

  state.mark_stale(id);
  EXPECT_EQ(state.version(), 1U);

  state.apply(update(id, {{Field::kBid, "1"}}, 5));
  state.mark_stale(id);
  state.mark_stale(id);
  EXPECT_EQ(state.version(), 3U);
  EXPECT_EQ(of(state, id).ticks, 1U);
}

TEST(MarketState, TellsAValueThatCeasedFromOneThatNeverWas) {
  MarketState state("e");
  const InstrumentId id = state.add(instrument("v:A"));
  state.apply(update(id, {{Field::kBid, "1"}, {Field::kAsk, "null"}}));
  EXPECT_EQ(text(state, id, Field::kAsk), "absent");

  EXPECT_TRUE(state.apply(update(id, {{Field::kBid, "null"}})));
  EXPECT_EQ(text(state, id, Field::kBid), "null");
  EXPECT_TRUE(of(state, id).given().has(Field::kBid));
  EXPECT_FALSE(state.apply(update(id, {{Field::kBid, "null"}})));

  EXPECT_TRUE(state.apply(update(id, {{Field::kBid, "1"}})));
  EXPECT_EQ(text(state, id, Field::kBid), "1");
}

TEST(MarketState, KnowsAVenueTimeThatTheLastChangeLacked) {
  MarketState state("e");
  const InstrumentId id = state.add(instrument("v:A"));
  state.apply(update(id, {{Field::kBid, "1"}}));
  EXPECT_FALSE(of(state, id).given().has(Field::kExchangeTimeUs));

  state.apply(trade(id, "5"), kLastFields);
  state.apply(update(id, {{Field::kBid, "2"}}));

  EXPECT_TRUE(of(state, id).given().has(Field::kExchangeTimeUs));
  EXPECT_EQ(of(state, id).exchange_time, kNoTime);
}

TEST(MarketState, ComputesTheChangeOfTheDay) {
  MarketState state("e");
  const InstrumentId id = state.add(instrument("v:A"));
  state.apply(update(id, {{Field::kLast, "110.50"}}));
  EXPECT_EQ(text(state, id, Field::kChange24h), "absent");

  state.apply(update(id, {{Field::kOpen24h, "100"}}));
  EXPECT_EQ(text(state, id, Field::kChange24h), "10.50");
  EXPECT_EQ(text(state, id, Field::kChangePercent24h), "10.5000");
  EXPECT_EQ(version_of(state, id, Field::kChange24h), state.version());

  state.apply(trade(id, "90"), kLastFields);
  EXPECT_EQ(text(state, id, Field::kChange24h), "-10");
  EXPECT_EQ(text(state, id, Field::kChangePercent24h), "-10.0000");

  state.apply(update(id, {{Field::kOpen24h, "0"}}));
  EXPECT_EQ(text(state, id, Field::kChange24h), "90");
  EXPECT_EQ(text(state, id, Field::kChangePercent24h), "null");

  state.apply(update(id, {{Field::kOpen24h, "null"}}));
  EXPECT_EQ(text(state, id, Field::kChange24h), "null");
}

TEST(MarketState, LeavesTheChangeOfTheDayToAVenueThatSendsIt) {
  MarketState state("e");
  const InstrumentId id = state.add(instrument("v:A"));
  state.apply(
      update(id, {{Field::kLast, "110"}, {Field::kOpen24h, "100"}, {Field::kChange24h, "9.9"}}));
  state.apply(update(id, {{Field::kLast, "120"}}));

  EXPECT_EQ(text(state, id, Field::kChange24h), "9.9");
  EXPECT_EQ(text(state, id, Field::kChangePercent24h), "20.0000");
}

TEST(MarketState, NumbersTradesAndTakesTheFieldsThatTheySet) {
  MarketState state("e");
  const InstrumentId id = state.add(instrument("v:A"));
  state.take_batch();

  state.apply(trade(id, "5", Side::kSell), kLastFields);
  state.apply(trade(id, "6"), FieldSet(Field::kLastSize));
  state.apply(trade(id, "6"), FieldSet());

  EXPECT_EQ(text(state, id, Field::kLast), "5");
  EXPECT_EQ(of(state, id).values.side(), Side::kSell);
  EXPECT_EQ(of(state, id).trades, 3U);
  EXPECT_EQ(of(state, id).ticks, 1U);
  const Batch batch = state.take_batch();
  ASSERT_EQ(batch.trades.size(), 3U);
  EXPECT_EQ(batch.trades[0].seq, 1U);
  EXPECT_EQ(batch.trades[2].seq, 3U);
  EXPECT_EQ(batch.trades[0].version, 2U);
  EXPECT_EQ(batch.trades[2].version, 4U);
  EXPECT_EQ(batch.changes.size(), 1U);
}

TEST(MarketState, VisitsWhatChangedLatestFirstAndNothingOlder) {
  MarketState state("e");
  const InstrumentId a = state.add(instrument("v:A"));
  state.add(instrument("v:B"));
  const InstrumentId c = state.add(instrument("v:C"));
  state.apply(update(a, {{Field::kBid, "1"}}));
  state.apply(update(c, {{Field::kBid, "1"}}));

  EXPECT_EQ(changed_since(state, 0), (std::vector<std::string>{"v:C", "v:A", "v:B"}));
  EXPECT_EQ(changed_since(state, 3), (std::vector<std::string>{"v:C", "v:A"}));
  EXPECT_EQ(changed_since(state, 4), (std::vector<std::string>{"v:C"}));
  EXPECT_TRUE(changed_since(state, 5).empty());
}

TEST(MarketState, RemembersRemovalsAndGivesNoIdTwice) {
  MarketState state("e");
  const InstrumentId first = state.add(instrument("v:A"));
  state.remove(first);
  const InstrumentId second = state.add(instrument("v:A"));

  EXPECT_NE(first, second);
  EXPECT_EQ(state.find(first), nullptr);
  EXPECT_EQ(state.find("v:A")->id, second);
  ASSERT_EQ(state.removals().size(), 1U);
  EXPECT_EQ(state.removals().front().symbol, "v:A");
  EXPECT_EQ(state.removals().front().created, 1U);
  EXPECT_EQ(state.removals().front().removed, 2U);
  EXPECT_EQ(state.size(), 1U);
}

// A client that resumed took the trades of the new instrument for those that it had.
TEST(MarketState, CountsTheTradesOfASymbolThatComesBackOn) {
  MarketState state("e");
  const InstrumentId first = state.add(instrument("v:A"));
  state.apply(trade(first, "5"), {});
  state.apply(trade(first, "6"), {});
  state.remove(first);
  const InstrumentId second = state.add(instrument("v:A"));
  state.apply(trade(second, "7"), {});

  EXPECT_EQ(state.take_batch().trades.back().seq, 3U);
  EXPECT_EQ(of(state, second).line.id, first);
  EXPECT_EQ(of(state, second).line.before, 2U);
}

TEST(MarketState, NeverCountsATradeTwiceThoughItsRemovalWasForgotten) {
  MarketState state("e", {.removals = 1});
  const InstrumentId first = state.add(instrument("v:A"));
  state.apply(trade(first, "5"), {});
  state.remove(first);
  state.remove(state.add(instrument("v:B")));
  const InstrumentId second = state.add(instrument("v:A"));
  state.apply(trade(second, "6"), {});

  EXPECT_EQ(state.take_batch().trades.back().seq, 2U);
  EXPECT_TRUE(of(state, second).line.jumps(second));
}

TEST(MarketState, ForgetsTheOldestRemovalAtItsBoundAndSaysSo) {
  MarketState state("e", {.removals = 2});
  for (int i = 0; i < 4; ++i) {
    state.remove(state.add(instrument("v:A")));
  }

  ASSERT_EQ(state.removals().size(), 2U);
  EXPECT_EQ(state.removals().front().removed, 6U);
  EXPECT_EQ(state.oldest_resumable(), 4U);
}

TEST(MarketState, ForgetsRemovalsBeyondALowerBoundWithTheNext) {
  MarketState state("e");
  for (int i = 0; i < 4; ++i) {
    state.remove(state.add(instrument("v:A")));
  }

  state.set_options({.removals = 2});
  state.remove(state.add(instrument("v:A")));

  ASSERT_EQ(state.removals().size(), 2U);
  EXPECT_EQ(state.oldest_resumable(), 6U);
}

TEST(MarketState, HoldsOneStatusAFeed) {
  MarketState state("e");
  state.set_feed({"kraken", "kraken-v2", FeedState::kConnecting, from_us(1), ""});
  state.set_feed({"okx", "okx", FeedState::kLive, from_us(2), ""});
  state.set_feed({"kraken", "kraken-v2", FeedState::kLive, from_us(3), ""});
  EXPECT_EQ(state.version(), 3U);
  ASSERT_EQ(state.feeds().size(), 2U);
  EXPECT_EQ(state.feeds()[0].state, FeedState::kLive);

  state.remove_feed("kraken");

  ASSERT_EQ(state.feeds().size(), 1U);
  EXPECT_EQ(state.feeds()[0].feed, "okx");
}

class ReplicaTest : public testing::Test {
 protected:
  ApplyResult follow() { return replica.apply(writer.take_batch()); }

  MarketState writer{"e"};
  MarketState replica{"e"};
};

TEST_F(ReplicaTest, FollowsTheWriter) {
  const InstrumentId id = writer.add(instrument("v:A"));
  writer.apply(update(id, {{Field::kBid, "1"}, {Field::kAsk, "2"}, {Field::kLast, "3"}}));
  writer.apply(update(id, {{Field::kAsk, "null"}, {Field::kLast, "4"}}));
  writer.apply(trade(id, "5", Side::kSell), kLastFields);

  EXPECT_EQ(follow(), ApplyResult::kApplied);

  EXPECT_EQ(replica.version(), writer.version());
  EXPECT_EQ(text(replica, id, Field::kBid), "1");
  EXPECT_EQ(text(replica, id, Field::kAsk), "null");
  EXPECT_EQ(text(replica, id, Field::kLast), "5");
  EXPECT_EQ(of(replica, id).values.side(), Side::kSell);
  EXPECT_EQ(of(replica, id).trades, 1U);
  EXPECT_EQ(version_of(replica, id, Field::kBid), 2U);
  EXPECT_TRUE(of(replica, id).exchange_time_given);
}

// Seen once: created instruments went in before all changes, and one added late hid behind an older
// change.
TEST_F(ReplicaTest, KeepsTheOrderOfChangesAndCreationsOfOneBatch) {
  const InstrumentId a = writer.add(instrument("v:A"));
  follow();
  writer.apply(update(a, {{Field::kBid, "1"}}));
  writer.add(instrument("v:B"));
  follow();

  EXPECT_EQ(changed_since(replica, 2), (std::vector<std::string>{"v:B"}));
  EXPECT_EQ(changed_since(replica, 0), changed_since(writer, 0));
}

TEST_F(ReplicaTest, FollowsASymbolThatGoesAndComesBackWithinOneBatch) {
  const InstrumentId first = writer.add(instrument("v:A"));
  follow();
  writer.apply(update(first, {{Field::kBid, "1"}}));
  writer.remove(first);
  const InstrumentId second = writer.add(instrument("v:A"));
  writer.apply(update(second, {{Field::kAsk, "2"}}));

  EXPECT_EQ(follow(), ApplyResult::kApplied);

  EXPECT_EQ(replica.find("v:A")->id, second);
  EXPECT_EQ(text(replica, second, Field::kBid), "absent");
  EXPECT_EQ(replica.find(first), nullptr);
  EXPECT_EQ(replica.removals().size(), 1U);
}

TEST_F(ReplicaTest, FollowsFeedsThatGoAndComeBackWithinOneBatch) {
  writer.set_feed({"a", "x", FeedState::kLive, from_us(1), ""});
  writer.set_feed({"b", "x", FeedState::kLive, from_us(1), ""});
  follow();
  writer.remove_feed("a");
  writer.set_feed({"a", "x", FeedState::kDown, from_us(2), "again"});
  writer.set_feed({"b", "x", FeedState::kStale, from_us(2), ""});
  writer.remove_feed("b");
  follow();

  ASSERT_EQ(replica.feeds().size(), 1U);
  EXPECT_EQ(replica.feeds()[0].feed, "a");
  EXPECT_EQ(replica.feeds()[0].reason, "again");
}

// A venue that went in and out of maintenance in one read had every shard walk all clients each time.
TEST_F(ReplicaTest, GetsOnlyTheLatestStatusOfAFeed) {
  for (int flip = 0; flip < 1'000; ++flip) {
    writer.set_feed({"a", "x", FeedState::kStale, from_us(flip), "maintenance"});
    writer.set_feed({"a", "x", FeedState::kLive, from_us(flip), ""});
  }
  writer.set_feed({"b", "x", FeedState::kDown, from_us(1), ""});

  const Batch batch = writer.take_batch();

  ASSERT_EQ(batch.feeds.size(), 2U);
  EXPECT_EQ(batch.feeds[0].state, FeedState::kLive);
  EXPECT_EQ(to_us(batch.feeds[0].since), 999);
  EXPECT_EQ(replica.apply(batch), ApplyResult::kApplied);
}

TEST_F(ReplicaTest, RefusesABatchThatDoesNotFollow) {
  writer.add(instrument("v:A"));
  const Batch first = writer.take_batch();
  writer.add(instrument("v:B"));
  const Batch second = writer.take_batch();

  EXPECT_EQ(replica.apply(second), ApplyResult::kGap);
  EXPECT_EQ(replica.version(), 0U);
  EXPECT_EQ(replica.size(), 0U);
  EXPECT_EQ(replica.apply(first), ApplyResult::kApplied);
  EXPECT_EQ(replica.apply(first), ApplyResult::kGap);
  EXPECT_EQ(replica.apply(second), ApplyResult::kApplied);
}

TEST_F(ReplicaTest, RefusesABatchOfAnotherEpoch) {
  MarketState other("f");
  other.add(instrument("v:A"));

  EXPECT_EQ(replica.apply(other.take_batch()), ApplyResult::kOtherEpoch);
  EXPECT_EQ(replica.size(), 0U);
}

TEST(Batch, CountsWhatItHolds) {
  MarketState state("e");
  const InstrumentId id = state.add(instrument("v:A"));
  state.take_batch();
  const std::size_t empty = state.take_batch().bytes();

  state.apply(update(id, {{Field::kBid, "1"}}));
  state.apply(trade(id, "2"), kLastFields);

  EXPECT_GE(state.take_batch().bytes(),
            empty + 2 * sizeof(Batch::Change) + sizeof(Trade) + 3 * sizeof(Decimal));
}

}  // namespace
}  // namespace ticker::market
