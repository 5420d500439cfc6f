#include <functional>
#include <string>

#include <ticker/net/timer.hpp>
#include <ticker/testing/pace.hpp>

#include "feed_bench.hpp"
#include "scripted_venue.hpp"
#include "venue_cases.hpp"

// When an instrument is stale, and that nothing ends it too soon.
namespace ticker::tests {
namespace {

using market::Field;
using std::chrono::milliseconds;

const std::string kBook = "/public/stream";
const std::string kMarket = "/market/stream";

// Binance's USD-margined futures: quotes come on one connection, statistics on another.
class TwoConnections : public ::testing::Test {
 protected:
  TwoConnections() : bench_("binance-usdm", {}), venue_(bench_.loop()) {}

  void start(milliseconds feed_timeout = kFeedTimeout) {
    auto options = bench_.feed({{"BTC-USDT-PERP", ""}});
    options.url = venue_.url();
    options.feed_timeout = feed_timeout;
    bench_.start(options);
  }

  void send_quote() {
    venue_.send(kBook, venue_case("binance-usdm").quote("BTCUSDT", ++sent_, bid()));
  }
  std::string bid() const { return std::to_string(61000 + sent_); }
  void send_statistics() {
    venue_.send(kMarket,
                R"({"stream":"btcusdt@miniTicker","data":{"e":"24hrMiniTicker","E":1723161256313,)"
                R"("s":"BTCUSDT","c":"61800","o":")" +
                    std::to_string(60000 + ++sent_) +
                    R"(","h":"62000","l":"60000","v":"1","q":"2"}})");
  }
  bool stale() const { return bench_.stale(kSymbol); }

  // Both connections have brought what they bring.
  void become_fresh() {
    ASSERT_TRUE(bench_.wait([&] {
      send_quote();
      send_statistics();
      return !stale() && bench_.is(market::FeedState::kLive) && has(Field::kBid) &&
             has(Field::kOpen24h);
    }));
  }
  bool has(Field field) const { return bench_.value(kSymbol, field) != "null"; }

  // The instrument turns stale while `send` goes on, whose data does not end it.
  void turns_stale_and_stays_so(const std::function<void()>& send) {
    ASSERT_TRUE(bench_.wait([&] {
      send();
      return stale();
    }));
    const auto until = bench_.stats().messages.value() + 50;
    stays_stale(send, [&] { return bench_.stats().messages.value() > until; });
  }
  void stays_stale(const std::function<void()>& send, const std::function<bool()>& done) {
    ASSERT_TRUE(bench_.wait([&] {
      send();
      EXPECT_TRUE(stale());
      return done();
    }));
  }
  // ... until the quotes come again.
  void quotes_end_it() {
    ASSERT_TRUE(bench_.wait([&] {
      send_quote();
      send_statistics();
      return !stale();
    }));
  }

  static constexpr milliseconds kFeedTimeout{300};
  static inline const std::string kSymbol = "venue:BTC-USDT-PERP";
  FeedBench bench_;
  ScriptedVenue venue_;
  int sent_ = 0;
};

TEST_F(TwoConnections, StatisticsDoNotVouchForQuotesThatFellSilent) {
  start();
  become_fresh();

  turns_stale_and_stays_so([&] { send_statistics(); });

  // It is connected anew, and still no quote came.
  stays_stale([&] { send_statistics(); },
              [&] { return bench_.is(market::FeedState::kLive) && venue_.subscribed(kBook) >= 2; });
  quotes_end_it();
}

TEST_F(TwoConnections, StatisticsDoNotVouchForQuotesWhoseConnectionIsGone) {
  start();
  become_fresh();
  venue_.shut(kBook);

  turns_stale_and_stays_so([&] { send_statistics(); });

  venue_.reopen(kBook);
  quotes_end_it();
}

TEST_F(TwoConnections, StatisticsDoNotVouchForQuotesWhoseConnectionNeverCame) {
  venue_.shut(kBook);
  start(milliseconds(2000));  // until then the other connection may come
  ASSERT_TRUE(bench_.wait([&] {
    send_statistics();
    return !stale();
  }));

  turns_stale_and_stays_so([&] { send_statistics(); });

  venue_.reopen(kBook);
  quotes_end_it();
}

