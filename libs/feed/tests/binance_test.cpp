#include <ticker/feed/adapter.hpp>

#include <gtest/gtest.h>

#include "event_log.hpp"

namespace ticker::feed {
namespace {

using Lines = Decoded::Lines;

std::string spot_quote(int update, const std::string& bid) {
  return R"({"stream":"bnbusdt@bookTicker","data":{"u":)" + std::to_string(update) + R"(,"s":"BNBUSDT","b":")" + bid +
         R"(","B":"31.21000000","a":"25.36520000","A":"40.66000000"}})";
}

std::string trade(long long id, const std::string& more = "") {
  return R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1672515782136,"s":"BTCUSDT","t":)" + std::to_string(id) +
         R"(,"p":"0.001","q":"100","T":1672515782135,"m":true)" + more + "}}";
}

TEST(Binance, ReadsSpotQuotesWithoutEventNameOrTime) {
  Decoded decode("binance-spot");
  EXPECT_EQ(decode(R"({"u":400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"})"),
            Lines{"ticker BNBUSDT bid=25.35190000 bid_size=31.21000000 ask=25.36520000 ask_size=40.66000000"});
}

TEST(Binance, ReadsFuturesQuotesInEveryDocumentedKeyOrder) {
  Decoded decode("binance-usdm");
  EXPECT_EQ(decode(R"({"e":"bookTicker","u":1,"E":1568014460893,"T":1568014460891,"s":"A","b":"25.3","B":"31.2","a":"25.4","A":"40"})"),
            Lines{"ticker A bid=25.3 bid_size=31.2 ask=25.4 ask_size=40 @1568014460891000"});
  EXPECT_EQ(decode(R"({"e":"bookTicker","u":2,"s":"A","ps":"A","b":"1","B":"2","a":"3","A":"4","T":5,"E":6,"st":1})"),
            Lines{"ticker A bid=1 bid_size=2 ask=3 ask_size=4 @5000"});
  EXPECT_EQ(decode(R"({"data":{"A":"4","a":"3","B":"2","b":"1","s":"A","u":3,"e":"bookTicker"},"stream":"a@bookTicker"})"),
            Lines{"ticker A bid=1 bid_size=2 ask=3 ask_size=4"});
}

TEST(Binance, LeavesOutWhatAQuoteDoesNotSpeakOfAndClearsWhatIsEmpty) {
  Decoded decode("binance-spot");
  EXPECT_EQ(decode(R"({"u":1,"s":"A","b":"","B":"2"})"), Lines{"ticker A bid=null bid_size=2"});
}

TEST(Binance, DropsQuotesThatAreNotNewerUntilTheConnectionIsAnother) {
  Decoded decode("binance-spot");
  decode(spot_quote(10, "1"));
  EXPECT_EQ(decode(spot_quote(10, "2")), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(spot_quote(9, "2")), Lines{"skipped duplicate"});
  decode.adapter().reset();
  EXPECT_EQ(decode(spot_quote(9, "2")).size(), 1U);
  EXPECT_EQ(decode(spot_quote(9, "2")), Lines{"skipped duplicate"});
}

TEST(Binance, TakesTheTakersSideFromWhetherTheBuyerWasMaker) {
  Decoded decode("binance-spot");
  EXPECT_EQ(decode(trade(5)), Lines{"trade BTCUSDT #5 0.001 x 100 sell sets=last,last_size,last_side @1672515782135000"});
  EXPECT_EQ(decode(R"({"e":"trade","s":"A","t":1,"p":"2","q":"3","T":4,"m":false})"),
            Lines{"trade A #1 2 x 3 buy sets=last,last_size,last_side @4000"});
}

TEST(Binance, CountsTradesThatNeverCame) {
  Decoded decode("binance-spot");
  decode(trade(5));
  EXPECT_EQ(decode(trade(8)),
            Lines{"trade BTCUSDT #8 0.001 x 100 sell sets=last,last_size,last_side missed=2 @1672515782135000"});
}

}  // namespace
}  // namespace ticker::feed
