#include <ticker/feed/adapter.hpp>

#include <gtest/gtest.h>

#include "event_log.hpp"

namespace ticker::feed {
namespace {

using Lines = Decoded::Lines;

std::string spot_quote(std::uint64_t update, const std::string& bid) {
  return R"({"stream":"bnbusdt@bookTicker","data":{"u":)" + std::to_string(update) +
         R"(,"s":"BNBUSDT","b":")" + bid +
         R"(","B":"31.21000000","a":"25.36520000","A":"40.66000000"}})";
}

std::string trade(long long id, const std::string& more = "") {
  return R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1672515782136,"s":"BTCUSDT","t":)" +
         std::to_string(id) + R"(,"p":"0.001","q":"100","T":1672515782135,"m":true)" + more + "}}";
}

TEST(Binance, ReadsSpotQuotesWithoutEventNameOrTime) {
  Decoded decode("binance-spot");
  EXPECT_EQ(
      decode(
          R"({"u":400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"})"),
      Lines{"ticker BNBUSDT bid=25.35190000 bid_size=31.21000000 ask=25.36520000 "
            "ask_size=40.66000000"});
}

TEST(Binance, ReadsFuturesQuotesInEveryDocumentedKeyOrder) {
  Decoded decode("binance-usdm");
  EXPECT_EQ(
      decode(
          R"({"e":"bookTicker","u":1,"E":1568014460893,"T":1568014460891,"s":"A","b":"25.3","B":"31.2","a":"25.4","A":"40"})"),
      Lines{"ticker A bid=25.3 bid_size=31.2 ask=25.4 ask_size=40 @1568014460891000"});
  EXPECT_EQ(
      decode(
          R"({"e":"bookTicker","u":2,"s":"A","ps":"A","b":"1","B":"2","a":"3","A":"4","T":5,"E":6,"st":1})"),
      Lines{"ticker A bid=1 bid_size=2 ask=3 ask_size=4 @5000"});
  EXPECT_EQ(
      decode(
          R"({"data":{"A":"4","a":"3","B":"2","b":"1","s":"A","u":3,"e":"bookTicker"},"stream":"a@bookTicker"})"),
      Lines{"ticker A bid=1 bid_size=2 ask=3 ask_size=4"});
}

