#include <ticker/ingest/feed_runner.hpp>

#include <string>
#include <vector>

#include "feed_bench.hpp"
#include "scripted_venue.hpp"

// FeedRunner against simulated venues on real sockets.
namespace ticker::tests {
namespace {

using market::FeedState;
using market::Field;
using std::chrono::milliseconds;

std::string quote(int update, const std::string& bid) {
  return R"({"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":)" +
         std::to_string(update) + R"(,"s":"BTCUSDT","b":")" + bid +
         R"(","B":"2.507","a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256313}})";
}

std::string trade(int id, const std::string& price) {
  return R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":)" +
         std::to_string(id) + R"(,"p":")" + price + R"(","q":"0.006","X":"MARKET","m":false}})";
}

const std::vector<std::string> kTape{quote(1, "61800.10"), trade(7, "61800.30"),
                                     quote(2, "61800.20"), trade(8, "61800.20")};
const std::string kSymbol = "venue:BTC-USDT-PERP";

// A quote a millisecond. At the recorded pace, ten thousand outlast any reconnect.
std::vector<std::string> long_tape(int quotes = 10'000) {
  std::vector<std::string> tape;
  for (int i = 1; i <= quotes; ++i) {
    tape.push_back(quote(i, std::to_string(61000 + i)));
  }
  return tape;
}

TEST(FeedRunner, HasItsInstrumentsStaleBeforeItConnects) {
  FeedBench bench("binance-usdm", kTape);
  bench.make_ingest();

  ASSERT_TRUE(bench.ingest().apply({bench.feed({{"BTC-USDT-PERP", ""}})}).ok());

  const auto* state = bench.ingest().state().find(kSymbol);
  ASSERT_NE(state, nullptr);
  EXPECT_TRUE(state->stale);
  EXPECT_EQ(state->instrument.native, "BTCUSDT");
  EXPECT_EQ(state->instrument.base, "BTC");
  EXPECT_EQ(state->instrument.quote, "USDT");
}

TEST(FeedRunner, BringsQuotesAndTradesToTheReplica) {
  FeedBench bench("binance-usdm", kTape);
  bench.start(bench.feed({{"BTC-USDT-PERP", ""}}));

  ASSERT_TRUE(bench.wait([&] { return bench.trades().size() == 2; }));

  EXPECT_EQ(bench.value(kSymbol, Field::kBid), "61800.20");
  EXPECT_EQ(bench.value(kSymbol, Field::kLast), "61800.20");
  EXPECT_EQ(bench.trades()[1].id.text(), "8");
  EXPECT_FALSE(bench.stale(kSymbol));
}

TEST(FeedRunner, IsLiveOnceEveryConnectionOfTheVenueWorks) {
  FeedBench bench("binance-usdm", kTape);
  bench.start(bench.feed({{"BTC-USDT-PERP", ""}}));

  ASSERT_TRUE(bench.wait([&] { return bench.is(FeedState::kLive); }));

  EXPECT_EQ(bench.server().connections(), 2U);  // /public and /market
  EXPECT_EQ(bench.status().reason, "");
  EXPECT_EQ(bench.stats().state.value(), 3);
}

TEST(FeedRunner, GathersAReadBurstIntoFewBatches) {
  FeedBench bench("binance-usdm", long_tape(1'000));
  bench.start(bench.feed({{"BTC-USDT-PERP", ""}}));

  ASSERT_TRUE(bench.wait([&] { return bench.value(kSymbol, Field::kBid) == "62000"; }));

  EXPECT_LT(bench.batches(), 500U);
}

TEST(FeedRunner, ShowsALossAtOnceAndRecovers) {
  FeedBench bench(
      "binance-spot",
      {R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT","t":1,"p":"1","q":"2","T":1,"m":true,"M":true}})",
       R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT","t":2,"p":"3","q":"2","T":1,"m":true,"M":true}})"},
      {"disconnect:1"}, {1, false});
  bench.start(bench.feed({{"BTC-USDT", ""}}));

  ASSERT_TRUE(
      bench.wait([&] { return bench.server().opened() == 2 && bench.is(FeedState::kLive); }));

  EXPECT_TRUE(bench.was(FeedState::kConnecting, ""));
  EXPECT_EQ(bench.stats().reconnects.value(), 1U);
}

TEST(FeedRunner, GoesStaleWhenTheVenueFallsSilentAndConnectsAnew) {
  FeedBench bench("binance-usdm", long_tape(), {"silent:10"}, {1, false});
  auto options = bench.feed({{"BTC-USDT-PERP", ""}});
  options.feed_timeout = milliseconds(100);
  bench.start(options);

  ASSERT_TRUE(bench.wait([&] { return bench.was(FeedState::kStale, "no bytes for 100 ms"); }));

  EXPECT_TRUE(bench.recovers(kSymbol));
}

TEST(FeedRunner, MarksInstrumentsStaleThoughTheVenueIsGone) {
  FeedBench bench("binance-usdm", kTape);
  auto options = bench.feed({{"BTC-USDT-PERP", ""}});
  options.feed_timeout = milliseconds(300);
  bench.start(options);
  ASSERT_TRUE(bench.wait([&] { return bench.is(FeedState::kLive) && !bench.stale(kSymbol); }));

  bench.stop_serving();

  ASSERT_TRUE(bench.wait([&] { return bench.is(FeedState::kDown); }));
  ASSERT_TRUE(bench.wait([&] { return bench.stale(kSymbol); }));
  EXPECT_EQ(bench.value(kSymbol, Field::kBid), "61800.20");

  bench.serve();
  EXPECT_TRUE(bench.wait([&] { return bench.is(FeedState::kLive) && !bench.stale(kSymbol); }));
}

TEST(FeedRunner, MarksASilentInstrumentStaleAndLeavesTheConnectionAlone) {
  FeedBench bench("binance-usdm", kTape);
  auto options = bench.feed({{"BTC-USDT-PERP", ""}, {"ETH-USDT-PERP", ""}});
  options.instrument_timeout = milliseconds(100);
  bench.start(options);
  ASSERT_TRUE(bench.wait([&] { return bench.trades().size() == 2; }));

  ASSERT_TRUE(bench.wait([&] { return bench.stale(kSymbol); }));

  EXPECT_TRUE(bench.is(FeedState::kLive));
  EXPECT_EQ(bench.stats().reconnects.value(), 0U);
}

TEST(FeedRunner, CountsGarbageAndGoesOn) {
  FeedBench bench("binance-usdm", kTape, {"garbage:2"});
  bench.start(bench.feed({{"BTC-USDT-PERP", ""}}));

  ASSERT_TRUE(bench.wait([&] { return bench.trades().size() == 2; }));

  EXPECT_EQ(bench.rejected("undecodable"), 3U);
  EXPECT_EQ(bench.stats().reconnects.value(), 0U);
}

TEST(FeedRunner, RecoversFromAFrameThatEndsHalfWay) {
  FeedBench bench("binance-usdm", long_tape(), {"truncate:5"}, {1, false});
  bench.start(bench.feed({{"BTC-USDT-PERP", ""}}));

  EXPECT_TRUE(bench.recovers(kSymbol));
}

TEST(FeedRunner, RefusesAnOversizedMessageAndConnectsAnew) {
  FeedBench bench("binance-usdm", long_tape(), {"oversized:5"}, {1, false});
  bench.start(bench.feed({{"BTC-USDT-PERP", ""}}));

  EXPECT_TRUE(bench.recovers(kSymbol));
}

TEST(FeedRunner, DropsDuplicatesAndCountsThem) {
  FeedBench bench("binance-usdm", kTape, {"duplicate:1"});
  bench.start(bench.feed({{"BTC-USDT-PERP", ""}}));

  ASSERT_TRUE(bench.wait([&] { return bench.trades().size() == 2; }));

  EXPECT_EQ(bench.stats().skipped.count("duplicate"), 1U);
  EXPECT_EQ(bench.trades()[0].id.text(), "7");
}

TEST(FeedRunner, IsOnTheRightPathsOfUsdMargined) {
  FeedBench bench("binance-usdm", kTape, {"wrong-path"});
  bench.start(bench.feed({{"BTC-USDT-PERP", ""}}));

  EXPECT_TRUE(bench.wait([&] { return bench.trades().size() == 2; }));
  EXPECT_EQ(bench.value(kSymbol, Field::kBid), "61800.20");
}

TEST(FeedRunner, SaysWhyItIsDown) {
  FeedBench bench("binance-usdm", kTape);
  bench.stop_serving();
  bench.start(bench.feed({{"BTC-USDT-PERP", ""}}));

  ASSERT_TRUE(bench.wait([&] { return bench.is(FeedState::kDown); }));

  EXPECT_NE(bench.status().reason.find("127.0.0.1"), std::string::npos) << bench.status().reason;
}

// Every client that asks for the feed's state is told the text.
TEST(FeedRunner, NamesTenOfTheSymbolsThatTheVenueRefuses) {
  std::vector<std::string> faults;
  std::vector<ingest::FeedOptions::Symbol> symbols{{"BTC-USD", ""}};
  for (char letter = 'A'; letter < 'A' + 12; ++letter) {
    const std::string symbol = std::string("X") + letter + "-USD";
    symbols.push_back({symbol, ""});
    faults.push_back("refuse:X" + std::string(1, letter) + "/USD");
  }
  FeedBench bench("kraken-v2", {}, faults);
  bench.start(bench.feed(symbols));

  EXPECT_TRUE(bench.wait([&] {
    return bench.status().reason ==
           "refused by the venue: XA/USD XB/USD XC/USD XD/USD XE/USD XF/USD XG/USD XH/USD XI/USD "
           "XJ/USD and 2 others";
  })) << bench.status().reason;
}

// It stood in the feed's reason for as long as the feed lived.
TEST(FeedRunner, ForgetsARefusalWithoutASymbolWithItsConnection) {
  const auto& venue = venue_case("kraken-v1");
  FeedBench bench(venue.kind, {});
  ScriptedVenue script(bench.loop());
  auto options = bench.feed(venue.symbols({"BTC"}));
  options.url = script.url();
  bench.start(options);
  ASSERT_TRUE(bench.wait([&] { return script.subscribed("/") == 1; }));
  script.send("/", R"({"event":"subscriptionStatus","status":"error","errorMessage":"no"})");
  ASSERT_TRUE(bench.wait([&] {
    return bench.status().reason == "refused by the venue: (a request of connection 1)";
  }));

  script.shut("/");
  script.reopen("/");

  EXPECT_TRUE(bench.wait([&] {
    return script.subscribed("/") == 2 && bench.is(FeedState::kLive) &&
           bench.status().reason.empty();
  }));
}

TEST(FeedRunner, RefusesOptionsThatMakeNoSense) {
  FeedBench bench("binance-usdm", kTape);
  const auto with = [&](auto change) {
    auto options = bench.feed({{"BTC-USDT-PERP", ""}});
    change(options);
    const auto checked = ingest::FeedRunner::check(options);
    return checked.ok() ? std::string() : checked.error().message;
  };

  EXPECT_EQ(with([](auto&) {}), "");
  EXPECT_NE(with([](auto& options) { options.adapter = "nonsense"; }).find("nonsense"),
            std::string::npos);
  EXPECT_NE(with([](auto& options) { options.url = "http://x"; }), "");
  EXPECT_NE(with([](auto& options) {
              options.symbols.push_back({"BTC-USDT-PERP", ""});
            }).find("twice"),
            std::string::npos);
  EXPECT_NE(with([](auto& options) {
              options.symbols.push_back({"BTCUSDT", ""});
            }).find("'BTCUSDT'"),
            std::string::npos);
}

}  // namespace
}  // namespace ticker::tests
