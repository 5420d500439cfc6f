#include <ticker/ingest/ingest.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <ticker/base/log.hpp>

#include "feed_bench.hpp"
#include "scripted_venue.hpp"

namespace ticker::tests {
namespace {

using market::FeedState;
using market::Field;

const std::string kQuote =
    R"({"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"61800.20","B":"2","a":"61800.30","A":"2"}})";

ingest::FeedOptions simulator(const std::string& name) {
  ingest::FeedOptions options;
  options.name = name;
  options.adapter = "simulator";
  options.instruments = 5;
  options.updates_per_second = 1000;
  return options;
}

TEST(Ingest, RunsASimulatorFeed) {
  FeedBench bench("binance-spot", {});
  bench.start(simulator("demo"));

  ASSERT_TRUE(bench.wait([&] { return bench.replica().size() == 5 && bench.batches() > 20; }));

  EXPECT_EQ(bench.status("demo").state, FeedState::kLive);
  std::size_t fresh = 0;
  bench.replica().for_each_changed_since(0, [&](const market::InstrumentState& state) {
    fresh += state.stale ? 0U : 1U;
    return true;
  });
  EXPECT_EQ(fresh, 5U);
}

TEST(Ingest, AnswersAStateRequestWithWhatTheNextBatchFollowsOn) {
  FeedBench bench("binance-spot", {});
  bench.start(simulator("demo"));
  ASSERT_TRUE(bench.wait([&] { return bench.batches() > 3; }));

  std::string bytes;
  bench.ingest().request_state([&](std::string state) { bytes = std::move(state); });
  ASSERT_TRUE(bench.wait([&] { return !bytes.empty(); }));

  const auto whole = market::MarketState::deserialise(bytes, {});
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->version(), bench.replica().version());
  EXPECT_EQ(bench.ingest().state().version(), whole->version());
}

TEST(Ingest, ReloadAddsAndRemovesFeedsWithoutDisturbingOthers) {
  FeedBench bench("binance-spot", {kQuote});
  const auto feed = bench.feed({{"BTC-USDT", ""}});
  bench.start(feed);
  ASSERT_TRUE(bench.wait([&] { return bench.value("venue:BTC-USDT", Field::kBid) == "61800.20"; }));
  const auto id = bench.replica().find("venue:BTC-USDT")->id;

  ASSERT_TRUE(bench.ingest().apply({simulator("demo"), feed}).ok());
  ASSERT_TRUE(bench.wait([&] { return bench.replica().size() == 6; }));
  ASSERT_TRUE(bench.ingest().apply({feed}).ok());
  ASSERT_TRUE(bench.wait([&] { return bench.replica().size() == 1; }));

  EXPECT_EQ(bench.replica().find("venue:BTC-USDT")->id, id);
  EXPECT_EQ(bench.server().opened(), 1U);
  EXPECT_EQ(bench.status("demo").feed, "");
}

TEST(Ingest, ReloadOfAFeedKeepsTheInstrumentsThatStay) {
  FeedBench bench("binance-spot", {kQuote});
  bench.start(bench.feed({{"BTC-USDT", ""}, {"ETH-USDT", ""}}));
  ASSERT_TRUE(bench.wait([&] { return bench.value("venue:BTC-USDT", Field::kBid) == "61800.20"; }));
  const auto id = bench.replica().find("venue:BTC-USDT")->id;

  ASSERT_TRUE(bench.ingest().apply({bench.feed({{"BTC-USDT", ""}, {"SOL-USDT", ""}})}).ok());
  ASSERT_TRUE(bench.wait([&] { return bench.replica().find("venue:SOL-USDT") != nullptr; }));

  EXPECT_EQ(bench.replica().find("venue:ETH-USDT"), nullptr);
  EXPECT_EQ(bench.replica().find("venue:BTC-USDT")->id, id);
  EXPECT_EQ(bench.value("venue:BTC-USDT", Field::kBid), "61800.20");
  EXPECT_TRUE(
      bench.wait([&] { return bench.server().opened() == 2 && bench.is(FeedState::kLive); }));
}