TEST(Binance, TakesTheLastOfAKeyThatIsGivenTwice) {
  Decoded decode("binance-spot");
  EXPECT_EQ(decode(R"({"u":1,"s":"B","b":"1","s":"A","b":"2","b":null,"b":"3"})"),
            Lines{"ticker A bid=3"});
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

// Trades and statistics kept the instrument fresh, its quote stood until the next connection.
TEST(Binance, IsNotSilencedByAnUpdateIdThatIsAbsurd) {
  Decoded decode("binance-spot");
  decode(spot_quote(10, "1"));
  EXPECT_EQ(decode(spot_quote(std::uint64_t{1} << 63U, "2")).front().substr(0, 6), "ticker");

  EXPECT_EQ(decode(spot_quote(11, "3")).front().substr(0, 20), "ticker BNBUSDT bid=3");
  EXPECT_EQ(decode(spot_quote(12, "4")).front().substr(0, 20), "ticker BNBUSDT bid=4");
  EXPECT_EQ(decode(spot_quote(11, "3")), Lines{"skipped duplicate"});
}

TEST(Binance, IsNotSilencedForLongByUpdateIdsThatBeginAnew) {
  Decoded decode("binance-spot");
  decode(spot_quote(1000, "1"));
  EXPECT_EQ(decode(spot_quote(1, "2"), std::chrono::seconds(29)), Lines{"skipped duplicate"});

  EXPECT_EQ(decode(spot_quote(2, "3"), std::chrono::seconds(30)).front().substr(0, 6), "ticker");
  EXPECT_EQ(decode(spot_quote(3, "4"), std::chrono::seconds(30)).front().substr(0, 6), "ticker");
}

TEST(Binance, TakesTheTakersSideFromWhetherTheBuyerWasMaker) {
  Decoded decode("binance-spot");
  EXPECT_EQ(
      decode(trade(5)),
      Lines{"trade BTCUSDT #5 0.001 x 100 sell sets=last,last_size,last_side @1672515782135000"});
  EXPECT_EQ(decode(R"({"e":"trade","s":"A","t":1,"p":"2","q":"3","T":4,"m":false})"),
            Lines{"trade A #1 2 x 3 buy sets=last,last_size,last_side @4000"});
}

TEST(Binance, CountsTradesThatNeverCame) {
  Decoded decode("binance-spot");
  decode(trade(5));
  EXPECT_EQ(decode(trade(8)), Lines{"trade BTCUSDT #8 0.001 x 100 sell "
                                    "sets=last,last_size,last_side missed=2 @1672515782135000"});
}

// No trade came any more, and a gap of 9e18 was told.
TEST(Binance, IsNotSilencedByATradeIdThatIsAbsurd) {
  Decoded decode("binance-spot");
  const auto line = [](const std::string& id, const std::string& missed) {
    return Lines{"trade BTCUSDT #" + id + " 0.001 x 100 sell sets=last,last_size,last_side" +
                 missed + " @1672515782135000"};
  };
  decode(trade(5));
  EXPECT_EQ(decode(trade(9'223'372'036'854'775'807)), line("9223372036854775807", " missed=-1"));

  EXPECT_EQ(decode(trade(6)), line("6", " missed=-1"));
  EXPECT_EQ(decode(trade(7)), line("7", ""));
  EXPECT_EQ(decode(trade(6)), Lines{"skipped duplicate"});
}

TEST(Binance, TakesTradeIdsThatBeginAnew) {
  Decoded decode("binance-spot");
  decode(trade(5'000'000));
  EXPECT_EQ(decode(trade(4'900'001)), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(trade(1)).front().substr(0, 17), "trade BTCUSDT #1 ");
  EXPECT_EQ(decode(trade(2)).front().substr(0, 17), "trade BTCUSDT #2 ");

  decode(trade(500));
  EXPECT_EQ(decode(trade(1), std::chrono::seconds(29)), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(trade(1), std::chrono::seconds(30)).front().substr(0, 17), "trade BTCUSDT #1 ");
}

TEST(Binance, KnowsHowManyTradesAReconnectCost) {
  Decoded decode("binance-usdm");
  decode(trade(5));
  decode.adapter().reset();
  EXPECT_EQ(decode(trade(9)), Lines{"trade BTCUSDT #9 0.001 x 100 sell "
                                    "sets=last,last_size,last_side missed=3 @1672515782135000"});
}

// The venue's next server may be half a second behind the one that was lost: its trades were told
// twice.
TEST(Binance, DropsTradesThatCameAlreadyOverAReconnectToo) {
  Decoded decode("binance-spot");
  decode(trade(5));
  EXPECT_EQ(decode(trade(5)), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(trade(4)), Lines{"skipped duplicate"});
  decode.adapter().reset();
  EXPECT_EQ(decode(trade(4)), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(trade(5)), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(trade(6)), Lines{"trade BTCUSDT #6 0.001 x 100 sell "
                                    "sets=last,last_size,last_side @1672515782135000"});
}

TEST(Binance, PassesOverTradesOffTheMarketWithoutCallingThemMissed) {
  Decoded decode("binance-usdm");
  decode(trade(5, R"(,"X":"MARKET")"));
  EXPECT_EQ(decode(trade(6, R"(,"X":"INSURANCE_FUND")")), Lines{"skipped not_market_trade"});
  EXPECT_EQ(
      decode(trade(7, R"(,"X":"MARKET")")),
      Lines{"trade BTCUSDT #7 0.001 x 100 sell sets=last,last_size,last_side @1672515782135000"});
}

TEST(Binance, StillTellsOfTradesMissedBeforeOneOffTheMarket) {
  Decoded decode("binance-usdm");
  decode(trade(5));
  decode(trade(8, R"(,"X":"INSURANCE_FUND")"));
  EXPECT_EQ(decode(trade(9)), Lines{"trade BTCUSDT #9 0.001 x 100 sell "
                                    "sets=last,last_size,last_side missed=2 @1672515782135000"});
}

TEST(Binance, ReadsTheKindOfTradesThatItIsConfiguredFor) {
  const std::string aggregate =
      R"({"stream":"a@aggTrade","data":{"e":"aggTrade","E":9,"s":"A","a":7,"p":"1","q":"2","nq":"2","f":1,"l":2,"T":8,"m":true}})";
  Decoded plain("binance-usdm");
  EXPECT_EQ(plain(aggregate), Lines{"skipped other_channel"});
  Decoded aggregated("binance-usdm", {.trades = "aggTrade"});
  EXPECT_EQ(aggregated(aggregate),
            Lines{"trade A #7 1 x 2 sell sets=last,last_size,last_side @8000"});
  EXPECT_EQ(aggregated(trade(1)), Lines{"skipped other_channel"});
  Decoded either("binance-usdm", {.trades = ""});
  EXPECT_EQ(either(aggregate).front().substr(0, 10), "trade A #7");
  EXPECT_EQ(either(trade(1)), Lines{"skipped other_channel"});
}

const std::string kMiniTicker =
    R"({"e":"24hrMiniTicker","E":1672515782136,"s":"BTCUSDT","c":"0.0025","o":"0.0010","h":"0.0030","l":"0.0009","v":"10000","q":"18"})";

TEST(Binance, TakesTheLastPriceFromMiniTickerUntilATradeCame) {
  Decoded decode("binance-spot");
  const std::string day =
      " open_24h=0.0010 high_24h=0.0030 low_24h=0.0009 volume_24h=10000 quote_volume_24h=18 "
      "@1672515782136000";
  EXPECT_EQ(decode(kMiniTicker), Lines{"ticker BTCUSDT last=0.0025" + day});
  EXPECT_EQ(decode(kMiniTicker), Lines{"ticker BTCUSDT last=0.0025" + day});
  decode(trade(5));
  EXPECT_EQ(decode(kMiniTicker), Lines{"ticker BTCUSDT" + day});
  decode.adapter().reset();
  EXPECT_EQ(decode(kMiniTicker), Lines{"ticker BTCUSDT last=0.0025" + day});
}

TEST(Binance, TakesTheLastPriceFromMiniTickerOnceWhereTradesComeOnAnotherConnection) {
  Decoded decode("binance-usdm", {.trades = "trade"});
  EXPECT_NE(decode(kMiniTicker).front().find("last="), std::string::npos);
  EXPECT_EQ(decode(kMiniTicker).front().find("last="), std::string::npos);
}

// The raw stream may be acknowledged and silent: the last price stayed what it was at connect.
TEST(Binance, KeepsTheLastPriceOfFuturesMovingWhereNoTradeComes) {
  for (const auto* const kind : {"binance-usdm", "binance-coinm"}) {
    Decoded decode(kind, {.trades = std::string(documented_trades(kind))});
    EXPECT_NE(decode(kMiniTicker).front().find("last="), std::string::npos) << kind;
    EXPECT_NE(decode(kMiniTicker).front().find("last="), std::string::npos) << kind;
  }
}

TEST(Binance, HasNoQuoteVolumeForCoinMargined) {
  Decoded decode("binance-coinm");
  EXPECT_EQ(decode(kMiniTicker), Lines{"ticker BTCUSDT last=0.0025 open_24h=0.0010 high_24h=0.0030 "
                                       "low_24h=0.0009 volume_24h=10000 @1672515782136000"});
}

TEST(Binance, TakesTheDayButNoQuoteFromTheFullTicker) {
  Decoded decode("binance-spot");
  EXPECT_EQ(
      decode(
          R"({"e":"24hrTicker","E":2,"s":"A","p":"0.5","P":"25.00","w":"2.1","x":"2","c":"2.5","Q":"1","b":"2.4","B":"10","a":"2.6","A":"100","o":"2.0","h":"3","l":"1","v":"10","q":"18","O":0,"C":86400000,"F":0,"L":18150,"n":18151})"),
      Lines{"ticker A last=2.5 open_24h=2.0 high_24h=3 low_24h=1 volume_24h=10 quote_volume_24h=18 "
            "change_24h=0.5 "
            "change_percent_24h=25.00 vwap_24h=2.1 @2000"});
}

TEST(Binance, UnderstandsMicroseconds) {
  Decoded decode("binance-spot");
  EXPECT_EQ(decode(R"({"e":"trade","s":"A","t":1,"p":"2","q":"3","T":1672515782135123,"m":false})"),
            Lines{"trade A #1 2 x 3 buy sets=last,last_size,last_side @1672515782135123"});
}

TEST(Binance, PassesOverDepthInAnyForm) {
  Decoded decode("binance-usdm");
  EXPECT_EQ(
      decode(
          R"({"stream":"a@depth@0ms","data":{"e":"depthUpdate","E":1,"s":"A","U":1,"u":2,"b":[["1","2"]],"a":[]}})"),
      Lines{"skipped other_channel"});
  EXPECT_EQ(
      decode(
          R"({"data":{"b":[["1","2"]],"a":[["3","4"]],"u":2,"s":"A","e":"depthUpdate"},"stream":"a@depth"})"),
      Lines{"skipped other_channel"});
  EXPECT_EQ(decode(R"({"lastUpdateId":160,"E":1,"T":2,"bids":[["0.1","2"]],"asks":[]})"),
            Lines{"skipped other_channel"});
  EXPECT_EQ(decode(R"({"stream":"a@kline_1m","data":{"e":"kline","s":"A","k":{"o":"1"}}})"),
            Lines{"skipped other_channel"});
}

TEST(Binance, TellsOfControlMessages) {
  Decoded decode("binance-spot");
  EXPECT_EQ(decode(R"({"result":null,"id":1})"), (Lines{"notice subscribed", "skipped control"}));
  EXPECT_EQ(decode(R"({"result":["a@trade"],"id":3})"),
            (Lines{"notice subscribed", "skipped control"}));
  EXPECT_EQ(decode(R"({"code":2,"msg":"Invalid request: too many parameters","id":1})"),
            (Lines{"notice error: Invalid request: too many parameters", "skipped control"}));
  EXPECT_EQ(decode(R"({"error":{"code":3,"msg":"Invalid JSON"},"id":1})"),
            (Lines{"notice error: Invalid JSON", "skipped control"}));
  EXPECT_EQ(decode(R"({"e":"serverShutdown","E":1770123456789})"),
            (Lines{"notice planned_close: serverShutdown", "skipped control"}));
  EXPECT_EQ(decode(R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}})"),
            (Lines{"notice planned_close: serverShutdown", "skipped control"}));
}

