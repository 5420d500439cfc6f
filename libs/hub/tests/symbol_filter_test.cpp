#include <ticker/hub/symbol_filter.hpp>

#include <gtest/gtest.h>
#include <ticker/hub/access.hpp>

namespace ticker::hub {
namespace {

using protocol::Pattern;

SymbolFilter of(std::initializer_list<std::string_view> texts) {
  return SymbolFilter(std::vector<Pattern>(texts.begin(), texts.end()));
}

TEST(SymbolFilter, KnowsWhichFeedsItMaySee) {
  market::MarketState state("e1");
  for (const auto& [symbol, feed] : {std::pair("kraken:BTC-USD", "kraken"), {"kraken:ETH-USD", "kraken"},
                                     {"okx:ETH-USD", "okx"}}) {
    market::Instrument instrument;
    instrument.symbol = symbol;
    instrument.feed = feed;
    state.add(instrument);
  }
  const auto shows = [&state](std::string_view pattern, std::string_view feed) {
    return of({pattern}).shows_feed(state, feed);
  };
  EXPECT_TRUE(shows("kraken:*", "kraken"));
  EXPECT_TRUE(shows("kraken:BTC-USD", "kraken"));
  EXPECT_TRUE(shows("kraken:XMR-USD", "kraken")) << "it names something of it";
  EXPECT_TRUE(shows("kra*", "kraken"));
  EXPECT_TRUE(shows("*:*", "kraken"));
  EXPECT_TRUE(shows("k*n:*", "kraken"));
  EXPECT_FALSE(shows("k*m:*", "kraken"));
  EXPECT_FALSE(shows("kraken:*", "kraken-2"));
  EXPECT_FALSE(shows("kraken-2:*", "kraken"));
  EXPECT_FALSE(shows("kraken", "kraken"));
  EXPECT_TRUE(SymbolFilter().shows_feed(state, "kraken"));
  EXPECT_FALSE(of({}).shows_feed(state, "kraken"));
}

// Of every venue the instrument, and so the venues that have it: no others.
TEST(SymbolFilter, ShowsOfFeedsThatNoTextNamesThoseThatHaveAnInstrumentOfIt) {
  market::MarketState state("e1");
  market::Instrument instrument;
  instrument.symbol = "kraken:BTC-USD";
  instrument.feed = "kraken";
  const auto id = state.add(instrument);
  instrument.symbol = "okx:ETH-USD";
  instrument.feed = "okx";
  state.add(instrument);
  const SymbolFilter filter = of({"*:BTC-USD"});
  EXPECT_TRUE(filter.shows_feed(state, "kraken"));
  EXPECT_FALSE(filter.shows_feed(state, "okx"));
  EXPECT_FALSE(filter.shows_feed(state, "empty"));
  state.remove(id);
  EXPECT_FALSE(filter.shows_feed(state, "kraken"));
}

// Clients with equal keys share what is worked out for one of them.
TEST(SymbolFilter, HasTheSameKeyForTheSameTextsInAnyOrder) {
  EXPECT_EQ(of({"b:*", "a:*"}).key(), of({"a:*", "b:*", "a:*"}).key());
  EXPECT_NE(of({"b:*", "a:*"}).key(), of({"a:*"}).key());
  EXPECT_EQ(of({"a:*", "*"}).key(), SymbolFilter().key());
  EXPECT_NE(of({}).key(), SymbolFilter().key());
  EXPECT_EQ((Access{of({"b:*", "a:*"}), {}, {}}).key(), (Access{of({"a:*", "b:*"}), {}, {}}).key());
}

}  // namespace
}  // namespace ticker::hub
