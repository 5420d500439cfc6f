#include <string>
#include <utility>
#include <vector>

#include "feed_bench.hpp"
#include "venue_cases.hpp"

// The mock-server matrix: every venue's adapter, on the venue's own protocol, through what venues
// do by accident.
namespace ticker::tests {
namespace {

using market::FeedState;
using market::Field;
using std::chrono::milliseconds;

const venue_sim::Timeline::Options kRecordedPace{1, false};
// Twenty messages a second: a feed that subscribes to quotes and trades apart has both before the
// second message.
const venue_sim::Timeline::Options kSlowPace{0.02, false};

class VenueMatrix : public testing::TestWithParam<VenueCase> {
 protected:
  const VenueCase& venue() const { return GetParam(); }
  std::string native(const std::string& base) const { return venue().native(base); }
  std::string symbol(const std::string& base) const { return venue().symbol(base); }

  // One quote and one trade each.
  std::vector<std::string> tape(const std::vector<std::string>& bases) const {
    std::vector<std::string> messages;
    for (const auto& base : bases) {
      messages.push_back(venue().quote(native(base), 1, "61800.10"));
      messages.push_back(venue().trade(native(base), 2, "61800.30"));
      messages.push_back(venue().quote(native(base), 3, "61800.20"));
      messages.push_back(venue().trade(native(base), 4, "61800.20"));
    }
    return messages;
  }
  // A quote a millisecond; the last bid of 300 is 61300.5. At the recorded pace, ten thousand outlast any reconnect.
  std::vector<std::string> long_tape(int quotes = 300) const {
    std::vector<std::string> messages;
    for (int id = 1; id <= quotes; ++id) {
      messages.push_back(venue().quote(native("BTC"), id, std::to_string(61000 + id) + ".5"));
    }
    return messages;
  }
};

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

TEST_P(VenueMatrix, DataBeforeAcknowledgement) {
  FeedBench bench(venue().kind, tape({"BTC"}), {"late-acks"}, kSlowPace);
  bench.start(bench.feed(venue().symbols({"BTC"})));

  ASSERT_TRUE(bench.wait([&] { return bench.trades().size() == 2; }));
  EXPECT_EQ(bench.value(symbol("BTC"), Field::kBid), "61800.20");
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

TEST_P(VenueMatrix, HeartbeatsStopAndDataGoesOn) {
  FeedBench bench(venue().kind, long_tape(), {"no-heartbeats"}, kRecordedPace);
  auto options = bench.feed(venue().symbols({"BTC"}));
  options.feed_timeout = milliseconds(250);
  bench.start(options);

  ASSERT_TRUE(bench.wait([&] { return bench.value(symbol("BTC"), Field::kBid) == "61300.5"; }));

  EXPECT_FALSE(bench.stale(symbol("BTC")));
}

TEST_P(VenueMatrix, DataStopsAndHeartbeatsGoOn) {
  FeedBench bench(venue().kind, long_tape(), {"no-data:20"}, kRecordedPace);
  auto options = bench.feed(venue().symbols({"BTC"}));
  options.instrument_timeout = milliseconds(100);
  bench.start(options);
  ASSERT_TRUE(bench.wait([&] { return !bench.stale(symbol("BTC")); }));

  ASSERT_TRUE(bench.wait([&] { return bench.stale(symbol("BTC")); }));

  EXPECT_TRUE(bench.is(FeedState::kLive));
  EXPECT_EQ(bench.stats().reconnects.value(), 0U);
}

TEST_P(VenueMatrix, EveryWayToLoseAConnection) {
  for (const auto* fault :
       {"disconnect:20", "reset:20", "close:20:1000", "close:20:1001", "close:20:1008",
        "close:20:1009", "close:20:4004", "truncate:20", "half-frame:20", "silent:20"}) {
    SCOPED_TRACE(fault);
    FeedBench bench(venue().kind, long_tape(10'000), {fault}, kRecordedPace);
    auto options = bench.feed(venue().symbols({"BTC"}));
    options.feed_timeout = milliseconds(100);
    bench.start(options);

    EXPECT_TRUE(bench.recovers(symbol("BTC")));
  }
}

TEST_P(VenueMatrix, PlannedCloseNotice) {
  if (!venue().tells_planned_close) {
    GTEST_SKIP() << "this venue does not tell";
  }
  FeedBench bench(venue().kind, long_tape(10'000), {"planned-close:20"}, kRecordedPace);
  bench.set_handover({milliseconds(50), milliseconds(0)});
  bench.start(bench.feed(venue().symbols({"BTC"})));

  // Kraken's status tells no end, but that nothing can be trusted until then.
  const auto& stats = bench.stats();
  ASSERT_TRUE(bench.wait([&] {
    return stats.handovers_done.value() == 1 || bench.was(FeedState::kStale, "unavailable");
  }));

  EXPECT_TRUE(bench.moves(symbol("BTC")));
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

  EXPECT_EQ(bench.value(symbol("BTC"), Field::kBid), "61800.20");
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

  // Many messages a batch: what waits is one turn's worth.
  EXPECT_LT(bench.batches(), 5'000U);
}

// The simulated venues close a client that sends more than they allow.
TEST_P(VenueMatrix, SubscriptionsToManyInstrumentsArePaced) {
  std::vector<std::string> bases{"BTC"};
  for (int i = 0; i < 600; ++i) {
    bases.push_back("A" + std::to_string(i));
  }
  FeedBench bench(venue().kind, {venue().quote(native("BTC"), 1, "61800.20")});
  bench.start(bench.feed(venue().symbols(bases)));

  ASSERT_TRUE(bench.wait([&] { return bench.server().connections() > 0 && bench.batches() > 1; }));
  const auto until = std::chrono::steady_clock::now() + milliseconds(1600);
  bench.wait([&] { return std::chrono::steady_clock::now() > until; });

  EXPECT_EQ(bench.stats().reconnects.value(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Venues, VenueMatrix, testing::ValuesIn(venue_cases()),
                         [](const auto& one) {
                           std::string name = one.param.kind;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace ticker::tests