TEST(Binance, RefusesWhatIsNotThereOrMakesNoSense) {
  Decoded decode("binance-spot", {}, {"A"});
  const Lines undecodable{"rejected undecodable"};
  EXPECT_EQ(decode("[]"), undecodable);
  EXPECT_EQ(decode("{}"), undecodable);
  EXPECT_EQ(decode("17"), undecodable);
  EXPECT_EQ(decode(R"({"u":1,"b":"1"})"), undecodable);            // no symbol
  EXPECT_EQ(decode(R"({"u":1,"s":"A"})"), undecodable);            // no value
  EXPECT_EQ(decode(R"({"u":-1,"s":"A","b":"1"})"), undecodable);   // no id
  EXPECT_EQ(decode(R"({"u":1,"s":"A","b":"1,5"})"), undecodable);  // no number
  EXPECT_EQ(decode(R"({"e":"trade","s":"A","t":1,"p":"","q":"3","T":4,"m":true})"),
            undecodable);  // a trade has a price
  EXPECT_EQ(decode(R"({"e":"trade","s":"A","t":1,"p":"2","q":"3","T":4})"),
            undecodable);  // and a side
  EXPECT_EQ(decode(R"({"e":"trade","s":"A","p":"2","q":"3","T":4,"m":true})"),
            undecodable);  // and an id
  EXPECT_EQ(decode(R"({"e":"trade","s":"A","t":1,"p":"2","q":"3","T":"x","m":true})"), undecodable);
  EXPECT_EQ(decode(R"({"u":1,"s":"B","b":"1"})"), Lines{"rejected unknown_instrument"});
}

