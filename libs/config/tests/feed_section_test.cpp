#include <ticker/config/load.hpp>

#include <cstdio>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "load_fixture.hpp"

namespace ticker::config {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Feeds, TakeEveryKeyOfAVenue) {
  const Loaded loaded = load(R"(
feeds:
  - {name: binance, adapter: binance-spot, url: "wss://stream.binance.com:9443", trades: aggTrade, required: true,
     symbols: [BTC-USDT, {symbol: BTC-USD-PERP, native: BTCUSD_PERP}], feed_timeout_ms: 45000,
     instrument_timeout_ms: 60000}
)");

  ASSERT_THAT(loaded.errors, IsEmpty());
  const Feed& feed = loaded.config.feeds.at(0);
  EXPECT_EQ(feed.name, "binance");
  EXPECT_EQ(feed.adapter, "binance-spot");
  EXPECT_EQ(feed.url, "wss://stream.binance.com:9443");
  EXPECT_EQ(feed.trades, "aggTrade");
  EXPECT_TRUE(feed.required);
  ASSERT_EQ(feed.symbols.size(), 2u);
  EXPECT_EQ(feed.symbols[0].symbol, "BTC-USDT");
  EXPECT_EQ(feed.symbols[0].native, "");
  EXPECT_EQ(feed.symbols[1].symbol, "BTC-USD-PERP");
  EXPECT_EQ(feed.symbols[1].native, "BTCUSD_PERP");
  EXPECT_EQ(feed.feed_timeout, 45s);
  EXPECT_EQ(feed.instrument_timeout, 60s);
}

TEST(Feeds, TakeEveryKeyOfTheSimulator) {
  const Loaded loaded = load(
      "feeds: [{name: demo, adapter: simulator, seed: 42, instruments: 5, updates_per_second: 0}]");

  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.config.feeds.at(0).simulator.seed, 42u);
  EXPECT_EQ(loaded.config.feeds.at(0).simulator.instruments, 5u);
  EXPECT_EQ(loaded.config.feeds.at(0).simulator.updates_per_second, 0u);
}

TEST(Feeds, MustBeThere) {
  EXPECT_THAT(load("server: {}").errors,
              ElementsAre("t.yaml:1:1: feeds: expected a list of feeds, got nothing"));
  EXPECT_THAT(load("feeds: []").errors,
              ElementsAre("t.yaml:1:8: feeds: expected one feed at least, got a list"));
}

TEST(Feeds, PlayRecordingsUnderNamesOfTheirOwn) {
  const Loaded loaded = load(R"(feeds:
  - {name: a, adapter: simulator}
  - {name: b, adapter: recording, recordings: [{path: x, feed: a}, {path: y, feed: best}, {path: z, feed: b}]}
  - {name: c, adapter: recording, recordings: [{path: x, feed: d}, {path: y, feed: d}]}
  - {name: e, adapter: recording, recordings: [{path: z, feed: d}]}
)");

  const std::string expected = ": expected a name that no other feed has or plays, nor best, got ";
  EXPECT_THAT(loaded.errors, ElementsAre("t.yaml:3:64: feeds[1].recordings[0].feed" + expected + "\"a\"",
                                         "t.yaml:3:84: feeds[1].recordings[1].feed" + expected + "\"best\"",
                                         "t.yaml:5:64: feeds[3].recordings[0].feed" + expected + "\"d\""));
}

TEST(Feeds, MustHaveNamesOfTheirOwn) {
  const Loaded loaded =
      load("feeds:\n  - {name: a, adapter: simulator}\n  - {name: a, adapter: simulator}\n");

  EXPECT_THAT(
      loaded.errors,
      ElementsAre("t.yaml:3:12: feeds[1].name: expected a name that no other feed has, got \"a\""));
}

