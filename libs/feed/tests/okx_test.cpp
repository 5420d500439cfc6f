#include <ticker/feed/adapter.hpp>

#include <gtest/gtest.h>

#include "event_log.hpp"

namespace ticker::feed {
namespace {

using Lines = Decoded::Lines;

std::string ticker(const std::string& members) {
  return R"({"arg":{"channel":"tickers","instId":"A-B"},"data":[{"instId":"A-B",)" + members +
         "}]}";
}

std::string trade(const std::string& id, const std::string& more = "") {
  return R"({"arg":{"channel":"trades","instId":"A-B"},"data":[{"instId":"A-B","tradeId":")" + id +
         R"(","px":"42219.9","sz":"0.12060306","side":"sell","ts":"1630048897897")" + more + "}]}";
}

TEST(Okx, ReadsTheTickerOfSpot) {
  Decoded decode("okx");
  EXPECT_EQ(
      decode(
          R"({"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{"instType":"SPOT","instId":"BTC-USDT","last":"30236","lastSz":"0.0002","askPx":"30228.7","askSz":"1.55896972","bidPx":"30228.6","bidSz":"0.23393","open24h":"29700.4","high24h":"31073","low24h":"28020.3","sodUtc0":"29028.8","sodUtc8":"30337.7","volCcy24h":"525802090.62716611","vol24h":"17602.13085371","ts":"1652459224956"}]})"),
      Lines{
          "ticker BTC-USDT bid=30228.6 bid_size=0.23393 ask=30228.7 ask_size=1.55896972 last=30236 "
          "last_size=0.0002 open_24h=29700.4 high_24h=31073 low_24h=28020.3 "
          "volume_24h=17602.13085371 quote_volume_24h=525802090.62716611 @1652459224956000"});
}

TEST(Okx, HasNoQuoteVolumeOfDerivatives) {
  Decoded decode("okx");
  EXPECT_EQ(decode(ticker(
                R"("instType":"SWAP","last":"5.123","vol24h":"289425","volCcy24h":"577730.7823")")),
            Lines{"ticker A-B last=5.123 volume_24h=289425"});
}

TEST(Okx, TakesKeysInAnotherOrderAndOneSidedBooks) {
  Decoded decode("okx");
  EXPECT_EQ(
      decode(
          R"({"data":[{"x":{"bidPx":"7","y":[{}]},"bidPx":"","bidSz":"","askPx":"2","instId":"A-B"}],"arg":{"instId":"A-B","channel":"tickers"}})"),
      Lines{"ticker A-B bid=null bid_size=null ask=2"});
}

TEST(Okx, DropsTickersThatAreLateOnOneConnection) {
  Decoded decode("okx");
  decode(ticker(R"("bidPx":"2","ts":"1652459224956")"));
  EXPECT_EQ(decode(ticker(R"("bidPx":"1","ts":"1652459224955")")), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(ticker(R"("bidPx":"3","ts":"1652459224956")")),
            Lines{"ticker A-B bid=3 @1652459224956000"});
  EXPECT_EQ(decode(ticker(R"("bidPx":"4")")), Lines{"ticker A-B bid=4"});
  // Not late: the venue's clock was set back.
  EXPECT_EQ(decode(ticker(R"("bidPx":"5","ts":"1652459164956")")),
            Lines{"ticker A-B bid=5 @1652459164956000"});
  decode.adapter().reset();
  EXPECT_EQ(decode(ticker(R"("bidPx":"1","ts":"1652459164955")")),
            Lines{"ticker A-B bid=1 @1652459164955000"});
}

TEST(Okx, ReadsTradesAndCountsTheirIds) {
  Decoded decode("okx");
  const std::string rest = " 42219.9 x 0.12060306 sell sets=last_side";
  const std::string time = " @1630048897897000";
  EXPECT_EQ(decode(trade("130639474")), Lines{"trade A-B #130639474" + rest + time});
  EXPECT_EQ(decode(trade("130639474")), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(trade("130639477")), Lines{"trade A-B #130639477" + rest + " missed=2" + time});
  // Of one taker's order: the last of three.
  EXPECT_EQ(decode(trade("130639480", R"(,"count":"3","source":"0","seqId":1234)")),
            Lines{"trade A-B #130639480" + rest + time});
}