TEST(Binance, RefusesWhatCannotBeHeldExactlyAndNothingElse) {
  Decoded decode("binance-spot");
  const Lines out_of_range{"rejected out_of_range"};
  EXPECT_EQ(decode(spot_quote(1, "1.00000000000000000000000000001")), out_of_range);
  EXPECT_EQ(decode(R"({"u":1,"s":"A","b":1e400})"), out_of_range);
  EXPECT_EQ(decode(R"({"u":99999999999999999999,"s":"A","b":"1"})"), out_of_range);
  EXPECT_EQ(decode(R"({"e":"trade","s":"A","t":1,"p":"2","q":"3","T":9999999999999999,"m":true})"),
            out_of_range);
  // The refused quote left no trace: its update id is still free.
  EXPECT_EQ(decode(spot_quote(1, "1.0")).front(),
            "ticker BNBUSDT bid=1.0 bid_size=31.21000000 ask=25.36520000 ask_size=40.66000000");
}

TEST(Binance, NamesInstrumentsAsItsVenuesDo) {
  Decoded spot("binance-spot");
  Decoded usdm("binance-usdm");
  Decoded coinm("binance-coinm");
  EXPECT_EQ(spot.adapter().native_name("BTC-USDT"), "BTCUSDT");
  EXPECT_EQ(spot.adapter().native_name("BTC-USDT-PERP"), std::nullopt);
  EXPECT_EQ(usdm.adapter().native_name("BTC-USDT-PERP"), "BTCUSDT");
  EXPECT_EQ(usdm.adapter().native_name("BTC-USDT-210924"), "BTCUSDT_210924");
  EXPECT_EQ(usdm.adapter().native_name("BTC-USDT"), std::nullopt);
  EXPECT_EQ(coinm.adapter().native_name("BTC-USD-PERP"), "BTCUSD_PERP");
  EXPECT_EQ(coinm.adapter().native_name("BTC-USD-210924"), "BTCUSD_210924");
  for (const auto* const bad :
       {"", "BTC", "BTC-", "-USDT", "btc-usdt", "A-B-C-D", "BTC USDT", "BTC--USDT"}) {
    EXPECT_EQ(spot.adapter().native_name(bad), std::nullopt) << bad;
  }
}

