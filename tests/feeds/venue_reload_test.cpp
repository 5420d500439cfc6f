#include <algorithm>
#include <map>
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

std::vector<std::string> tape(const VenueCase& venue, int messages) {
  std::vector<std::string> all;
  for (int i = 0; i < messages; ++i) {
    const auto native = venue.native(i / 2 % 2 == 0 ? "BTC" : "ETH");
    // Each instrument's trades are counted.
    all.push_back(i % 2 == 0 ? venue.quote(native, i + 1, std::to_string(10'000 + i) + ".5")
                             : venue.trade(native, i / 4 + 1, "61800.30"));
  }
  return all;
}

// Its number on the tape: the end of its id or, of the venue that has none, in its time.
std::int64_t number_of(const market::Trade& trade) {
  constexpr std::int64_t kKrakensFirst = 1'618'678'100;
  const std::string id(trade.id.text());
  return id.empty() ? to_us(trade.exchange_time) / 1'000'000 - kKrakensFirst
                    : std::stoll(id.substr(id.rfind('-') + 1));
}

class VenueReload : public testing::TestWithParam<VenueCase> {};

TEST_P(VenueReload, LosesAndDoublesNoTradeWhereSymbolsChange) {
  constexpr std::uint64_t kReloads = 3;
  const auto& venue = GetParam();
  FeedBench bench(venue.kind, tape(venue, 40'000), {}, {1, false});
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

  std::map<market::InstrumentId, std::int64_t> last;
  for (const auto& trade : bench.trades()) {
    const auto number = number_of(trade);
    const auto known = last.find(trade.instrument);
    ASSERT_TRUE(known == last.end() || number == known->second + 1) << number;
    last[trade.instrument] = number;
    EXPECT_EQ(trade.missed_before, 0);
  }
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

INSTANTIATE_TEST_SUITE_P(Venues, VenueReload, testing::ValuesIn(venue_cases()),
                         [](const auto& one) {
                           std::string name = one.param.kind;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace ticker::tests