TEST(Feeds, NameTheAdaptersThereAre) {
  const Loaded loaded = load("feeds: [{name: a, adapter: bitmex}]");

  EXPECT_THAT(loaded.errors,
              ElementsAre("t.yaml:1:28: feeds[0].adapter: expected one of binance-spot, kraken-v2, "
                          "json-websocket, http-poll, recording, "
                        "simulator, got \"bitmex\""));
}

TEST(Feeds, OfAVenueNeedUrlAndSymbols) {
  const Loaded loaded = load("feeds: [{name: a, adapter: kraken-v2}]");

  EXPECT_THAT(loaded.errors,
              ElementsAre(HasSubstr("feeds[0].url: expected a URL"),
                          HasSubstr("feeds[0].symbols: expected a list of symbols, got nothing")));
}

TEST(Feeds, OfAVenueTakeNoKeysOfTheSimulator) {
  const Loaded loaded =
      load("feeds: [{name: a, adapter: kraken-v2, url: \"ws://h\", symbols: [A-B], seed: 1}]");

  EXPECT_THAT(
      loaded.errors,
      ElementsAre(HasSubstr("feeds[0].seed: expected no such key unless adapter is simulator")));
}

TEST(Feeds, OfTheSimulatorTakeNoKeysOfAVenue) {
  const Loaded loaded = load("feeds: [{name: a, adapter: simulator, url: \"ws://h\"}]");

  EXPECT_THAT(loaded.errors,
              ElementsAre(HasSubstr("feeds[0].url: expected no such key with adapter: simulator")));
}

TEST(Feeds, RefuseUrlsThatAreNoWebSockets) {
  for (const char* url :
       {"https://h", "wss://", "wss://u:p@h", "wss://h:99999", "wss://h:0", "wss://h:+1",
        "wss://h,i", "wss://[::1", "wss://[h]", "wss://[::1]x", "wss://h/#x", "wss://a b", "h"}) {
    const Loaded loaded = load("feeds: [{name: a, adapter: kraken-v2, url: \"" + std::string{url} +
                               "\", symbols: [A-B]}]");
    EXPECT_THAT(loaded.errors, ElementsAre(HasSubstr("feeds[0].url: expected a URL"))) << url;
  }
}

TEST(Feeds, RefuseSymbolsThatAreNotCanonical) {
  for (const char* symbol :
       {"BTCUSDT", "btc-usdt", "BTC-", "-BTC", "BTC--USDT", "kraken:BTC-USD", "BTC-*", "''"}) {
    const Loaded loaded = load("feeds: [{name: a, adapter: kraken-v2, url: \"ws://h\", symbols: [" +
                               std::string{symbol} + "]}]");
    EXPECT_THAT(loaded.errors, ElementsAre(HasSubstr("feeds[0].symbols[0]: expected a symbol")))
        << symbol;
  }
}

TEST(Feeds, RefuseASymbolOrNativeNameGivenTwice) {
  const Loaded loaded = load(R"(
feeds:
  - {name: a, adapter: kraken-v2, url: "ws://h",
     symbols: [A-B, {symbol: A-B, native: x}, {symbol: C-D, native: x}]}
)");

  EXPECT_THAT(
      loaded.errors,
      ElementsAre(
          "t.yaml:4:30: feeds[0].symbols[1]: expected each symbol of a feed once, got \"A-B\"",
          "t.yaml:4:69: feeds[0].symbols[2].native: expected each native name of a feed once (x is "
          "that of A-B), got \"x\""));
}

