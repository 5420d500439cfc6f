#include <ticker/feed/adapter.hpp>

#include <gtest/gtest.h>

#include "event_log.hpp"

namespace ticker::feed {
namespace {

using Lines = Decoded::Lines;

std::string subscribed(const std::string& channel, int id, const std::string& pair) {
  return R"({"event":"subscribed","channel":")" + channel + R"(","chanId":)" + std::to_string(id) +
         R"(,"symbol":"t)" + pair + R"(","pair":")" + pair + "\"}";
}

// An adapter with a ticker on channel 1 and trades on channel 2.
class Bitfinex : public testing::Test {
 protected:
  Bitfinex() { subscribe(); }
  void subscribe() {
    decode_(subscribed("ticker", 1, "BTCUSD"));
    decode_(subscribed("trades", 2, "BTCUSD"));
  }
  Lines decode(const std::string& message) { return decode_(message); }

  Decoded decode_{"bitfinex"};
};

TEST_F(Bitfinex, ReadsTheTickerButNoSizes) {
  const std::string quote = "ticker BTCUSD bid=60400 ask=60406 ";
  EXPECT_EQ(decode("[1,[60400,76.16686512,60406,86.2067634199999,-1292,-0.0209,60410,10.05320242,"
                   "62408,60057],6]"),
            Lines{quote + "last=60410 high_24h=62408 low_24h=60057 volume_24h=10.05320242 "
                          "change_24h=-1292 change_percent_24h=-2.09"});
  // With an eleventh element, as since 2026.
  EXPECT_EQ(
      decode("[1,[60400,14.3,60406,14.7,1060,0.01237494,86717,544.3267938,86898,85156,null]]"),
      Lines{quote + "last=86717 high_24h=86898 low_24h=85156 volume_24h=544.3267938 "
                    "change_24h=1060 change_percent_24h=1.237494"});
}

TEST_F(Bitfinex, ReadsNumbersWithExponents) {
  EXPECT_EQ(decode("[1,[2e-8,1,4.9e-7,1,0,0,null,1.7023900800000002,1,1]]"),
            Lines{"ticker BTCUSD bid=0.00000002 ask=0.00000049 last=null high_24h=1 low_24h=1 "
                  "volume_24h=1.7023900800000002 change_24h=0 change_percent_24h=0"});
}

TEST_F(Bitfinex, ReadsEachTradeOnceWithItsSideFromTheSign) {
  const std::string sets = " sets=last,last_size,last_side @";
  EXPECT_EQ(decode(R"([2,"te",[658733916,1617643611128,0.7574881,230890],394])"),
            Lines{"trade BTCUSD #658733916 230890 x 0.7574881 buy" + sets + "1617643611128000"});
  EXPECT_EQ(decode(R"([2,"tu",[658733916,1617643611128,0.7574881,230890],395])"),
            Lines{"skipped duplicate"});
  EXPECT_EQ(decode(R"([2,"te",[658733916,1617643611128,0.7574881,230890],396])"),
            Lines{"skipped duplicate"});
  EXPECT_EQ(
      decode(R"([2,"te",[658733990,1617643709297,-6.03501086,0.00086904]])"),
      Lines{"trade BTCUSD #658733990 0.00086904 x 6.03501086 sell" + sets + "1617643709297000"});
  EXPECT_EQ(
      decode("[2,[[401597393,1574694475039,0.005,7244.9],[401597392,1574694470503,-0.01,7245.3]]]"),
      Lines{"skipped history"});
}

TEST_F(Bitfinex, TakesTheLastPriceFromTheTickerUntilATradeCame) {
  const std::string ticker = "[1,[1,0,2,0,0,0,3,4,5,6]]";
  EXPECT_NE(decode(ticker).front().find(" last=3"), std::string::npos);
  decode(R"([2,"te",[1,1617643611128,1,4]])");
  EXPECT_EQ(decode(ticker).front().find(" last="), std::string::npos);
  decode_.adapter().reset();
  subscribe();
  EXPECT_NE(decode(ticker).front().find(" last=3"), std::string::npos);
  // Nor can anybody tell what trades were missed meanwhile.
  EXPECT_NE(decode(R"([2,"te",[9,1617643611128,1,4]])").front().find(" missed=-1 "),
            std::string::npos);
}

TEST_F(Bitfinex, ForgetsWhatChannelsMeantOnAnotherConnection) {
  decode_.adapter().reset();
  EXPECT_EQ(decode("[1,[1,0,2,0,0,0,3,4,5,6]]"), Lines{"rejected unknown_instrument"});
  decode(subscribed("trades", 1, "ETHUSD"));
  EXPECT_EQ(decode(R"([1,"te",[1,1617643611128,1,4]])").front().substr(0, 12), "trade ETHUSD");
}

TEST_F(Bitfinex, TakesHeartbeatsOfChannelsThatItDoesNotKnowYet) {
  EXPECT_EQ(decode(R"([204928,"hb"])"), Lines{"skipped control"});
  EXPECT_EQ(decode(R"([204928,"hb",127])"), Lines{"skipped control"});
}

TEST_F(Bitfinex, CountsGapsOnceArraysAreNumbered) {
  const std::string beat = R"([1,"hb",)";
  EXPECT_EQ(decode(beat + "5]"), Lines{"skipped control"});
  EXPECT_EQ(decode(R"({"event":"conf","status":"OK","flags":65536})"), Lines{"skipped control"});
  EXPECT_EQ(decode(beat + "7]"), Lines{"skipped control"});
  EXPECT_EQ(decode(R"([2,"tu",[1,1617643611128,1,4],8])"), Lines{"skipped duplicate"});
  EXPECT_EQ(decode("[2,[[1,1617643611128,1,4]],9]"), Lines{"skipped history"});
  EXPECT_EQ(decode(beat + "11]"), (Lines{"notice sequence_gap", "skipped control"}));
}

// It was the highest for ever: no other gap was told.
TEST_F(Bitfinex, CountsGapsAfterAnAbsurdNumberToo) {
  const std::string beat = R"([1,"hb",)";
  decode(R"({"event":"conf","status":"OK","flags":65536})");
  decode(beat + "7]");
  EXPECT_EQ(decode(beat + "18446744073709551615]"),
            (Lines{"notice sequence_gap", "skipped control"}));
  EXPECT_EQ(decode(beat + "8]"), (Lines{"notice sequence_gap", "skipped control"}));
  EXPECT_EQ(decode(beat + "9]"), Lines{"skipped control"});
  EXPECT_EQ(decode(beat + "11]"), (Lines{"notice sequence_gap", "skipped control"}));
}

// Nothing else tells: ids count the trades of all pairs.
TEST_F(Bitfinex, TellsThatTradesMayHaveBeenLostWhereNumbersJump) {
  decode(R"({"event":"conf","status":"OK","flags":65536})");
  decode(R"([2,"te",[1,1617643611128,1,4],8])");
  const auto is_told = [](const std::string& line) {
    return line.find(" missed=-1") != std::string::npos;
  };

  EXPECT_FALSE(is_told(decode(R"([2,"te",[2,1617643611128,1,4],9])").back()));
  EXPECT_TRUE(is_told(decode(R"([2,"te",[5,1617643611128,1,4],12])").back()));
  EXPECT_FALSE(is_told(decode(R"([2,"te",[6,1617643611128,1,4],13])").back()));
}

TEST_F(Bitfinex, PassesOverBooksChecksumsAndFunding) {
  decode(subscribed("book", 3, "BTCUSD"));
  EXPECT_EQ(decode("[3,[[86704,1,0.03460649],[86701,2,0.07296393]]]"),
            Lines{"skipped other_channel"});
  EXPECT_EQ(decode("[3,[86644,0,1],3]"), Lines{"skipped other_channel"});
  EXPECT_EQ(decode(R"([3,"cs",1330055495])"), Lines{"skipped other_channel"});
  decode(
      R"({"event":"subscribed","channel":"ticker","chanId":4,"symbol":"fUSD","currency":"USD"})");
  EXPECT_EQ(decode("[4,[0.0003,0.0002,30,1,2,3,4,5,6,7,8,9,10,11,12,13]]"),
            Lines{"skipped other_channel"});
}

TEST_F(Bitfinex, TellsOfAcknowledgementsAndErrors) {
  EXPECT_EQ(decode(subscribed("ticker", 7, "TESTBTC:TESTUSD")),
            (Lines{"notice subscribed TESTBTC:TESTUSD", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"channel":"book","symbol":"tNOPEF0:USTF0","prec":"P0","len":"25","event":"error","msg":"symbol: invalid","code":10300,"pair":"NOPEF0:USTF0"})"),
      (Lines{"notice refused NOPEF0:USTF0: symbol: invalid", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"channel":"ticker","symbol":"tA","event":"error","msg":"subscribe: dup","code":10301,"chanId":722711,"pair":"A"})"),
      (Lines{"notice subscribed A", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"channel":"ticker","symbol":"tA","event":"error","msg":"subscribe: limit","code":10305,"pair":"A"})"),
      (Lines{"notice refused A: subscribe: limit", "skipped control"}));
  EXPECT_EQ(decode(R"({"event":"error","msg":"event: invalid","code":10000})"),
            (Lines{"notice error: event: invalid", "skipped control"}));
  EXPECT_EQ(decode(R"({"event":"pong","ts":1511545528111,"cid":1234})"), Lines{"skipped control"});
  EXPECT_EQ(decode(R"({"event":"unsubscribed","status":"OK","chanId":232949})"),
            Lines{"skipped control"});
}

TEST_F(Bitfinex, TellsOfTheVenuesStatus) {
  const auto info = [&](const std::string& members) {
    return decode(R"({"event":"info",)" + members + "}").front();
  };
  EXPECT_EQ(info(R"("version":2,"serverId":"083bd8d4","platform":{"status":1})"),
            "notice available");
  EXPECT_EQ(info(R"("version":2,"serverId":"083bd8d4","platform":{"status":0})"),
            "notice unavailable: maintenance");
  EXPECT_EQ(info(R"("version":3,"serverId":"083bd8d4","platform":{"status":1})"),
            "notice unavailable: protocol 3");
  EXPECT_EQ(info(R"("code":20051,"msg":"Stopping")"), "notice planned_close: Stopping");
  EXPECT_EQ(info(R"("code":20060,"msg":"Maintenance")"), "notice unavailable: Maintenance");
  EXPECT_EQ(info(R"("code":20061,"msg":"Over")"), "notice planned_close: Over");
}

TEST_F(Bitfinex, BoundsTheChannelsThatAVenueMayOpen) {
  Lines last;
  for (int id = 10; id < 400; ++id) {
    last = decode(subscribed("ticker", id, "BTCUSD"));
  }
  EXPECT_EQ(last, Lines{"rejected out_of_range"});
}

TEST_F(Bitfinex, RefusesWhatMakesNoSense) {
  const Lines undecodable{"rejected undecodable"};
  for (const auto* const message :
       {"{}", "[]", "17", "[1]", R"(["a",[1]])", "[-1,[1]]", "[1,[]]", R"([1,["x"]])",
        R"([1,"te",[1,2,3,4]])", "[2,7]", R"([2,"te"])", R"([2,"te",7])", R"([2,"te",[1,2,"x",4]])",
        R"([2,"te",[1,"x",3,4]])", R"({"event":"subscribed","channel":"ticker","chanId":"x"})"}) {
    EXPECT_EQ(decode(message), undecodable) << message;
  }
  EXPECT_EQ(decode("[1,[1e99]]"), Lines{"rejected out_of_range"});
}

TEST(BitfinexPlan, NamesInstrumentsAsItsVenueDoes) {
  Decoded bitfinex("bitfinex");
  EXPECT_EQ(bitfinex.adapter().native_name("BTC-USD"), "BTCUSD");
  EXPECT_EQ(bitfinex.adapter().native_name("BTC-USDT"), "BTCUST");
  EXPECT_EQ(bitfinex.adapter().native_name("DOGE-USD"), "DOGE:USD");
  EXPECT_EQ(bitfinex.adapter().native_name("BTC-USDT-PERP"), "BTCF0:USTF0");
  EXPECT_EQ(bitfinex.adapter().native_name("BTC-USD-220527"), std::nullopt);
}

TEST(BitfinexPlan, AsksForNumbersAndKeepsWithinTheChannelsOfAConnection) {
  Decoded bitfinex("bitfinex");
  EXPECT_EQ(bitfinex.adapter().plan("ws://h", {"BTCUSD"})[0].requests,
            (Lines{R"({"event":"conf","flags":65536})",
                   R"({"event":"subscribe","channel":"ticker","symbol":"tBTCUSD"})",
                   R"({"event":"subscribe","channel":"trades","symbol":"tBTCUSD"})"}));
  const auto plan = bitfinex.adapter().plan("ws://h", Lines(13, "BTCUSD"));
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(plan[0].requests.size(), 25U);
}

}  // namespace
}  // namespace ticker::feed
