#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "feed_bench.hpp"
#include "scripted_venue.hpp"

// Connections replaced before they go, on real sockets.
namespace ticker::tests {
namespace {

using market::FeedState;
using market::Field;
using std::chrono::milliseconds;

constexpr int kHandovers = 125;  // times eight: a thousand
// Every connection is told of its end after so many messages.
constexpr const char* kShortLived = "short-lived:5";
const ingest::HandoverLimits kAtOnce{milliseconds(10'000), milliseconds(0)};

struct Deaths {
  const char* name;
  // Of so many handovers, in one the old connection is cut before its time, or the next one; 0: in
  // none.
  unsigned old;
  unsigned next;
  double speed;  // of the tape

  friend void PrintTo(const Deaths& deaths, std::ostream* out) { *out << deaths.name; }
};

class ThousandHandovers : public testing::TestWithParam<Deaths> {
 protected:
  // Until so many handovers, or the tape's end; how many there were.
  int run(int most) {
    const auto& venue = venue_case("binance-spot");
    FeedBench bench(venue.kind, numbered_tape(venue, 40'000), {kShortLived},
                    {GetParam().speed, false});
    bench.set_handover(kAtOnce, 0);
    bench.let_venue_wait();
    bench.start(bench.feed(venue.symbols({"BTC", "ETH"})));
    const auto& stats = bench.stats();
    const auto handovers = [&] {
      return static_cast<int>(stats.handovers_done.value() + stats.handovers_late.value());
    };
    EXPECT_TRUE(bench.wait([&] {
      strike(bench.server());
      check_quotes(bench);
      return handovers() >= most || bench.server().timeline().at_end();
    })) << handovers();
    check(bench);
    return handovers();
  }

 private:
  // While there are two connections, the newest is the one that is to take over.
  void strike(venue_sim::VenueServer& server) {
    // As soon as it is there, or it may have taken over.
    const auto newest = server.opened();
    if (newest == std::exchange(struck_, newest) || server.connections() != 2) {
      return;
    }
    if (GetParam().next > 0 && random_() % GetParam().next == 0) {
      server.cut(newest);
    } else if (GetParam().old > 0 && random_() % GetParam().old == 0) {
      server.cut(newest - 1);
    }
  }

  // On the tape a trade stands behind the quote that its number tells: who has the one has the
  // other, whichever connection brought it. Where the old one goes early, a quote may be lost.
  void check_quotes(FeedBench& bench) {
    if (GetParam().old > 0 || bench.stats().handovers_late.value() > 0) {
      return;
    }
    for (; looked_at_ < bench.trades().size(); ++looked_at_) {
      const auto& trade = bench.trades()[looked_at_];
      last_trade_[trade.instrument] = std::stoi(std::string(trade.id.text()));
    }
    for (const auto& [instrument, id] : last_trade_) {
      const auto& symbol = bench.replica().find(instrument)->instrument.symbol;
      const bool is_first = symbol.find("BTC") != std::string::npos;
      ASSERT_GE(std::stod(bench.value(symbol, Field::kBid)),
                10'000 + 4 * (id - 1) + (is_first ? 0 : 2));
    }
  }

  void check(FeedBench& bench) {
    std::map<market::InstrumentId, std::int64_t> last;
    std::int64_t missed = 0;
    for (const auto& trade : bench.trades()) {
      const auto id = std::stoll(std::string(trade.id.text()));
      if (const auto before = last.find(trade.instrument); before != last.end()) {
        ASSERT_EQ(id, before->second + 1 + trade.missed_before);
        missed += trade.missed_before;
      }
      last[trade.instrument] = id;
    }
    const auto& stats = bench.stats();
    if (GetParam().old == 0) {
      EXPECT_EQ(missed, 0);
      EXPECT_EQ(stats.handovers_late.value(), 0U);
      EXPECT_FALSE(bench.was(FeedState::kDown, ""));
    }
    if (GetParam().next == 0) {
      EXPECT_EQ(stats.handovers_failed.value(), 0U);
    }
    struck_ = 1;
    looked_at_ = 0;
    last_trade_.clear();
  }

  std::mt19937 random_{20'261'122};
  std::size_t struck_ = 1;
  std::size_t looked_at_ = 0;
  std::map<market::InstrumentId, int> last_trade_;
};

TEST_P(ThousandHandovers, LoseAndDoubleNoTradeAndNoQuote) {
  int handovers = 0;
  for (int round = 0; round < 20 && handovers < kHandovers; ++round) {
    handovers += run(kHandovers - handovers);
  }
  EXPECT_GE(handovers, kHandovers);
}

INSTANTIATE_TEST_SUITE_P(
    Feeds, ThousandHandovers,
    testing::Values(Deaths{"Undisturbed", 0, 0, 1}, Deaths{"UndisturbedAndFaster", 0, 0, 3},
                    Deaths{"NextDies", 0, 3, 1}, Deaths{"NextDiesAndFaster", 0, 3, 3},
                    Deaths{"NextDiesOften", 0, 2, 3}, Deaths{"OldDies", 3, 0, 3},
                    Deaths{"EitherDies", 3, 3, 1}, Deaths{"EitherDiesAndFaster", 3, 3, 3}),
    [](const auto& one) { return one.param.name; });

// What each venue's guards make of two connections; Bitstamp's and Bitfinex's ids do not count.
class VenueHandover : public testing::TestWithParam<const char*> {};

TEST_P(VenueHandover, LosesAndDoublesNoTrade) {
  const auto& venue = venue_case(GetParam());
  FeedBench bench(venue.kind, numbered_tape(venue, 20'000), {"short-lived:40"}, {2, false});
  bench.set_handover(kAtOnce);
  bench.let_venue_wait();
  bench.start(bench.feed(venue.symbols({"BTC", "ETH"})));

  ASSERT_TRUE(bench.wait([&] { return bench.stats().handovers_done.value() >= 2; }));

  expect_each_trade_once(bench.trades());
  EXPECT_FALSE(bench.was(FeedState::kDown, ""));
  EXPECT_EQ(bench.stats().reconnects.value(), 0U);
  EXPECT_EQ(bench.rejected("undecodable"), 0U);
  EXPECT_EQ(bench.stats().skipped.count("sequence_gap"), 0U);
  EXPECT_FALSE(bench.stale(venue.symbol("BTC")));
  EXPECT_EQ(bench.stats().handover_gap_us.value(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Feeds, VenueHandover,
                         testing::Values("binance-spot", "binance-coinm", "okx", "bitstamp",
                                         "bitfinex"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(Handover, LeavesTheOldConnectionWhereTheNextOneBringsNothing) {
  const auto& venue = venue_case("binance-spot");
  FeedBench bench(venue.kind, {});
  ScriptedVenue script(bench.loop());
  bench.set_handover({milliseconds(200), milliseconds(60'000)});
  auto options = bench.feed(venue.symbols({"BTC"}));
  options.url = script.url();
  bench.start(options);
  ASSERT_TRUE(bench.wait([&] { return script.subscribed("/stream") == 1; }));
  script.send("/stream", venue.quote("BTCUSDT", 1, "61800.10"));
  script.neglect_new_connections();

  script.send("/stream", R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}})");

  int quotes = 1;
  ASSERT_TRUE(bench.wait([&] {
    ++quotes;
    script.send("/stream", venue.quote("BTCUSDT", quotes, std::to_string(60'000 + quotes)));
    return bench.stats().handovers_failed.value() == 1;
  }));
  EXPECT_EQ(script.subscribed("/stream"), 2);
  EXPECT_TRUE(bench.wait([&] {
    return bench.value(venue.symbol("BTC"), Field::kBid) == std::to_string(60'000 + quotes);
  }));
  EXPECT_TRUE(bench.is(FeedState::kLive));
  EXPECT_EQ(bench.stats().handovers_done.value(), 0U);
}

// A list of symbols that has changed, or a reload: nobody who watches the others notices.
TEST(Handover, TakesOtherInstrumentsWithoutALoss) {
  const auto& venue = venue_case("binance-spot");
  FeedBench bench(venue.kind, numbered_tape(venue, 20'000), {}, {1, false});
  bench.set_handover({milliseconds(500), milliseconds(60'000)});
  bench.start(bench.feed(venue.symbols({"BTC", "ETH"})));
  ASSERT_TRUE(bench.wait([&] { return bench.trades().size() > 10; }));

  const auto applied = bench.ingest().apply({bench.feed(venue.symbols({"BTC", "SOL"}))});

  ASSERT_TRUE(applied.ok()) << applied.error().message;
  ASSERT_TRUE(bench.wait([&] { return bench.stats().handovers_done.value() == 1; }));
  const auto trades = bench.trades().size();
  ASSERT_TRUE(bench.wait([&] { return bench.trades().size() > trades + 10; }));
  std::int64_t last = 0;
  for (const auto& trade : bench.trades()) {
    if (bench.replica().find(trade.instrument) == nullptr) {
      continue;  // of the one that is gone
    }
    const auto id = std::stoll(std::string(trade.id.text()));
    ASSERT_TRUE(last == 0 || id == last + 1);
    last = id;
    EXPECT_EQ(trade.missed_before, 0);
  }
  EXPECT_EQ(bench.value(venue.symbol("ETH"), Field::kBid), "none");
  EXPECT_TRUE(bench.stale(venue.symbol("SOL")));
  EXPECT_FALSE(bench.stale(venue.symbol("BTC")));
  EXPECT_EQ(bench.stats().reconnects.value(), 0U);
  EXPECT_FALSE(bench.was(FeedState::kDown, ""));
  EXPECT_TRUE(bench.wait([&] { return bench.server().connections() == 1; }));
}

// The connection that was about to take over is lost in the same turn, or any other, alone or with
// the old one.
TEST(Handover, ForgetsNoOtherListWhateverConnectionIsLost) {
  const auto& venue = venue_case("binance-spot");
  std::vector<std::string> messages;
  for (int i = 1; i < 2'000; ++i) {
    messages.push_back(venue.quote("BTCUSDT", i, std::to_string(10'000 + i)));
    messages.push_back(venue.trade("BTCUSDT", i, "61800.30"));
    messages.push_back(venue.quote("SOLUSDT", i, std::to_string(10'000 + i)));
  }
  for (const bool both : {false, true}) {
    bool was_over = false;
    for (int turns = 0; !was_over; ++turns) {
      SCOPED_TRACE(turns);
      FeedBench bench(venue.kind, messages, {"planned-close:3"}, {1, false});
      bench.set_handover({milliseconds(20), milliseconds(0)}, 0);
      bench.start(bench.feed(venue.symbols({"BTC"})));
      ASSERT_TRUE(bench.wait([&] { return bench.server().opened() == 2; }));
      int turn = 0;
      ASSERT_TRUE(bench.wait([&] { return turn++ == turns; }));
      was_over = bench.stats().handovers_done.value() > 0;

      const auto applied = bench.ingest().apply({bench.feed(venue.symbols({"BTC", "SOL"}))});
      bench.server().cut(2);
      if (both) {
        bench.server().cut(1);
      }

      ASSERT_TRUE(applied.ok());
      ASSERT_TRUE(bench.wait([&] { return !bench.stale(venue.symbol("SOL")); }));
    }
  }
}

// The old one goes while the next attempt waits for its time.
TEST(Handover, ForgetsNoOtherListWhileItWaits) {
  const auto& venue = venue_case("binance-spot");
  FeedBench bench(venue.kind, {});
  ScriptedVenue script(bench.loop());
  bench.set_handover({milliseconds(50), milliseconds(500)}, 0);
  auto options = bench.feed(venue.symbols({"BTC"}));
  options.url = script.url();
  bench.start(options);
  ASSERT_TRUE(bench.wait([&] { return script.subscribed("/stream") == 1; }));
  script.neglect_new_connections();
  options.symbols = venue.symbols({"BTC", "SOL"});
  ASSERT_TRUE(bench.ingest().apply({options}).ok());
  int quotes = 0;
  ASSERT_TRUE(bench.wait([&] {
    script.send("/stream", venue.quote("BTCUSDT", ++quotes, "61800.10"));
    return bench.stats().handovers_failed.value() == 1;
  }));
  const auto asked = script.asked("solusdt");

  script.shut("/stream");
  script.reopen("/stream");

  EXPECT_TRUE(bench.wait([&] { return script.asked("solusdt") > asked; }));
}

// Of an instrument that nobody trades nothing can be compared: both connections serve for a while.
TEST(Handover, DoesNotWaitForEverForAQuietInstrument) {
  const auto& venue = venue_case("okx");
  FeedBench bench(venue.kind, numbered_tape(venue, 20'000), {"planned-close:20"}, {1, false});
  bench.set_handover({milliseconds(100), milliseconds(0)});
  bench.start(bench.feed(venue.symbols({"BTC", "ETH", "SOL"})));

  ASSERT_TRUE(bench.wait([&] { return bench.stats().handovers_done.value() == 1; }));

  ASSERT_TRUE(bench.wait([&] { return bench.server().connections() == 1; }));
  EXPECT_TRUE(bench.moves(venue.symbol("BTC")));
}

// A venue that greets everybody with its end is not stormed.
TEST(Handover, KeepsItsDistanceFromTheOneBefore) {
  const auto& venue = venue_case("okx");
  FeedBench bench(venue.kind, numbered_tape(venue, 20'000), {kShortLived}, {1, false});
  bench.set_handover({milliseconds(10'000), milliseconds(60'000)});
  bench.let_venue_wait(milliseconds(5));
  bench.start(bench.feed(venue.symbols({"BTC", "ETH"})));
  ASSERT_TRUE(bench.wait([&] { return bench.stats().handovers_done.value() == 1; }))
      << bench.stats().handovers_late.value() << " late";

  // The second connection is told of its end too, and closed five seconds later.
  ASSERT_TRUE(bench.wait([&] { return bench.server().opened() == 3; }));

  EXPECT_EQ(bench.stats().handovers_done.value(), 1U);
  EXPECT_EQ(bench.stats().reconnects.value(), 1U);
}

TEST(Handover, IsLateWhereTheOldConnectionGoesFirst) {
  const auto& venue = venue_case("okx");
  FeedBench bench(venue.kind, numbered_tape(venue, 20'000), {"planned-close:20"}, {1, false});
  bench.set_handover(kAtOnce);
  bench.start(bench.feed(venue.symbols({"BTC", "ETH"})));
  ASSERT_TRUE(bench.wait([&] { return bench.server().opened() == 2; }));

  bench.server().cut(1);

  ASSERT_TRUE(bench.wait([&] { return bench.stats().handovers_late.value() == 1; }));
  EXPECT_TRUE(bench.moves(venue.symbol("BTC")));
  EXPECT_TRUE(bench.is(FeedState::kLive));
}

}  // namespace
}  // namespace ticker::tests