TEST_F(TwoConnections, NeitherVouchesForTheOther) {
  start();
  become_fresh();
  venue_.shut(kBook);
  venue_.shut(kMarket);
  // Both have been silent for long enough, and not just the first one.
  bool are_silent = false;
  net::Timer later(bench_.loop(), [&] { are_silent = true; });
  later.start(2 * kFeedTimeout);
  ASSERT_TRUE(bench_.wait([&] { return are_silent; }));
  ASSERT_TRUE(stale());

  venue_.reopen(kBook);
  turns_stale_and_stays_so([&] { send_quote(); });
  EXPECT_GE(venue_.subscribed(kBook), 2);

  venue_.reopen(kMarket);
  quotes_end_it();
}

TEST_F(TwoConnections, AReloadDoesNotForgetWhichOneWasLost) {
  start();
  become_fresh();
  venue_.shut(kBook);
  turns_stale_and_stays_so([&] { send_statistics(); });

  auto options = bench_.feed({{"BTC-USDT-PERP", ""}, {"ETH-USDT-PERP", ""}});
  options.url = venue_.url();
  options.feed_timeout = kFeedTimeout;
  ASSERT_TRUE(bench_.ingest().apply({options}).ok());

  turns_stale_and_stays_so([&] { send_statistics(); });
  venue_.reopen(kBook);
  quotes_end_it();
}

// Their own pings come every twenty seconds only, unless the configured limit is shorter.
TEST_F(TwoConnections, AQuietConnectionIsAskedBeforeItIsCalledSilent) {
  auto options = bench_.feed({{"BTC-USDT-PERP", ""}});
  options.url = venue_.url();
  bench_.start(options);

  EXPECT_TRUE(testing::holds_at_some_pace(milliseconds(500), [&](milliseconds timeout) {
    options.feed_timeout = timeout;
    EXPECT_TRUE(bench_.ingest().apply({options}).ok());
    const auto reconnects = bench_.stats().reconnects.value();
    EXPECT_TRUE(bench_.wait([&] { return bench_.is(market::FeedState::kConnecting); }));
    EXPECT_TRUE(bench_.wait([&] { return bench_.is(market::FeedState::kLive); }));

    const auto until = std::chrono::steady_clock::now() + 2 * timeout;
    bench_.wait([&] { return std::chrono::steady_clock::now() > until; });

    return bench_.is(market::FeedState::kLive) && bench_.stats().reconnects.value() == reconnects;
  }));
}

// One connection for everything, on which the venue also tells how it is.
class OneConnection : public ::testing::Test {
 protected:
  OneConnection() : bench_("kraken-v2", {}), venue_(bench_.loop()) {}

  ingest::FeedOptions options() const {
    auto options = bench_.feed({{"BTC-USD", ""}});
    options.url = venue_.url();
    options.feed_timeout = std::chrono::hours(1);  // silence is no matter here
    return options;
  }
  // Waits until this bid is in the replica.
  void quote(const std::string& bid) {
    ASSERT_TRUE(bench_.wait([&] { return venue_.subscribed("/") > 0; }));
    venue_.send("/", venue_case("kraken-v2").quote("BTC/USD", 1, bid));
    ASSERT_TRUE(bench_.wait([&] { return bench_.value(kSymbol, Field::kBid) == bid; }));
  }
  void status(const std::string& system) {
    venue_.send("/",
                R"({"channel":"status","type":"update","data":[{"version":"2.0.0","system":")" +
                    system + R"(","api_version":"v2","connection_id":1}]})");
  }

  static inline const std::string kSymbol = "venue:BTC-USD";
  FeedBench bench_;
  ScriptedVenue venue_;
};

TEST_F(OneConnection, DataDuringMaintenanceIsTakenAndNotTrusted) {
  bench_.start(options());
  quote("1.5");
  ASSERT_FALSE(bench_.stale(kSymbol));

  status("maintenance");
  quote("2.5");
  EXPECT_TRUE(bench_.stale(kSymbol));

  status("online");
  quote("3.5");
  EXPECT_FALSE(bench_.stale(kSymbol));
}

TEST_F(OneConnection, MessagesThatAreRefusedDoNotKeepAnInstrumentFresh) {
  auto limited = options();
  limited.instrument_timeout = milliseconds(200);
  bench_.start(limited);
  quote("1.5");

  ASSERT_TRUE(bench_.wait([&] {
    venue_.send("/", venue_case("kraken-v2").quote("BTC/USD", 1, "1e99"));
    return bench_.stale(kSymbol);
  }));

  EXPECT_GE(bench_.rejected("out_of_range"), 1U);
}

