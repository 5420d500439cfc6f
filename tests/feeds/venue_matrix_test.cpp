#include "venue_matrix.hpp"

#include <string>
#include <utility>
#include <vector>

#include <ticker/ingest/market_writer.hpp>

// The matrix's rows of messages: what comes, and how.
namespace ticker::tests {
namespace {

using market::FeedState;
using market::Field;

TEST_P(VenueMatrix, AcknowledgementThenData) {
  FeedBench bench(venue().kind, tape({"BTC", "ETH"}), {}, kSlowPace);
  bench.start(bench.feed(venue().symbols({"BTC", "ETH"})));

  ASSERT_TRUE(bench.wait([&] { return bench.trades().size() == 4 && bench.is(FeedState::kLive); }));

  for (const auto* base : {"BTC", "ETH"}) {
    EXPECT_EQ(bench.value(symbol(base), Field::kBid), "61800.20");
    EXPECT_FALSE(bench.stale(symbol(base)));
  }
  EXPECT_EQ(bench.rejected("undecodable"), 0U);
  EXPECT_EQ(bench.rejected("unknown_instrument"), 0U);
  EXPECT_EQ(bench.rejected("venue_error"), 0U);
}

// Acknowledgements come after the first message: what that one said nothing else says.
TEST_P(VenueMatrix, DataBeforeAcknowledgement) {
  FeedBench bench(
      venue().kind,
      {venue().quote(native("BTC"), 1, "61800.10"), venue().quote(native("ETH"), 2, "3000.00")},
      {"late-acks"}, kSlowPace);
  bench.start(bench.feed(venue().symbols({"BTC", "ETH"})));

  ASSERT_TRUE(bench.wait([&] { return bench.value(symbol("ETH"), Field::kBid) == "3000.00"; }));

  // Of Bitfinex, only the acknowledgement tells what the message is about.
  const bool is_known = venue().kind != std::string("bitfinex");
  EXPECT_EQ(bench.value(symbol("BTC"), Field::kBid), is_known ? "61800.10" : "null");
  EXPECT_EQ(bench.stats().reconnects.value(), 0U);
}

TEST_P(VenueMatrix, OneOfThreeSymbolsRefused) {
  FeedBench bench(venue().kind, tape({"BTC", "SOL"}), {"refuse:" + native("ETH")}, kSlowPace);
  bench.start(bench.feed(venue().symbols({"BTC", "ETH", "SOL"})));

  ASSERT_TRUE(bench.wait([&] { return bench.trades().size() == 4 && bench.is(FeedState::kLive); }));

  EXPECT_TRUE(bench.stale(symbol("ETH")));
  EXPECT_FALSE(bench.stale(symbol("SOL")));
  if (venue().names_refused) {
    EXPECT_EQ(bench.status().reason, "refused by the venue: " + native("ETH"));
    EXPECT_GE(bench.rejected("refused_symbol"), 1U);
  }
}

TEST_P(VenueMatrix, AcknowledgedButSilent) {
  FeedBench bench(venue().kind, tape({"BTC"}), {}, kSlowPace);
  bench.start(bench.feed(venue().symbols({"BTC", "ETH"})));

  ASSERT_TRUE(bench.wait([&] { return bench.trades().size() == 2 && bench.is(FeedState::kLive); }));

  EXPECT_TRUE(bench.stale(symbol("ETH")));
  EXPECT_EQ(bench.value(symbol("ETH"), Field::kBid), "null");
}

TEST_P(VenueMatrix, DuplicatedAndReorderedFrames) {
  for (const auto* fault : {"duplicate:1", "reorder:0", "reorder:2"}) {
    SCOPED_TRACE(fault);
    FeedBench bench(venue().kind, tape({"BTC", "ETH"}), {fault}, kSlowPace);
    bench.start(bench.feed(venue().symbols({"BTC", "ETH"})));

    // The tape's last message is a trade of ETH.
    ASSERT_TRUE(bench.wait([&] {
      return !bench.trades().empty() &&
             bench.trades().back().instrument == bench.replica().find(symbol("ETH"))->id &&
             bench.trades().back().price.text().starts_with("61800.20");
    }));

    EXPECT_EQ(bench.value(symbol("BTC"), Field::kBid), "61800.20");
    const bool is_doubled = !venue().trades_have_ids && fault == std::string("duplicate:1");
    EXPECT_EQ(bench.trades().size(), is_doubled ? 5U : 4U);
    EXPECT_EQ(bench.stats().reconnects.value(), 0U);
  }
}

TEST_P(VenueMatrix, AQuoteThatComesLateReplacesNone) {
  if (!venue().quotes_have_order) {
    GTEST_SKIP() << "nothing tells";
  }
  FeedBench bench(
      venue().kind,
      {venue().quote(native("BTC"), 1, "61800.00"), venue().quote(native("BTC"), 4, "61800.10"),
       venue().quote(native("BTC"), 5, "61800.20"), venue().quote(native("ETH"), 2, "3000.00")},
      {"reorder:1"}, kSlowPace);
  bench.start(bench.feed(venue().symbols({"BTC", "ETH"})));

  ASSERT_TRUE(bench.wait([&] { return bench.value(symbol("ETH"), Field::kBid) == "3000.00"; }));

  EXPECT_EQ(bench.value(symbol("BTC"), Field::kBid), "61800.20");
}

TEST_P(VenueMatrix, ATradeThatComesLateIsNotToldBehindLaterOnes) {
  if (!venue().quotes_have_order) {
    GTEST_SKIP() << "nothing tells, of trades either";
  }
  FeedBench bench(venue().kind, tape({"BTC", "ETH"}), {"reorder:1:2"}, kSlowPace);
  bench.start(bench.feed(venue().symbols({"BTC", "ETH"})));

  // The tape's last message is a trade of ETH.
  ASSERT_TRUE(bench.wait([&] {
    return !bench.trades().empty() &&
           bench.trades().back().instrument == bench.replica().find(symbol("ETH"))->id &&
           bench.trades().back().price.text().starts_with("61800.20");
  }));

  ASSERT_EQ(bench.trades().size(), 3U);
  EXPECT_TRUE(bench.trades().front().price.text().starts_with("61800.20"));
}

// What a venue sends after an initial state, without one.
TEST_P(VenueMatrix, NoSnapshot) {
  FeedBench bench(
      venue().kind,
      {venue().quote(native("BTC"), 4, "61800.10"), venue().quote(native("ETH"), 2, "3000.00")}, {},
      kSlowPace);
  bench.start(bench.feed(venue().symbols({"BTC", "ETH"})));

  ASSERT_TRUE(bench.wait([&] { return bench.value(symbol("ETH"), Field::kBid) == "3000.00"; }));

  const bool is_whole = venue().quotes_are_whole;
  EXPECT_EQ(bench.value(symbol("BTC"), Field::kBid), is_whole ? "61800.10" : "null");
  EXPECT_EQ(bench.stale(symbol("BTC")), !is_whole);
  EXPECT_EQ(bench.stats().skipped.count("before_snapshot"), is_whole ? 0U : 1U);
}

TEST_P(VenueMatrix, NumbersKeepTheirDigits) {
  for (const auto& [sent, bid] :
       {std::pair("0.10000000", "0.10000000"), std::pair("740.0", "740.0"),
        std::pair("105944.20", "105944.20"), std::pair("1e-08", "0.00000001"),
        std::pair("123456789012345678.0123456789", "123456789012345678.0123456789")}) {
    FeedBench bench(venue().kind, {venue().quote(native("BTC"), 1, sent)});
    bench.start(bench.feed(venue().symbols({"BTC"})));

    EXPECT_TRUE(bench.wait([&] { return bench.value(symbol("BTC"), Field::kBid) == bid; })) << bid;
  }
}

TEST_P(VenueMatrix, NumbersThatCannotBeHeldAreRefusedAndChangeNothing) {
  FeedBench bench(venue().kind,
                  {venue().quote(native("BTC"), 1, "61800.20"),
                   venue().quote(native("BTC"), 2, "1234567890123456789012345678901234567890.5"),
                   venue().quote(native("ETH"), 3, "3000.00")});
  bench.start(bench.feed(venue().symbols({"BTC", "ETH"})));

  ASSERT_TRUE(bench.wait([&] { return bench.value(symbol("ETH"), Field::kBid) == "3000.00"; }));

  // Where what follows builds on it, there is no bid then.
  EXPECT_EQ(bench.value(symbol("BTC"), Field::kBid),
            venue().kind == std::string("bybit-linear") ? "null" : "61800.20");
  EXPECT_EQ(bench.rejected("out_of_range"), 1U);
}

TEST_P(VenueMatrix, GarbageBetweenMessages) {
  FeedBench bench(venue().kind, tape({"BTC"}), {"garbage:2"}, kSlowPace);
  bench.start(bench.feed(venue().symbols({"BTC"})));

  ASSERT_TRUE(bench.wait([&] { return bench.trades().size() == 2; }));

  EXPECT_EQ(bench.value(symbol("BTC"), Field::kBid), "61800.20");
  EXPECT_EQ(bench.rejected("undecodable"), 3U);
  EXPECT_EQ(bench.stats().reconnects.value(), 0U);
}

TEST_P(VenueMatrix, AFrameOfSixMegabytes) {
  FeedBench bench(venue().kind,
                  {venue().quote(native("BTC"), 1, "61800.20") + std::string(6 << 20, ' '),
                   venue().quote(native("ETH"), 2, "3000.00")});
  bench.start(bench.feed(venue().symbols({"BTC", "ETH"})));

  EXPECT_TRUE(bench.wait([&] { return bench.value(symbol("ETH"), Field::kBid) == "3000.00"; }));
  EXPECT_EQ(bench.value(symbol("BTC"), Field::kBid), "61800.20");
}

TEST_P(VenueMatrix, ABurstOfTenThousandFrames) {
  std::vector<std::string> messages;
  for (int id = 1; id <= 10'000; ++id) {
    messages.push_back(venue().quote(native("BTC"), id, std::to_string(61000 + id) + ".5"));
  }
  FeedBench bench(venue().kind, std::move(messages));
  bench.start(bench.feed(venue().symbols({"BTC"})));

  ASSERT_TRUE(bench.wait([&] { return bench.value(symbol("BTC"), Field::kBid) == "71000.5"; }));

  // Many messages a batch: what waits is one turn's worth, and never more than fits into a batch.
  EXPECT_LT(bench.batches(), 5'000U);
  EXPECT_LE(bench.longest_batch(), ingest::MarketWriter::kMostGathered);
  EXPECT_GE(bench.stats().messages.value(), 10'000U);
}

INSTANTIATE_TEST_SUITE_P(Venues, VenueMatrix, testing::ValuesIn(venue_cases()),
                         [](const auto& one) {
                           std::string name = one.param.kind;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace ticker::tests