std::vector<std::string> many_natives(std::size_t count) {
  std::vector<std::string> natives;
  for (std::size_t i = 0; i < count; ++i) {
    natives.push_back("A" + std::to_string(i));
  }
  return natives;
}

TEST(Binance, SubscribesInLowerCaseOverOneConnection) {
  Decoded spot("binance-spot");
  const auto plan = spot.adapter().plan("wss://example:9443/", {"BTCUSDT"});
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].url, "wss://example:9443/stream");
  EXPECT_EQ(
      plan[0].requests,
      Lines{
          R"({"method":"SUBSCRIBE","params":["btcusdt@bookTicker","btcusdt@trade","btcusdt@miniTicker"],"id":1})"});
  EXPECT_EQ(plan[0].natives, Lines{"BTCUSDT"});
}

TEST(Binance, SplitsManyInstrumentsOverConnectionsAndRequests) {
  Decoded spot("binance-spot");
  const auto plan = spot.adapter().plan("ws://h", many_natives(201));
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(plan[0].natives.size(), 200U);
  EXPECT_EQ(plan[0].requests.size(), 6U);  // 600 streams, 100 each
  EXPECT_EQ(plan[1].natives, Lines{"A200"});
}

TEST(Binance, KeepsEachUsdmStreamOnItsOwnPath) {
  const Decoded::Lines natives{"BTCUSDT"};
  Decoded raw("binance-usdm", {.trades = "trade"});
  const auto with_trades = raw.adapter().plan("wss://h", natives);
  ASSERT_EQ(with_trades.size(), 2U);
  EXPECT_EQ(with_trades[0].url, "wss://h/public/stream");
  EXPECT_EQ(
      with_trades[0].requests,
      Lines{R"({"method":"SUBSCRIBE","params":["btcusdt@bookTicker","btcusdt@trade"],"id":1})"});
  EXPECT_EQ(with_trades[1].url, "wss://h/market/stream");
  EXPECT_EQ(with_trades[1].requests,
            Lines{R"({"method":"SUBSCRIBE","params":["btcusdt@miniTicker"],"id":1})"});
  Decoded aggregated("binance-usdm", {.trades = "aggTrade"});
  EXPECT_EQ(
      aggregated.adapter().plan("wss://h", natives)[1].requests,
      Lines{R"({"method":"SUBSCRIBE","params":["btcusdt@miniTicker","btcusdt@aggTrade"],"id":1})"});
}

}  // namespace
}  // namespace ticker::feed
