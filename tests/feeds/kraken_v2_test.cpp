#include <string>
#include <vector>

#include "feed_bench.hpp"

// kraken_v2.raw holds every shape of the protocol, written by hand from its documentation: nobody
// recorded this venue.
namespace ticker::tests {
namespace {

using market::FeedState;
using market::Field;

class KrakenV2Tape : public testing::Test {
 protected:
  KrakenV2Tape() : bench_("kraken-v2", FeedBench::Recording{TICKER_KRAKEN_V2_TAPE}, {1, false}) {
    bench_.start(bench_.feed({{"ALGO-USD", ""}, {"BTC-USD", ""}}));
    // The tape's last trade, and the ticker behind it.
    played_ = bench_.wait(
        [&] { return bench_.value("venue:BTC-USD", Field::kVolume24h) == "1832.41782345"; });
  }

  FeedBench bench_;
  bool played_ = false;
};

TEST_F(KrakenV2Tape, GivesTheLastValuesOfEveryField) {
  ASSERT_TRUE(played_);
  const std::vector<std::pair<Field, std::string>> expected{
      {Field::kBid, "0.10026"},
      {Field::kBidSize, "741.0"},
      {Field::kAsk, "0.10035"},
      {Field::kAskSize, "740.0"},
      {Field::kLast, "0.10031"},
      {Field::kLastSize, "41.50"},
      {Field::kVolume24h, "997120.48383185"},
      {Field::kVwap24h, "0.10148"},
      {Field::kLow24h, "0.09979"},
      {Field::kHigh24h, "0.10285"},
      {Field::kChange24h, "-0.00021"},
      {Field::kChangePercent24h, "-0.21"},
      {Field::kOpen24h, "0.10052"},
  };
  for (const auto& [field, text] : expected) {
    EXPECT_EQ(bench_.value("venue:ALGO-USD", field), text) << field_name(field);
  }
  EXPECT_EQ(bench_.value("venue:BTC-USD", Field::kBidSize), "0.50000000");
  EXPECT_EQ(bench_.value("venue:BTC-USD", Field::kAskSize), "2500");
}

TEST_F(KrakenV2Tape, GivesTheTradesOfUpdatesAndNoneOfTheHistory) {
  ASSERT_TRUE(played_);
  ASSERT_EQ(bench_.trades().size(), 3U);
  EXPECT_EQ(bench_.trades()[0].id.text(), "4665906");
  EXPECT_EQ(bench_.trades()[0].price.text(), "0.10030");
  EXPECT_EQ(bench_.trades()[1].id.text(), "4665907");
  EXPECT_EQ(bench_.trades()[1].side, market::Side::kBuy);
  EXPECT_EQ(bench_.trades()[2].size.text(), "0.00012345");
}

TEST_F(KrakenV2Tape, RefusesNothing) {
  ASSERT_TRUE(played_);
  EXPECT_TRUE(bench_.is(FeedState::kLive));
  for (const auto& reason : bench_.stats().rejected.values()) {
    EXPECT_EQ(bench_.rejected(reason), 0U) << reason;
  }
  // The history that the tape's first trade message holds, entry by entry.
  EXPECT_EQ(bench_.stats().skipped.count("history"), 2U);
}

}  // namespace
}  // namespace ticker::tests
