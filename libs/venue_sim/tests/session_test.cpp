#include <ticker/venue_sim/session.hpp>

#include <string>

#include <gtest/gtest.h>

#include "test_venue.hpp"

namespace ticker::venue_sim {
namespace {

TEST(BinanceSession, SendsNothingBeforeASubscription) {
  Venue venue("binance-spot", {kQuote});
  const auto session = venue.connect("/stream");

  EXPECT_EQ(venue.after(*session, seconds(5)), Texts());
}

TEST(BinanceSession, AcknowledgesThenPlaysWhatIsCoveredAtTheRecordedPace) {
  Venue venue("binance-spot", {kQuote, kTrade, kDepth, kQuote2});
  const auto session = venue.connect("/stream");

  EXPECT_EQ(venue.request(*session, kSubscribeQuotes), Texts({R"({"result":null,"id":7})"}));
  EXPECT_EQ(venue.after(*session, milliseconds(0)), Texts({kQuote}));
  EXPECT_EQ(venue.after(*session, milliseconds(2999)), Texts());
  EXPECT_EQ(venue.after(*session, milliseconds(1)), Texts({kQuote2}));
}

TEST(BinanceSession, TakesStreamsFromItsUrlOnAnyPath) {
  Venue venue("binance-usdm", {kQuote, kTrade}, {}, {Timeline::kMax, false});
  const auto session =
      venue.connect("/some/path/stream?streams=btcusdt@trade%2Fbtcusdt@bookTicker&timeUnit=ms");

  EXPECT_TRUE(session->subscribed());
  EXPECT_EQ(venue.request(*session, R"({"method":"LIST_SUBSCRIPTIONS","id":"x"})"),
            Texts({R"({"result":["btcusdt@bookTicker","btcusdt@trade"],"id":"x"})"}));
  EXPECT_EQ(venue.after(*session, seconds(0)), Texts({kQuote, kTrade}));
}

TEST(BinanceSession, UnwrapsThePayloadOnARawPath) {
  Venue venue("binance-spot", {kQuote});
  const auto session = venue.connect("/ws/btcusdt@bookTicker");
  venue.request(*session, R"({"method":"LIST_SUBSCRIPTIONS","id":1})");

  EXPECT_EQ(venue.after(*session, seconds(0)),
            Texts({R"({"u":1,"s":"BTCUSDT","b":"1","B":"2","a":"3","A":"4"})"}));
}

TEST(BinanceSession, GivesALateSubscriberNoPastQuote) {
  Venue venue("binance-spot", {kQuote, kTrade, kQuote2});
  const auto first = venue.connect("/stream");
  venue.request(*first, kSubscribeQuotes);
  venue.after(*first, milliseconds(1500));
  const auto late = venue.connect("/stream");

  EXPECT_EQ(venue.request(*late, kSubscribeQuotes), Texts({R"({"result":null,"id":7})"}));
  EXPECT_EQ(venue.after(*late, milliseconds(500)), Texts({kQuote2}));
}

TEST(BinanceSession, AnswersWhatItDoesNotUnderstandAndGoesOn) {
  Venue venue("binance-spot", {kQuote});
  const auto session = venue.connect("/stream");

  EXPECT_EQ(venue.request(*session, "{"),
            Texts({R"({"code": 3, "msg": "Invalid JSON: expected value at line 1 column 1"})"}));
  EXPECT_EQ(
      venue.request(*session, R"({"method":"SET_PROPERTY","params":["combined","x"],"id":5})"),
      Texts({R"({"code": 1, "msg": "Invalid value type: expected Boolean"})"}));
  EXPECT_EQ(venue.request(*session, kSubscribeQuotes), Texts({R"({"result":null,"id":7})"}));
}

TEST(BinanceSession, AcknowledgesARefusedSymbolAndStaysSilent) {
  Venue venue("binance-spot", {kQuote}, {{Fault::Kind::kRefuse, 0, 0, "BTCUSDT"}});
  const auto session = venue.connect("/stream");

  EXPECT_EQ(venue.request(*session, kSubscribeQuotes), Texts({R"({"result":null,"id":7})"}));
  EXPECT_EQ(venue.after(*session, seconds(10)), Texts());
}

TEST(BinanceSession, WithWrongPathIsSilentOnStreamsOfTheOtherPath) {
  Venue venue("binance-usdm", {kQuote, kQuote2}, {{Fault::Kind::kWrongPath, 0, 0, ""}});
  const auto wrong = venue.connect("/market/stream");
  const auto right = venue.connect("/public/stream");

  EXPECT_EQ(venue.request(*wrong, kSubscribeQuotes), Texts({R"({"result":null,"id":7})"}));
  EXPECT_EQ(venue.request(*right, kSubscribeQuotes), Texts({R"({"result":null,"id":7})"}));
  EXPECT_EQ(venue.after(*wrong, seconds(1)), Texts());
  EXPECT_EQ(venue.after(*right, seconds(0)), Texts({kQuote, kQuote2}));
}

TEST(BinanceSession, BeginsAnewWhenTheTapeLoops) {
  Venue venue("binance-spot", {kQuote, kQuote2}, {}, {1, true});
  const auto session = venue.connect("/stream");
  venue.request(*session, kSubscribeQuotes);

  // Two messages a second apart, and the mean gap of half a second.
  EXPECT_EQ(venue.after(*session, milliseconds(1499)), Texts({kQuote, kQuote2}));
  EXPECT_EQ(venue.after(*session, milliseconds(1)), Texts({kQuote}));
}

TEST(CoinbaseExchangeSession, AnswersWithTheWholeSetAndRefusesByName) {
  Venue venue("coinbase-exchange", {}, {{Fault::Kind::kRefuse, 0, 0, "NO-SUCH"}});
  const auto session = venue.connect();

  EXPECT_EQ(
      venue.request(
          *session,
          R"({"type":"subscribe","product_ids":["YFI-BTC","NO-SUCH"],"channels":["ticker","matches"]})"),
      Texts(
          {R"({"type":"error","message":"Failed to subscribe","reason":"NO-SUCH is not a valid product"})",
           R"({"type":"error","message":"Failed to subscribe","reason":"NO-SUCH is not a valid product"})",
           R"({"type":"subscriptions","channels":[{"name":"matches","product_ids":["YFI-BTC"]},{"name":"ticker","product_ids":["YFI-BTC"]}]})"}));
}

TEST(CoinbaseExchangeSession, GivesALateSubscriberTheLastTickerButNoTrade) {
  const std::string ticker1 =
      R"({"type":"ticker","sequence":1,"product_id":"YFI-BTC","price":"1"})";
  const std::string match = R"({"type":"match","trade_id":5,"product_id":"YFI-BTC","price":"1"})";
  const std::string ticker2 =
      R"({"type":"ticker","sequence":2,"product_id":"YFI-BTC","price":"2"})";
  Venue venue("coinbase-exchange", {ticker1, match, ticker2, match});
  const auto first = venue.connect();
  venue.request(*first, R"({"type":"subscribe","product_ids":["YFI-BTC"],"channels":["ticker"]})");
  venue.after(*first, milliseconds(2500));

  const auto late = venue.connect();
  const auto got = venue.request(
      *late, R"({"type":"subscribe","product_ids":["YFI-BTC"],"channels":["ticker","matches"]})");

  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[1], ticker2);
  EXPECT_EQ(venue.after(*late, milliseconds(500)), Texts({match}));
}

TEST(CoinbaseExchangeSession, BeatsEachSecondForEachProductAskedFor) {
  Venue venue("coinbase-exchange", {});
  const auto session = venue.connect();
  venue.request(
      *session,
      R"({"type":"subscribe","channels":[{"name":"heartbeat","product_ids":["A-B","C-D"]}]})");

  EXPECT_EQ(venue.after(*session, milliseconds(999)), Texts());
  const auto beats = venue.after(*session, milliseconds(1));
  ASSERT_EQ(beats.size(), 2U);
  EXPECT_EQ(
      beats[1],
      R"({"type":"heartbeat","sequence":1,"last_trade_id":0,"product_id":"C-D","time":"2023-11-14T22:13:21.000000Z"})");
}

TEST(CoinbaseAdvancedSession, NumbersAcknowledgementsAsTheTapesNextMessage) {
  const std::string ticker =
      R"({"channel":"ticker","timestamp":"t","sequence_num":41,"events":[{"type":"snapshot","tickers":[{"type":"ticker","product_id":"BTC-USD","price":"1"}]}]})";
  const std::string ack =
      R"({"channel":"subscriptions","timestamp":"t","sequence_num":42,"events":[{"subscriptions":{}}]})";
  Venue venue("coinbase-advanced", {ticker, ack});
  const auto session = venue.connect();

  EXPECT_EQ(
      venue.request(*session,
                    R"({"type":"subscribe","product_ids":["BTC-USD"],"channel":"ticker"})"),
      Texts(
          {R"({"channel":"subscriptions","timestamp":"2023-11-14T22:13:20.000000Z","sequence_num":41,"events":[{"subscriptions":{"ticker":["BTC-USD"]}}]})"}));
  EXPECT_EQ(venue.after(*session, milliseconds(0)), Texts({ticker}));
  EXPECT_EQ(
      venue.request(*session, R"({"type":"subscribe","channel":"heartbeats"})"),
      Texts(
          {R"({"channel":"subscriptions","timestamp":"2023-11-14T22:13:20.000000Z","sequence_num":42,"events":[{"subscriptions":{"heartbeats":["heartbeats"],"ticker":["BTC-USD"]}}]})"}));
  EXPECT_EQ(
      venue.after(*session, seconds(1)),
      Texts(
          {R"({"channel":"heartbeats","timestamp":"2023-11-14T22:13:21.000000Z","sequence_num":42,"events":[{"current_time":"2023-11-14 22:13:21.000000 +0000 UTC m=+1.000000000","heartbeat_counter":1}]})"}));
}

TEST(KrakenV1Session, GreetsAcknowledgesPerPairAndBeatsOnlyWhenIdle) {
  const std::string ticker = R"([1668,{"a":["13.25",35,"35.7"]},"ticker","WAVES/EUR"])";
  Venue venue("kraken-v1", {ticker}, {{Fault::Kind::kRefuse, 0, 0, "XXX/YYY"}});
  const auto session = venue.connect();

  EXPECT_EQ(
      venue.drain(*session),
      Texts(
          {R"({"connectionID":18239578009413566319,"event":"systemStatus","status":"online","version":"1.8.3"})"}));
  EXPECT_EQ(venue.after(*session, seconds(5)), Texts());
  EXPECT_EQ(
      venue.request(
          *session,
          R"({"event":"subscribe","reqid":7,"pair":["WAVES/EUR","XXX/YYY"],"subscription":{"name":"ticker"}})"),
      Texts(
          {R"({"channelID":1668,"channelName":"ticker","event":"subscriptionStatus","pair":"WAVES/EUR","reqid":7,"status":"subscribed","subscription":{"name":"ticker"}})",
           R"({"errorMessage":"Currency pair not supported XXX/YYY","event":"subscriptionStatus","pair":"XXX/YYY","reqid":7,"status":"error","subscription":{"name":"ticker"}})"}));
  EXPECT_EQ(venue.after(*session, milliseconds(900)), Texts({ticker}));
  EXPECT_EQ(venue.after(*session, milliseconds(999)), Texts());
  EXPECT_EQ(venue.after(*session, milliseconds(1)), Texts({R"({"event":"heartbeat"})"}));
  EXPECT_EQ(venue.request(*session, R"({"event":"ping","reqid":42})"),
            Texts({R"({"event":"pong","reqid":42})"}));
}

TEST(KrakenV2Session, AcknowledgesPerSymbolAndPlaysEachChannel) {
  const std::string ticker =
      R"({"channel":"ticker","type":"snapshot","data":[{"symbol":"ALGO/USD","bid":0.10025}]})";
  const std::string trade =
      R"({"channel":"trade","type":"update","data":[{"symbol":"ALGO/USD","side":"sell","price":0.5117}]})";
  Venue venue("kraken-v2", {R"({"channel":"status","data":[{"system":"online"}]})", ticker, trade},
              {{Fault::Kind::kRefuse, 0, 0, "XBT/USD"}}, {Timeline::kMax, false});
  const auto session = venue.connect();
  venue.drain(*session);

  EXPECT_EQ(
      venue.request(
          *session,
          R"({"method":"subscribe","params":{"channel":"ticker","symbol":["ALGO/USD","XBT/USD"],"event_trigger":"bbo"},"req_id":1})"),
      Texts(
          {R"({"method":"subscribe","req_id":1,"result":{"channel":"ticker","snapshot":true,"symbol":"ALGO/USD"},"success":true,"time_in":"2023-11-14T22:13:20.000000Z","time_out":"2023-11-14T22:13:20.000000Z"})",
           R"({"error":"Currency pair not supported XBT/USD","method":"subscribe","req_id":1,"symbol":"XBT/USD","success":false,"time_in":"2023-11-14T22:13:20.000000Z","time_out":"2023-11-14T22:13:20.000000Z"})"}));
  EXPECT_EQ(venue.after(*session, seconds(0)), Texts({ticker}));
}

std::string bybit_ticker(const std::string& type, const std::string& members, int cross) {
  return R"({"topic":"tickers.A","type":")" + type + R"(","data":{"symbol":"A")" + members +
         R"(},"cs":)" + std::to_string(cross) + R"(,"ts":5})";
}

TEST(BybitSession, RefusesAWholeRequestForOneTopicAndAnswersPings) {
  const std::string ticker = bybit_ticker("snapshot", "", 1);
  Venue venue("bybit-linear", {ticker}, {{Fault::Kind::kRefuse, 0, 0, "B"}});
  const auto session = venue.connect();
  const std::string connection = R"("conn_id":"0970e817-426e-429a-a679-ff7f55e0b16a","req_id":"7")";

  EXPECT_EQ(
      venue.request(*session,
                    R"({"req_id":"7","op":"subscribe","args":["tickers.A","publicTrade.B"]})"),
      Texts({R"({"success":false,"ret_msg":"error:handler not found,topic:publicTrade.B",)" +
             connection + R"(,"op":"subscribe"})"}));
  EXPECT_FALSE(session->subscribed());
  EXPECT_EQ(venue.request(*session, R"({"req_id":"7","op":"subscribe","args":["tickers.A"]})"),
            Texts({R"({"success":true,"ret_msg":"",)" + connection + R"(,"op":"subscribe"})"}));
  EXPECT_EQ(venue.after(*session, seconds(0)), Texts({ticker}));
  EXPECT_EQ(venue.request(*session, R"({"req_id":"7","op":"ping"})"),
            Texts({R"({"success":true,"ret_msg":"pong",)" + connection + R"(,"op":"ping"})"}));
}

TEST(BybitSession, GivesALateSubscriberTheChangesMergedIntoASnapshot) {
  Venue venue("bybit-linear", {bybit_ticker("snapshot", R"(,"bid1Price":"0")", 0),
                               bybit_ticker("snapshot", R"(,"bid1Price":"1","lastPrice":"2")", 1),
                               bybit_ticker("delta", R"(,"bid1Price":"3")", 2),
                               bybit_ticker("delta", R"(,"ask1Price":"")", 3),
                               bybit_ticker("delta", R"(,"bid1Price":"4")", 4)});
  const auto first = venue.connect();
  venue.request(*first, R"({"op":"subscribe","args":["tickers.A"]})");
  venue.after(*first, milliseconds(3500));
  const auto late = venue.connect();

  const auto got = venue.request(*late, R"({"op":"subscribe","args":["tickers.A"]})");
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[1],
            bybit_ticker("snapshot", R"(,"bid1Price":"3","lastPrice":"2","ask1Price":"")", 3));
  EXPECT_EQ(venue.after(*late, milliseconds(500)),
            Texts({bybit_ticker("delta", R"(,"bid1Price":"4")", 4)}));
}

