#include "stay_in_place.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ticker::ingest {
namespace {

// As many as one connection of Bitfinex takes.
constexpr int kRun = 12;

bool stay(const char* kind, std::vector<FeedOptions::Symbol> before,
          std::vector<FeedOptions::Symbol> after) {
  FeedOptions from;
  from.name = "venue";
  from.adapter = kind;
  from.url = "ws://127.0.0.1:1";
  auto to = from;
  from.symbols = std::move(before);
  to.symbols = std::move(after);
  const auto adapter = feed::make_adapter(kind, {});
  return stay_in_place(*adapter.value(), from, to);
}

std::vector<FeedOptions::Symbol> symbols(int first, int count) {
  std::vector<FeedOptions::Symbol> all;
  for (int i = first; i < first + count; ++i) {
    all.push_back({"A" + std::to_string(i) + "-USD", ""});
  }
  return all;
}

TEST(StayInPlace, AllDoWhereOneConnectionTakesAll) {
  EXPECT_TRUE(stay("bitfinex", symbols(0, 5), symbols(3, 8)));
  EXPECT_TRUE(stay("bitfinex", symbols(0, 5), {}));
  EXPECT_TRUE(stay("bitfinex", {}, symbols(0, 5)));
}

TEST(StayInPlace, AllDoBeforeWhatIsAddedAtTheEnd) {
  EXPECT_TRUE(stay("bitfinex", symbols(0, kRun), symbols(0, kRun + 3)));
  EXPECT_TRUE(stay("bitfinex", symbols(0, kRun + 3), symbols(0, kRun)));
}

TEST(StayInPlace, OneMovesToAnotherConnection) {
  EXPECT_FALSE(stay("bitfinex", symbols(1, kRun), symbols(0, kRun + 1)));
  EXPECT_FALSE(stay("bitfinex", symbols(0, kRun + 1), symbols(1, kRun)));
}

// It has two kinds of connections, all of the first before those of the second.
TEST(StayInPlace, AConnectionOfAnotherKindGetsItsNumber) {
  std::vector<FeedOptions::Symbol> many;
  for (int i = 0; i < 101; ++i) {
    many.push_back({"A" + std::to_string(i) + "-USDT-PERP", ""});
  }
  auto few = many;
  few.pop_back();

  EXPECT_FALSE(stay("binance-usdm", few, many));
}

TEST(StayInPlace, NobodyHasAnotherName) {
  EXPECT_FALSE(stay("bitfinex", {{"BTC-USD", "BTCUSD"}}, {{"XBT-USD", "BTCUSD"}}));
  EXPECT_TRUE(stay("bitfinex", {{"BTC-USD", "BTCUSD"}}, {{"BTC-USD", "XBTUSD"}}));
}

}  // namespace
}  // namespace ticker::ingest