TEST(Feeds, TakePatternsWhereTheVenueListsItsInstruments) {
  LoadOptions options = test_options();
  options.has_listing = [](const std::string& adapter) { return adapter == "kraken-v2"; };
  const auto load_feed = [&](const std::string& keys) {
    return load_text("feeds: [{name: a, url: \"ws://h\", " + keys + "}]", "/etc/ticker/t.yaml", options);
  };

  const Loaded pattern = load_feed("adapter: kraken-v2, symbols: [\"*-USD\", A-B]");
  ASSERT_THAT(pattern.errors, IsEmpty());
  EXPECT_EQ(pattern.config.feeds[0].symbols[0].symbol, "*-USD");
  ASSERT_TRUE(pattern.config.feeds[0].discovery);
  EXPECT_EQ(pattern.config.feeds[0].discovery->max_symbols, 500u);
  EXPECT_FALSE(load_feed("adapter: kraken-v2, symbols: [A-B]").config.feeds[0].discovery);

  const Loaded keys = load_feed(
      "adapter: kraken-v2, symbols: [A-B], discovery: {url: \"https://h/x\", cache_folder: cache, timeout_ms: 20, "
      "max_symbols: 9}");
  ASSERT_THAT(keys.errors, IsEmpty());
  EXPECT_EQ(keys.config.feeds[0].discovery->url, "https://h/x");
  EXPECT_EQ(keys.config.feeds[0].discovery->cache_folder, "/etc/ticker/cache");
  EXPECT_EQ(keys.config.feeds[0].discovery->timeout, 20ms);
  EXPECT_EQ(keys.config.feeds[0].discovery->max_symbols, 9u);

  EXPECT_THAT(load_feed("adapter: kraken-v2, symbols: [\"*\"]").errors,
              ElementsAre(HasSubstr("symbols[0]: expected a symbol such as BTC-USDT, in capitals and without the venue, "
                                    "or a pattern such as *-USDT")));
  EXPECT_THAT(load_feed("adapter: binance-spot, symbols: [\"*-USD\"]").errors,
              ElementsAre(HasSubstr("symbols[0]: expected a symbol")));
  EXPECT_THAT(load_feed("adapter: binance-spot, symbols: [A-B], discovery: {}").errors,
              ElementsAre(HasSubstr("discovery: expected no such key with adapter: binance-spot")));
}

// Stands in for the adapters: names are written without the dash, and none begins with X.
LoadOptions with_native_names() {
  LoadOptions options = test_options();
  options.native_name = [](const std::string& adapter,
                           const std::string& symbol) -> std::optional<std::string> {
    EXPECT_EQ(adapter, "kraken-v2");
    const std::size_t dash = symbol.find('-');
    return symbol[0] == 'X' ? std::nullopt
                            : std::optional{symbol.substr(0, dash) + symbol.substr(dash + 1)};
  };
  return options;
}

TEST(Feeds, RefuseEverySymbolThatTheVenueCannotHave) {
  const Loaded loaded = load_text(R"(
feeds:
  - {name: a, adapter: kraken-v2, url: "ws://h", symbols: [X-A, A-B, {symbol: X-B, native: xb}]}
  - {name: b, adapter: kraken-v2, url: "ws://h", symbols: [X-C]}
)",
                                  "t.yaml", with_native_names());

  EXPECT_THAT(loaded.errors,
              ElementsAre("t.yaml:3:60: feeds[0].symbols[0]: expected a symbol that kraken-v2 can "
                          "have, or {symbol: …, native: …}, got \"X-A\"",
                          "t.yaml:4:60: feeds[1].symbols[0]: expected a symbol that kraken-v2 can "
                          "have, or {symbol: …, native: …}, got \"X-C\""));
}

TEST(Feeds, RefuseTwoSymbolsOfOneNativeName) {
  const Loaded loaded = load_text(R"(
feeds:
  - {name: a, adapter: kraken-v2, url: "ws://h", symbols: [A-BC, AB-C, {symbol: D-E, native: ABC}]}
  - {name: b, adapter: kraken-v2, url: "ws://h", symbols: [A-BC]}
)",
                                  "t.yaml", with_native_names());

  EXPECT_THAT(loaded.errors,
              ElementsAre("t.yaml:3:66: feeds[0].symbols[1]: expected each native name of a feed "
                          "once (ABC is that of A-BC), got \"AB-C\"",
                          "t.yaml:3:94: feeds[0].symbols[2].native: expected each native name of a "
                          "feed once (ABC is that of A-BC), got \"ABC\""));
}