TEST(BybitSession, TakesTenTopicsOfSpotInOneRequest) {
  Venue venue("bybit-spot", {});
  const auto session = venue.connect();
  EXPECT_EQ(
      venue.request(*session,
                    R"({"op":"subscribe","args":["a","b","c","d","e","f","g","h","i","j","k"]})"),
      Texts(
          {R"({"success":false,"ret_msg":"args size >10","conn_id":"0970e817-426e-429a-a679-ff7f55e0b16a","op":"subscribe"})"}));
}

TEST(BitfinexSession, GivesChannelsTheNumbersThatTheyHaveOnTheTape) {
  const std::string ticker = "[17,[1,2,3,4,5,6,7,8,9,10],1]";
  Venue venue("bitfinex",
              {R"({"event":"subscribed","channel":"ticker","chanId":17,"symbol":"tA","pair":"A"})",
               ticker, R"([17,"hb",2])"});
  const auto session = venue.connect();
  EXPECT_EQ(
      venue.drain(*session),
      Texts(
          {R"({"event":"info","version":2,"serverId":"083bd8d4-aca7-4690-a573-eabfc8103de8","platform":{"status":1}})"}));

  EXPECT_EQ(venue.request(*session, R"({"event":"conf","flags":65536})"),
            Texts({R"({"event":"conf","status":"OK","flags":65536})"}));
  const std::string subscribe = R"({"event":"subscribe","channel":"ticker","symbol":"tA"})";
  EXPECT_EQ(
      venue.request(*session, subscribe),
      Texts({R"({"event":"subscribed","channel":"ticker","symbol":"tA","chanId":17,"pair":"A"})"}));
  EXPECT_EQ(
      venue.request(*session, subscribe),
      Texts(
          {R"({"event":"error","channel":"ticker","symbol":"tA","msg":"subscribe: dup","code":10301,"chanId":17,"pair":"A"})"}));
  EXPECT_EQ(venue.after(*session, seconds(2)), Texts({ticker}));
  EXPECT_EQ(venue.after(*session, seconds(13)), Texts({R"([17,"hb"])"}));
}

