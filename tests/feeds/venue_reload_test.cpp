#include <string>
#include <vector>

#include "feed_bench.hpp"
#include "scripted_venue.hpp"
#include "venue_cases.hpp"

// What each venue's guards make of two connections. Not every venue announces the end of one; every
// feed's symbols may change.
namespace ticker::tests {
namespace {

using market::FeedState;
using std::chrono::milliseconds;

class VenueReload : public testing::TestWithParam<VenueCase> {};

TEST_P(VenueReload, LosesAndDoublesNoTradeWhereSymbolsChange) {
  constexpr std::uint64_t kReloads = 3;
  const auto& venue = GetParam();
  FeedBench bench(venue.kind, numbered_tape(venue, 12'000), {}, {1, false});
  // Of an instrument that the tape does not have no trade is waited for any longer.
  bench.set_handover({milliseconds(200), milliseconds(60'000)});
  bench.let_venue_wait();
  bench.start(bench.feed(venue.symbols({"BTC", "ETH"})));
  const auto grows = [&] {
    return bench.wait(
        [&, before = bench.trades().size()] { return bench.trades().size() > before + 10; });
  };
  ASSERT_TRUE(grows());

  for (std::uint64_t reload = 0; reload < kReloads; ++reload) {
    const auto before = bench.stats().handovers_done.value();
    const auto symbols =
        reload % 2 == 0 ? venue.symbols({"BTC", "ETH", "SOL"}) : venue.symbols({"BTC", "ETH"});
    ASSERT_TRUE(bench.ingest().apply({bench.feed(symbols)}).ok());
    ASSERT_TRUE(bench.wait([&] { return bench.stats().handovers_done.value() > before; }));
    ASSERT_TRUE(grows());
  }

  expect_each_trade_once(bench.trades());
  EXPECT_EQ(bench.stats().reconnects.value(), 0U);
  EXPECT_EQ(bench.rejected("undecodable"), 0U);
  EXPECT_FALSE(bench.was(FeedState::kDown, ""));
  EXPECT_FALSE(bench.stale(venue.symbol("BTC")));
}

// It may have no second connection beside the first: Alpaca refuses it, Finnhub cuts both.
TEST(Reload, ConnectsAnewToAVenueThatTheConfigurationDescribes) {
  FeedBench bench("okx", {});
  ScriptedVenue script(bench.loop());
  bench.set_handover({milliseconds(20), milliseconds(60'000)});
  auto options = bench.feed({{"BTC-USD", "BTC"}});
  options.adapter = "json-websocket";
  options.url = script.url();
  options.json.messages.emplace_back();
  options.json.messages[0].symbol = "/s";
  options.json.messages[0].fields = {{market::Field::kBid, "/b"}};
  options.socket.subscribe = {R"({"subscribe":"{symbol}"})"};
  bench.start(options);
  ASSERT_TRUE(bench.wait([&] { return script.subscribed("/") == 1; }));

  options.symbols.push_back({"ETH-USD", "ETH"});
  ASSERT_TRUE(bench.ingest().apply({options}).ok());

  EXPECT_TRUE(bench.wait([&] {
    script.send("/", R"({"s":"ETH","b":"2"})");
    return bench.value("venue:ETH-USD", market::Field::kBid) == "2";
  }));
  EXPECT_EQ(bench.stats().handovers_done.value(), 0U);
  EXPECT_EQ(script.subscribed("/"), 2);
}

// Nobody knows what was traded between the two connections.
TEST(Reload, TellsAGapOfTradesWhereAVenueIsConnectedAnew) {
  FeedBench bench("okx", {});
  ScriptedVenue script(bench.loop());
  auto options = bench.feed({{"BTC-USD", "BTC"}});
  options.adapter = "json-websocket";
  options.url = script.url();
  auto& message = options.json.messages.emplace_back();
  message.symbol = "/s";
  message.trade = {{.price = "/p", .size = "/q", .side = "/d", .id = "/i"}};
  options.socket.subscribe = {R"({"subscribe":"{symbol}"})"};
  bench.start(options);
  const auto gives = [&](int connection, const std::string& id) {
    ASSERT_TRUE(bench.wait([&] { return script.subscribed("/") == connection; }));
    const auto before = bench.trades().size();
    script.send("/", R"({"s":"BTC","p":"1","q":"1","d":"buy","i":")" + id + "\"}");
    ASSERT_TRUE(bench.wait([&] { return bench.trades().size() > before; }));
  };
  gives(1, "a");
  gives(1, "b");

  options.symbols.push_back({"ETH-USD", "ETH"});
  ASSERT_TRUE(bench.ingest().apply({options}).ok());
  gives(2, "c");
  gives(2, "d");

  std::vector<std::int64_t> missed;
  for (const auto& trade : bench.trades()) {
    missed.push_back(trade.missed_before);
  }
  EXPECT_EQ(missed, (std::vector<std::int64_t>{0, 0, market::Trade::kUnknownMissed, 0}));
}

INSTANTIATE_TEST_SUITE_P(Venues, VenueReload, testing::ValuesIn(venue_cases()),
                         [](const auto& one) {
                           std::string name = one.param.kind;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace ticker::tests