TEST_F(OneConnection, DuplicatesDoNotKeepAnInstrumentFresh) {
  auto limited = options();
  limited.instrument_timeout = milliseconds(200);
  bench_.start(limited);
  quote("1.5");

  ASSERT_TRUE(bench_.wait([&] {
    venue_.send("/", venue_case("kraken-v2").trade("BTC/USD", 7, "1.5"));
    return bench_.stale(kSymbol);
  }));

  EXPECT_GE(bench_.stats().skipped.count("duplicate"), 1U);
}

TEST_F(OneConnection, AMessageThatChangesNothingKeepsAnInstrumentFresh) {
  bench_.start(options());
  quote("1.5");
  const auto say_the_same = [&] {
    venue_.send("/", venue_case("kraken-v2").quote("BTC/USD", 1, "1.5"));
  };

  EXPECT_TRUE(testing::holds_at_some_pace(milliseconds(300), [&](milliseconds timeout) {
    auto limited = options();
    limited.instrument_timeout = timeout;
    EXPECT_TRUE(bench_.ingest().apply({limited}).ok());
    EXPECT_TRUE(bench_.wait([&] {
      say_the_same();
      return !bench_.stale(kSymbol);
    }));

    const auto until = std::chrono::steady_clock::now() + 3 * timeout;
    EXPECT_TRUE(bench_.wait([&] {
      say_the_same();
      return bench_.stale(kSymbol) || std::chrono::steady_clock::now() > until;
    }));
    return !bench_.stale(kSymbol);
  }));
}

TEST_F(OneConnection, AnInstrumentThatAReloadKeptGoesStaleInItsTime) {
  auto limited = options();
  limited.instrument_timeout = milliseconds(200);
  bench_.start(limited);
  quote("1.5");

  limited.symbols.push_back({"ETH-USD", ""});
  ASSERT_TRUE(bench_.ingest().apply({limited}).ok());
  ASSERT_FALSE(bench_.stale(kSymbol));

  EXPECT_TRUE(bench_.wait([&] { return bench_.stale(kSymbol); }));
}

TEST_F(OneConnection, ALimitThatAReloadBringsCountsForInstrumentsThatAreThere) {
  bench_.start(options());
  quote("1.5");

  auto limited = options();
  limited.instrument_timeout = milliseconds(200);
  ASSERT_TRUE(bench_.ingest().apply({limited}).ok());

  EXPECT_TRUE(bench_.wait([&] { return bench_.stale(kSymbol); }));
}

TEST_F(OneConnection, ASkippedTradeIdIsALossOfThatMany) {
  bench_.start(options());
  quote("1.5");

  venue_.send("/", venue_case("kraken-v2").trade("BTC/USD", 7, "1.5"));
  venue_.send("/", venue_case("kraken-v2").trade("BTC/USD", 10, "1.6"));

  ASSERT_TRUE(bench_.wait([&] { return bench_.trades().size() == 2; }));
  EXPECT_EQ(bench_.trades()[0].missed_before, 0);
  EXPECT_EQ(bench_.trades()[1].missed_before, 2);
  EXPECT_EQ(bench_.stats().trade_gaps.value(), 1U);
}

TEST_F(OneConnection, TradesLostOverAReloadOfSymbolsAreCounted) {
  bench_.start(options());
  quote("1.5");
  venue_.send("/", venue_case("kraken-v2").trade("BTC/USD", 7, "1.5"));
  ASSERT_TRUE(bench_.wait([&] { return bench_.trades().size() == 1; }));

  auto more = options();
  more.symbols.push_back({"ETH-USD", ""});
  ASSERT_TRUE(bench_.ingest().apply({more}).ok());
  ASSERT_TRUE(bench_.wait([&] { return venue_.subscribed("/") == 2; }));
  for (const int id : {20, 21}) {
    venue_.send("/", venue_case("kraken-v2").trade("BTC/USD", id, "1.6"));
    venue_.send("/", venue_case("kraken-v2").trade("ETH/USD", id, "1.6"));
  }

  ASSERT_TRUE(bench_.wait([&] { return bench_.trades().size() == 5; }));
  EXPECT_EQ(bench_.trades()[1].missed_before, 12) << "the next connection knows what was had";
  EXPECT_EQ(bench_.trades()[2].missed_before, 0) << "of an instrument that is new";
  EXPECT_EQ(bench_.trades()[3].missed_before, 0);
  EXPECT_EQ(bench_.trades()[4].missed_before, 0);
}

}  // namespace
}  // namespace ticker::tests