TEST(BitfinexSession, RefusesWhatItDoesNotHaveOrHasTooManyOf) {
  Venue venue("bitfinex", {}, {{Fault::Kind::kRefuse, 0, 0, "NO"}});
  const auto session = venue.connect();
  venue.drain(*session);
  const auto subscribe = [&](const std::string& symbol) {
    return venue
        .request(*session, R"({"event":"subscribe","channel":"ticker","symbol":")" + symbol + "\"}")
        .front();
  };

  EXPECT_EQ(
      subscribe("tNO"),
      R"({"event":"error","channel":"ticker","symbol":"tNO","msg":"symbol: invalid","code":10300,"pair":"NO"})");
  for (int i = 0; i < 36; ++i) {
    EXPECT_NE(subscribe("tA" + std::to_string(i)).find("subscribed"), std::string::npos);
  }
  EXPECT_NE(subscribe("tB").find("10305"), std::string::npos);
  EXPECT_EQ(venue.request(*session, "not JSON"), Texts());
}

TEST(BitstampSession, AcknowledgesAnyMarketAndBeatsWhenAsked) {
  const std::string trade = R"({"data":{"id":7},"channel":"live_trades_btcusd","event":"trade"})";
  Venue venue("bitstamp", {trade}, {{Fault::Kind::kRefuse, 0, 0, "ethusd"}});
  const auto session = venue.connect();

  for (const auto* const market : {"btcusd", "ethusd"}) {
    EXPECT_EQ(
        venue.request(*session, R"({"event":"bts:subscribe","data":{"channel":"live_trades_)" +
                                    std::string(market) + R"("}})"),
        Texts({R"({"event":"bts:subscription_succeeded","channel":"live_trades_)" +
               std::string(market) + R"(","data":{}})"}));
  }
  EXPECT_EQ(venue.after(*session, seconds(0)), Texts({trade}));
  EXPECT_EQ(venue.request(*session, R"({"event":"bts:heartbeat"})"),
            Texts({R"({"event":"bts:heartbeat","channel":"","data":{"status":"success"}})"}));
}