TEST(Okx, TellsOfAcknowledgementsRefusalsAndNotices) {
  Decoded decode("okx");
  const std::string refusal =
      "Wrong URL or channel:tickers,instId:LTC-USD-200327 doesn't exist. Please use the correct "
      "URL, channel and parameters referring to API document.";
  EXPECT_EQ(
      decode(
          R"({"id":"1512","event":"subscribe","arg":{"channel":"tickers","instId":"BTC-USDT"},"connId":"a4d3ae55"})"),
      (Lines{"notice subscribed BTC-USDT", "skipped control"}));
  EXPECT_EQ(
      decode(R"({"event":"error","code":"60018","msg":")" + refusal + R"(","connId":"a4d3ae55"})"),
      (Lines{"notice refused LTC-USD-200327: " + refusal, "skipped control"}));
  EXPECT_EQ(decode(R"({"event":"error","code":"60014","msg":"Requests too frequent"})"),
            (Lines{"notice ask_again: Requests too frequent", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"event":"error","code":"60012","msg":"Invalid request: {\"op\": \"subscribe\"}","connId":"a4d3ae55"})"),
      (Lines{R"(notice error: Invalid request: {"op": "subscribe"})", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. Please reconnect.","connId":"a4d3ae55"})"),
      (Lines{"notice planned_close: The connection will soon be closed for a service upgrade. "
             "Please reconnect.",
             "skipped control"}));
  EXPECT_EQ(decode(R"({"event":"channel-conn-count","channel":"orders","connCount":"2"})"),
            Lines{"skipped control"});
}

TEST(Okx, KnowsThePongThatIsNoJson) {
  Decoded decode("okx");
  EXPECT_EQ(decode("pong"), Lines{"skipped control"});
  EXPECT_EQ(decode("pong "), Lines{"rejected undecodable"});
}

TEST(Okx, PassesOverBooks) {
  Decoded decode("okx");
  EXPECT_EQ(
      decode(
          R"({"arg":{"channel":"bbo-tbt","instId":"BTC-USDT"},"data":[{"asks":[["8476.98","415","0","13"]],"bids":[["8476.97","256","0","12"]],"ts":"1597026383085","seqId":123456}]})"),
      Lines{"skipped other_channel"});
  EXPECT_EQ(decode(R"({"data":[{"asks":[["8476.98","415"]]}],"arg":{"channel":"books"}})"),
            Lines{"skipped other_channel"});
}

TEST(Okx, RefusesWhatMakesNoSense) {
  Decoded decode("okx", {}, {"A-B"});
  const Lines undecodable{"rejected undecodable"};
  EXPECT_EQ(decode("{}"), undecodable);
  EXPECT_EQ(decode("[]"), undecodable);
  EXPECT_EQ(decode(R"({"arg":{"channel":"tickers"},"data":[]})"), undecodable);
  EXPECT_EQ(decode(R"({"arg":{"channel":"tickers"},"data":[{"last":"1"}]})"), undecodable);
  EXPECT_EQ(decode(R"({"data":[{"instId":"A-B","last":"1"}]})"), undecodable);
  EXPECT_EQ(decode(ticker(R"("last":"x")")), undecodable);
  EXPECT_EQ(decode(ticker(R"("last":"1","ts":"soon")")), undecodable);
  EXPECT_EQ(decode(ticker(R"("volCcy24h":"1")")), undecodable);  // nothing that we know
  EXPECT_EQ(decode(trade("a-uuid")), undecodable);
  EXPECT_EQ(decode(trade("7", R"(,"count":"-1")")), undecodable);
  EXPECT_EQ(decode(ticker(R"("last":"1e99")")), Lines{"rejected out_of_range"});
  EXPECT_EQ(decode(R"({"arg":{"channel":"tickers"},"data":[{"instId":"C-D","last":"1"}]})"),
            Lines{"rejected unknown_instrument"});
}

TEST(Okx, NamesInstrumentsAsItsVenueDoes) {
  Decoded okx("okx");
  EXPECT_EQ(okx.adapter().native_name("BTC-USDT"), "BTC-USDT");
  EXPECT_EQ(okx.adapter().native_name("BTC-USD-PERP"), "BTC-USD-SWAP");
  EXPECT_EQ(okx.adapter().native_name("BTC-USD-220527"), "BTC-USD-220527");
  EXPECT_EQ(okx.adapter().native_name("BTC"), std::nullopt);
}

TEST(Okx, SubscribesWithinTheVenuesLimitOfARequest) {
  Decoded okx("okx");
  EXPECT_EQ(
      okx.adapter().plan("ws://h/ws/v5/public", {"BTC-USDT"})[0].requests,
      Lines{
          R"({"op":"subscribe","args":[{"channel":"tickers","instId":"BTC-USDT"},{"channel":"trades","instId":"BTC-USDT"}]})"});
  const Lines many(1000, "A-FAIRLY-LONG-NAME-OF-AN-INSTRUMENT");
  const auto plan = okx.adapter().plan("ws://h", many);
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].requests.size(), 5U);
  for (const auto& request : plan[0].requests) {
    EXPECT_LT(request.size(), 64U * 1024);
  }
}

}  // namespace
}  // namespace ticker::feed