// Their random numbers were copies of one engine: a hundred connections that lost their venue
// together came back together.
TEST(Ingest, FeedsThatLoseTheirVenueTogetherDoNotComeBackTogether) {
  FeedBench bench("binance-spot", {});
  bench.stop_serving();
  std::set<std::string> waits;
  log::set_sink([&](log::Level, std::string_view line) {
    if (const auto at = line.find("next attempt in "); at != std::string_view::npos) {
      waits.emplace(line.substr(at));
    }
  });
  ingest::Ingest::Options options;
  options.epoch = "e1";
  ingest::Ingest ingest(bench.loop(), bench, options);
  std::vector<ingest::FeedOptions> feeds;
  for (int i = 0; i < 8; ++i) {
    feeds.push_back(bench.feed({{"BTC-USDT", ""}}));
    feeds.back().name += std::to_string(i);
  }
  ASSERT_TRUE(ingest.apply(feeds).ok());

  ingest.start();
  const auto all_tried = [&] {
    return std::all_of(feeds.begin(), feeds.end(), [&](const ingest::FeedOptions& feed) {
      return std::any_of(ingest.state().feeds().begin(), ingest.state().feeds().end(),
                         [&](const market::FeedStatus& status) {
                           return status.feed == feed.name && status.state == FeedState::kDown;
                         });
    });
  };
  ASSERT_TRUE(bench.wait(all_tried));
  log::set_sink(nullptr);

  EXPECT_GT(waits.size(), 4U);
}

TEST(Ingest, ReloadWithAnErrorChangesNothing) {
  FeedBench bench("binance-spot", {kQuote});
  const auto feed = bench.feed({{"BTC-USDT", ""}});
  bench.start(feed);
  auto wrong = feed;
  wrong.name = "wrong";
  wrong.adapter = "nonsense";

  EXPECT_FALSE(bench.ingest().apply({wrong}).ok());

  EXPECT_NE(bench.ingest().state().find("venue:BTC-USDT"), nullptr);
  EXPECT_TRUE(bench.wait([&] { return bench.is(FeedState::kLive); }));
}

TEST(Ingest, ReloadFollowsAChangedNativeName) {
  FeedBench bench("binance-spot", {kQuote});
  bench.start(bench.feed({{"BTC-USDT", "NOSUCH"}}));
  ASSERT_TRUE(bench.wait([&] { return bench.server().connections() == 1; }));

  ASSERT_TRUE(bench.ingest().apply({bench.feed({{"BTC-USDT", "BTCUSDT"}})}).ok());

  EXPECT_TRUE(bench.wait(
      [&] { return bench.replica().find("venue:BTC-USDT")->instrument.native == "BTCUSDT"; }));
  EXPECT_EQ(bench.ingest().state().size(), 1U);
}