TEST(Feeds, FindTheirCertificatesBesideTheConfiguration) {
  const std::string folder = ::testing::TempDir();
  std::ofstream(folder + "ticker-ca.pem") << "-----BEGIN CERTIFICATE-----\n";
  const std::string feed =
      "feeds: [{name: a, adapter: kraken-v2, url: \"wss://h\", symbols: [A-B], ca_file: ";

  const Loaded found = load_text(feed + "ticker-ca.pem}]", folder + "t.yaml", test_options());
  const Loaded missing = load_text(feed + "no-such.pem}]", folder + "t.yaml", test_options());
  std::remove((folder + "ticker-ca.pem").c_str());

  ASSERT_THAT(found.errors, IsEmpty());
  EXPECT_EQ(found.config.feeds[0].ca_file, folder + "ticker-ca.pem");
  EXPECT_THAT(missing.errors, ElementsAre(HasSubstr("feeds[0].ca_file: expected a readable file")));
}

constexpr const char* kTwoFeeds = R"(
feeds:
  - {name: a, adapter: kraken-v2, url: "ws://h", symbols: [BTC-USD]}
  - {name: b, adapter: simulator}
)";

TEST(Best, TakesTheSymbolsOfSeveralFeeds) {
  const Loaded loaded =
      load(std::string(kTwoFeeds) +
           "best: [{symbol: BTC-USD, from: ['a:BTC-USD', 'b:BTC-USD'], crossed_ms: 250}]");

  ASSERT_THAT(loaded.errors, IsEmpty());
  const Best& best = loaded.config.best.at(0);
  EXPECT_EQ(best.symbol, "BTC-USD");
  EXPECT_THAT(best.from, ElementsAre("a:BTC-USD", "b:BTC-USD"));
  EXPECT_EQ(best.crossed, 250ms);
}

TEST(Best, RefusesWhatNoFeedHasAndWhatIsOfOneVenueOnly) {
  EXPECT_THAT(
      load(std::string(kTwoFeeds) + "best: [{symbol: X-Y, from: ['a:ETH-USD', 'b:X']}]").errors,
      ElementsAre(HasSubstr("best[0].from[0]: expected a feed's symbol")));
  EXPECT_THAT(load(std::string(kTwoFeeds) + "best: [{symbol: X-Y, from: ['c:X', 'b:X']}]").errors,
              ElementsAre(HasSubstr("best[0].from[0]: expected a feed's symbol")));
  EXPECT_THAT(load(std::string(kTwoFeeds) + "best: [{symbol: X-Y, from: ['b:X']}]").errors,
              ElementsAre(HasSubstr("best[0].from: expected two symbols at least")));
  EXPECT_THAT(load(std::string(kTwoFeeds) + "best: [{from: ['b:X', 'b:Y']}]").errors,
              ElementsAre(HasSubstr("best[0].symbol: expected a symbol such as BTC-USD")));
}

TEST(Best, TakesNoMoreSymbolsThanAByteCounts) {
  const auto errors = [](int symbols) {
    std::string from;
    for (int number = 0; number < symbols; ++number) {
      from += (from.empty() ? "'b:X" : ", 'b:X") + std::to_string(number) + "'";
    }
    return load(std::string(kTwoFeeds) + "best: [{symbol: X-Y, from: [" + from + "]}]").errors;
  };
  EXPECT_THAT(errors(255), IsEmpty());
  EXPECT_THAT(errors(256), ElementsAre(HasSubstr("best[0].from: expected two symbols at least")));
}

TEST(Best, IsTheNameOfNoFeed) {
  EXPECT_THAT(load("feeds: [{name: best, adapter: simulator}]\n"
                   "best: [{symbol: X-Y, from: ['best:X', 'best:Y']}]")
                  .errors,
              ElementsAre(HasSubstr("best: expected no feed of this name beside it")));
}

}  // namespace
}  // namespace ticker::config
