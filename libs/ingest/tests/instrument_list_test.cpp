#include "instrument_list.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ticker::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<feed::Listing> kList{
    {"BTC-EUR", "btceur"}, {"BTC-USD", "btcusd"}, {"ETH-USD", "ethusd"}, {"ETH-USDT", "ethusdt"}};

std::vector<std::string> names(const Resolved& resolved) {
  std::vector<std::string> names;
  for (const auto& symbol : resolved.symbols) {
    names.push_back(symbol.canonical + "=" + symbol.native);
  }
  return names;
}

TEST(InstrumentList, MatchesAnyTextWhereAStarIs) {
  EXPECT_TRUE(matches("*-USD", "BTC-USD"));
  EXPECT_FALSE(matches("*-USD", "BTC-USDT"));
  EXPECT_FALSE(matches("*-USD", "BTC-USD-PERP"));
  EXPECT_TRUE(matches("BTC-*", "BTC-USD-PERP"));
  EXPECT_FALSE(matches("BTC-*", "WBTC-USD"));
  EXPECT_TRUE(matches("*-*", "BTC-USD"));
  EXPECT_TRUE(matches("*C-U*-P*", "BTC-USD-PERP"));
  EXPECT_FALSE(matches("A*BA", "ABA-"));
  EXPECT_FALSE(matches("AB*BA", "ABA")) << "what the star stands between does not overlap";
}

TEST(InstrumentList, PutsWhatPatternsMatchBehindThePlainNames) {
  const auto resolved =
      resolve({{"*-USD", ""}, {"ETH-USD", ""}, {"BTC-*", ""}}, {"ethusd"}, kList, 100);

  EXPECT_THAT(names(resolved), ElementsAre("ETH-USD=", "BTC-EUR=btceur", "BTC-USD=btcusd"));
  EXPECT_THAT(resolved.faults, IsEmpty());
}

TEST(InstrumentList, DoesNotTakeAnInstrumentTwiceUnderTwoNames) {
  const auto resolved = resolve({{"XBT-USD", "btcusd"}, {"BTC-*", ""}}, {"btcusd"}, kList, 100);

  EXPECT_THAT(names(resolved), ElementsAre("XBT-USD=btcusd", "BTC-EUR=btceur"));
}

TEST(InstrumentList, NamesWhatTheVenueLacksAndWhatItHasInstead) {
  const auto resolved =
      resolve({{"BTC-USDX", ""}, {"DOGE-USD", ""}}, {"btcusdx", "dogeusd"}, kList, 100);

  EXPECT_THAT(names(resolved), ElementsAre("BTC-USDX=", "DOGE-USD="))
      << "lists may lack what is traded";
  EXPECT_THAT(resolved.faults,
              ElementsAre("the venue does not list 'BTC-USDX' (btcusdx); it has BTC-EUR, BTC-USD",
                          "the venue does not list 'DOGE-USD' (dogeusd)"));
}

// Many venues list each market by itself.
TEST(InstrumentList, DoesNotCallWrongWhatItCannotKnow) {
  const auto resolved =
      resolve({{"BTC-USD-PERP", ""}, {"BTC-USD-261225", ""}, {"XBT-USDX", ""}, {"*-USD-PERP", ""}},
              {"btcusdperp", "btcusd261225", "xbtusdx"}, kList, 100);

  EXPECT_EQ(resolved.symbols.size(), 3U);
  EXPECT_THAT(
      resolved.unverified,
      ElementsAre("'BTC-USD-PERP' (btcusdperp) is not verified: the venue's list has none of its "
                  "kind",
                  "'BTC-USD-261225' (btcusd261225) is not verified: the venue's list has none of "
                  "its kind"));
  EXPECT_THAT(resolved.faults, ElementsAre("the venue does not list 'XBT-USDX' (xbtusdx)",
                                           "nothing that the venue lists is a '*-USD-PERP'"));
}

TEST(InstrumentList, TakesNoMoreThanItMay) {
  const auto resolved = resolve({{"*-*", ""}}, {}, kList, 3);

  EXPECT_THAT(names(resolved), ElementsAre("BTC-EUR=btceur", "BTC-USD=btcusd", "ETH-USD=ethusd"));
  EXPECT_THAT(resolved.faults, ElementsAre("its patterns match 4 instruments, of which max_symbols "
                                           "allows 3: from 'ETH-USDT' on they are left out"));
}

TEST(InstrumentList, TakesAnInstrumentOnceHoweverOftenItIsListed) {
  const auto resolved =
      resolve({{"*-*", ""}}, {}, {{"BTC-USD", "btcusd"}, {"BTC-USD", "xbtusd"}}, 3);

  EXPECT_THAT(names(resolved), ElementsAre("BTC-USD=btcusd"));
}

TEST(InstrumentList, ComesBackFromItsFileOrNotAtAll) {
  const std::string file = ::testing::TempDir() + "ticker-list/x.instruments";
  const Timestamp fetched = from_us(1'700'000'000'000'000);
  ASSERT_TRUE(write_list(file, "okx", {{{"OLD-USD", "old"}}, fetched}).ok());
  ASSERT_TRUE(write_list(file, "okx", {kList, fetched}).ok());

  const auto list = read_list(file, "okx");

  ASSERT_TRUE(list);
  EXPECT_EQ(list->list, kList);
  EXPECT_EQ(list->fetched, fetched);
  EXPECT_FALSE(read_list(file, "bitstamp")) << "that of another venue";
  std::ostringstream whole;
  whole << std::ifstream(file).rdbuf();
  const std::string text = whole.str();
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    std::ofstream(file, std::ios::trunc) << text.substr(0, size);
    EXPECT_FALSE(read_list(file, "okx")) << size;
  }
  std::remove(file.c_str());
  EXPECT_FALSE(read_list(file, "okx"));
  EXPECT_FALSE(write_list("/proc/no/such", "okx", {kList, fetched}).ok());
}

}  // namespace
}  // namespace ticker::ingest