// A venue's connection takes 200 instruments: one that comes in before them moves the last one to
// another connection. Its trades were told twice while the old connection handed over.
TEST(Ingest, ReloadThatMovesAnInstrumentToAnotherConnectionDoublesNoTrade) {
  const auto& venue = venue_case("binance-spot");
  std::vector<std::string> tape;
  for (int i = 0; i < 20'000; ++i) {
    tape.push_back(venue.trade(venue.native("ETH"), i + 1, "61800.30"));
  }
  FeedBench bench(venue.kind, tape, {}, {1, false});
  bench.set_handover({std::chrono::milliseconds(500), std::chrono::milliseconds(60'000)});
  std::vector<std::string> bases;
  for (int i = 0; i < 199; ++i) {
    bases.push_back("A" + std::to_string(i));
  }
  bases.emplace_back("ETH");
  bench.start(bench.feed(venue.symbols(bases)));
  ASSERT_TRUE(bench.wait([&] { return bench.trades().size() > 10; }));

  bases.insert(bases.begin(), "BTC");
  ASSERT_TRUE(bench.ingest().apply({bench.feed(venue.symbols(bases))}).ok());

  ASSERT_TRUE(bench.wait(
      [&] { return bench.server().opened() == 3 && bench.server().connections() == 2; }));
  const auto trades = bench.trades().size();
  ASSERT_TRUE(bench.wait([&] { return bench.trades().size() > trades + 10; }));
  std::int64_t last = 0;
  for (const auto& trade : bench.trades()) {
    const auto id = std::stoll(std::string(trade.id.text()));
    ASSERT_GT(id, last);
    if (last != 0 && id != last + 1) {
      EXPECT_EQ(trade.missed_before, market::Trade::kUnknownMissed);
    }
    last = id;
  }
  EXPECT_FALSE(bench.stale(venue.symbol("ETH")));
}

// The venue's changes go on from what it told the old name: nobody told the new one.
TEST(Ingest, ReloadThatRenamesAnInstrumentAsksForItAnew) {
  const auto& venue = venue_case("bybit-linear");
  std::vector<std::string> tape;
  for (int i = 0; i < 20'000; ++i) {
    const bool is_whole = i < 3;
    tape.push_back(venue.quote("BTCUSDT", i + 1, is_whole ? "61800.10" : "61800.20"));
  }
  FeedBench bench(venue.kind, tape, {}, {1, false});
  bench.start(bench.feed({{"BTC-USDT-PERP", "BTCUSDT"}}));
  ASSERT_TRUE(
      bench.wait([&] { return bench.value("venue:BTC-USDT-PERP", Field::kBid) == "61800.20"; }));

  ASSERT_TRUE(bench.ingest().apply({bench.feed({{"XBT-USDT-PERP", "BTCUSDT"}})}).ok());

  EXPECT_TRUE(
      bench.wait([&] { return bench.value("venue:XBT-USDT-PERP", Field::kAsk) == "61800.30"; }));
}

// It was forgotten, though the venue is asked again only where the list is another one.
TEST(Ingest, ReloadKeepsWhatTheVenueRefusedOfWhatStays) {
  const auto& venue = venue_case("kraken-v2");
  FeedBench bench(venue.kind, {}, {"refuse:ETH/USD", "refuse:SOL/USD"});
  auto options = bench.feed(venue.symbols({"BTC", "ETH", "SOL"}));
  bench.start(options);
  ASSERT_TRUE(
      bench.wait([&] { return bench.status().reason == "refused by the venue: ETH/USD SOL/USD"; }));

  options.instrument_timeout = std::chrono::minutes(1);
  ASSERT_TRUE(bench.ingest().apply({options}).ok());
  bool is_told = false;
  bench.ingest().request_state([&](const std::string&) { is_told = true; });
  ASSERT_TRUE(bench.wait([&] { return is_told; }));
  EXPECT_EQ(bench.status().reason, "refused by the venue: ETH/USD SOL/USD");

  options.symbols.pop_back();
  ASSERT_TRUE(bench.ingest().apply({options}).ok());
  EXPECT_TRUE(bench.wait([&] { return bench.status().reason == "refused by the venue: ETH/USD"; }));
}

// Where it does not say which symbol it refuses, what it refused is a matter of the connection.
TEST(Ingest, ReloadKeepsARefusalWithoutASymbolWhileItsConnectionStays) {
  constexpr const char* kReason = "refused by the venue: (a request of connection 1)";
  const auto& venue = venue_case("kraken-v1");
  FeedBench bench(venue.kind, {});
  ScriptedVenue script(bench.loop());
  auto options = bench.feed(venue.symbols({"BTC", "ETH"}));
  options.url = script.url();
  bench.start(options);
  ASSERT_TRUE(bench.wait([&] { return script.subscribed("/") == 1; }));
  script.send("/", R"({"event":"subscriptionStatus","status":"error","errorMessage":"no"})");
  ASSERT_TRUE(bench.wait([&] { return bench.status().reason == kReason; }));

  options.instrument_timeout = std::chrono::minutes(1);
  ASSERT_TRUE(bench.ingest().apply({options}).ok());
  bool is_told = false;
  bench.ingest().request_state([&](const std::string&) { is_told = true; });
  ASSERT_TRUE(bench.wait([&] { return is_told; }));
  EXPECT_EQ(bench.status().reason, kReason);

  options.symbols.pop_back();
  ASSERT_TRUE(bench.ingest().apply({options}).ok());
  EXPECT_TRUE(bench.wait([&] { return bench.status().reason.empty(); }));
}

// A symbol of many, and a request that is not named.
TEST(Ingest, AsksAgainForWhatAVenueRefusedForBeingAskedTooMuch) {
  const auto& venue = venue_case("kraken-v2");
  FeedBench bench(venue.kind, {});
  bench.set_ask_again_after(std::chrono::milliseconds(20));
  ScriptedVenue script(bench.loop());
  auto options = bench.feed(venue.symbols({"BTC", "ETH"}));
  options.url = script.url();
  bench.start(options);
  std::ptrdiff_t asked = 0;
  for (const auto* refusal :
       {R"({"error":"Exceeded msg rate","method":"subscribe","success":false,"symbol":"ETH/USD"})",
        R"({"Error":"Exceeded msg rate"})"}) {
    ASSERT_TRUE(bench.wait([&] { return script.asked("ETH/USD") >= asked + 2; }));  // its channels
    asked = script.asked("ETH/USD");
    script.send("/", refusal);
  }
  ASSERT_TRUE(bench.wait([&] { return script.asked("ETH/USD") >= asked + 2; }));
  EXPECT_TRUE(
      bench.wait([&] { return bench.status().reason == "refused by the venue: ETH/USD"; }));

  script.send("/",
              R"({"method":"subscribe","result":{"channel":"ticker","symbol":"ETH/USD"},"success":true})");

  EXPECT_TRUE(bench.wait([&] { return bench.status().reason.empty(); }));
  EXPECT_EQ(script.subscribed("/"), 1) << "on the same connection";
}

}  // namespace
}  // namespace ticker::tests