TEST(BitstampSession, ComplainsInTheVenuesWords) {
  Venue venue("bitstamp", {});
  const auto session = venue.connect();
  const auto complaint = [](const std::string& text) {
    return Texts(
        {R"({"event":"bts:error","channel":"","data":{"code":null,"message":")" + text + R"("}})"});
  };

  EXPECT_EQ(venue.request(*session, "{"), complaint("Incorrect JSON format."));
  EXPECT_EQ(venue.request(*session, R"({"event":"bts:subscribe"})"),
            complaint("Bad subscription string."));
  EXPECT_EQ(venue.request(*session,
                          R"({"event":"bts:subscribe","data":{"channel":"live_trades_BTC/USD"}})"),
            complaint("Invalid channel provided."));
}

TEST(OkxSession, AcknowledgesPerArgumentAndRefusesByName) {
  const std::string trade =
      R"({"arg":{"channel":"trades","instId":"A-B"},"data":[{"instId":"A-B","tradeId":"1"}]})";
  Venue venue("okx", {trade}, {{Fault::Kind::kRefuse, 0, 0, "C-D"}});
  const auto session = venue.connect();

  EXPECT_EQ(
      venue.request(
          *session,
          R"({"id":"7","op":"subscribe","args":[{"channel":"trades","instId":"A-B"},{"channel":"trades","instId":"C-D"}]})"),
      Texts(
          {R"({"id":"7","event":"subscribe","arg":{"channel":"trades","instId":"A-B"},"connId":"a4d3ae55"})",
           R"({"id":"7","event":"error","code":"60018","msg":"Wrong URL or channel:trades,instId:C-D doesn't exist. Please use the correct URL, channel and parameters referring to API document.","connId":"a4d3ae55"})"}));
  EXPECT_EQ(venue.after(*session, seconds(0)), Texts({trade}));
  EXPECT_EQ(venue.request(*session, "ping"), Texts({"pong"}));
}

TEST(OkxSession, GivesALateSubscriberTheLastTickerButNoTrade) {
  const std::string ticker =
      R"({"arg":{"channel":"tickers","instId":"A-B"},"data":[{"instId":"A-B","last":"1"}]})";
  const std::string trade =
      R"({"arg":{"channel":"trades","instId":"A-B"},"data":[{"instId":"A-B","tradeId":"1"}]})";
  Venue venue("okx", {ticker, trade});
  const auto first = venue.connect();
  venue.request(*first, R"({"op":"subscribe","args":[{"channel":"tickers","instId":"A-B"}]})");
  venue.after(*first, seconds(2));
  const auto late = venue.connect();

  const auto got = venue.request(
      *late,
      R"({"op":"subscribe","args":[{"channel":"tickers","instId":"A-B"},{"channel":"trades","instId":"A-B"}]})");
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(got[2], ticker);
}

TEST(KrakenV2Session, GivesALateSubscriberTheLastTickerUnlessItWantsNone) {
  const std::string ticker =
      R"({"channel":"ticker","type":"update","data":[{"symbol":"ALGO/USD","bid":0.10025}]})";
  Venue venue("kraken-v2", {ticker, ticker + " "}, {}, {Timeline::kMax, false});
  const auto first = venue.connect();
  venue.request(*first,
                R"({"method":"subscribe","params":{"channel":"ticker","symbol":["ALGO/USD"]}})");
  venue.after(*first, seconds(0));
  const auto with = venue.connect();
  const auto without = venue.connect();
  venue.drain(*with);
  venue.drain(*without);

  EXPECT_EQ(
      venue
          .request(*with,
                   R"({"method":"subscribe","params":{"channel":"ticker","symbol":["ALGO/USD"]}})")
          .back(),
      ticker + " ");
  EXPECT_EQ(
      venue
          .request(
              *without,
              R"({"method":"subscribe","params":{"channel":"ticker","symbol":["ALGO/USD"],"snapshot":false}})")
          .size(),
      1U);
}

TEST(SessionLimits, CloseAClientThatSendsMoreThanItsVenueAllows) {
  Venue venue("binance-spot", {});
  const auto session = venue.connect("/stream");
  for (int request = 0; request < 5; ++request) {
    EXPECT_EQ(venue.request(*session, kSubscribeQuotes).size(), 1U);
  }

  EXPECT_EQ(venue.request(*session, kSubscribeQuotes), Texts({"<close 1008>"}));
}

TEST(SessionLimits, CountInEveryWindow) {
  Venue venue("binance-spot", {});
  const auto session = venue.connect("/stream");
  for (int request = 0; request < 20; ++request) {
    EXPECT_EQ(venue.request(*session, kSubscribeQuotes).size(), 1U);
    venue.after(*session, milliseconds(200));
  }
}

TEST(SessionLimits, CloseACoinbaseClientThatDoesNotSubscribeInTime) {
  for (const auto* kind : {"coinbase-exchange", "coinbase-advanced"}) {
    Venue venue(kind, {});
    const auto session = venue.connect();
    EXPECT_EQ(venue.after(*session, milliseconds(4999)), Texts());
    EXPECT_EQ(venue.after(*session, milliseconds(1)), Texts({"<close 1008>"}));
  }
}

}  // namespace
}  // namespace ticker::venue_sim
