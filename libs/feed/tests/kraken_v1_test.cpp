#include <ticker/feed/adapter.hpp>

#include <gtest/gtest.h>

#include "event_log.hpp"

namespace ticker::feed {
namespace {

using Lines = Decoded::Lines;

const std::string kTrade =
    R"([993,[["354.11000000","0.89594024","1618678142.557535","s","l",""]],"trade","XMR/USD"])";

TEST(KrakenV1, ReadsATickerFromItsPlaces) {
  Decoded decode("kraken-v1");
  EXPECT_EQ(
      decode(
          R"([1668,{"a":["13.253900",35,"35.72892241"],"b":["13.232900",185,"185.18432037"],"c":["13.253901","3.71672000"],"v":["26560.85364463","72035.05488104"],"p":["13.529003","13.734728"],"t":[640,1353],"l":["13.021800","13.021900"],"h":["13.942000","14.211200"],"o":["13.804000","13.428300"]},"ticker","WAVES/EUR"])"),
      Lines{"ticker WAVES/EUR bid=13.232900 bid_size=185.18432037 ask=13.253900 "
            "ask_size=35.72892241 last=13.253901 "
            "last_size=3.71672000 open_24h=13.428300 high_24h=14.211200 low_24h=13.021900 "
            "volume_24h=72035.05488104 "
            "vwap_24h=13.734728"});
}

TEST(KrakenV1, ReadsTheTradesOfAMessageInTheirOrder) {
  Decoded decode("kraken-v1");
  EXPECT_EQ(
      decode(
          R"([993,[["1","2","1618678142.5","s","l",""],["3","4","1618678143","b","m",""]],"trade","XMR/USD"])"),
      (Lines{"trade XMR/USD # 1 x 2 sell sets=last_side @1618678142500000",
             "trade XMR/USD # 3 x 4 buy sets=last_side @1618678143000000"}));
}

// There are no ids that could tell.
TEST(KrakenV1, CannotSayHowManyTradesAReconnectCost) {
  Decoded decode("kraken-v1");
  EXPECT_EQ(decode(kTrade).front().find("missed"), std::string::npos);
  decode.adapter().reset();
  EXPECT_NE(decode(kTrade).front().find("missed=-1"), std::string::npos);
  EXPECT_EQ(decode(kTrade).front().find("missed"), std::string::npos);
}

TEST(KrakenV1, TellsOfControlMessages) {
  Decoded decode("kraken-v1");
  EXPECT_EQ(
      decode(
          R"({"channelID":1668,"channelName":"ticker","event":"subscriptionStatus","pair":"WAVES/EUR","status":"subscribed","subscription":{"name":"ticker"}})"),
      (Lines{"notice subscribed WAVES/EUR", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"errorMessage":"Currency pair not supported XBT/YYY","event":"subscriptionStatus","pair":"XBT/YYY","status":"error","subscription":{"name":"ticker"}})"),
      (Lines{"notice refused XBT/YYY: Currency pair not supported XBT/YYY", "skipped control"}));
  EXPECT_EQ(decode(R"({"errorMessage":"Malformed request","event":"error"})"),
            (Lines{"notice error: Malformed request", "skipped control"}));
  EXPECT_EQ(decode(R"({"Error":"Exceeded msg rate"})"),
            (Lines{"notice ask_again: Exceeded msg rate", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"errorMessage":"Exceeded msg rate","event":"subscriptionStatus","pair":"XBT/EUR","status":"error"})"),
      (Lines{"notice ask_again XBT/EUR: Exceeded msg rate", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"errorMessage":"Already subscribed","event":"subscriptionStatus","pair":"XBT/EUR","status":"error"})"),
      (Lines{"notice subscribed XBT/EUR", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"connectionID":18239578009413566319,"event":"systemStatus","status":"online","version":"1.8.3"})"),
      (Lines{"notice available: online", "skipped control"}));
  EXPECT_EQ(decode(R"({"event":"systemStatus","status":"maintenance"})"),
            (Lines{"notice unavailable: maintenance", "skipped control"}));
  EXPECT_EQ(decode(R"({"event":"heartbeat"})"), Lines{"skipped control"});
  EXPECT_EQ(decode(R"({"event":"pong","reqid":42})"), Lines{"skipped control"});
}

TEST(KrakenV1, PassesOverBooksAndSpreads) {
  Decoded decode("kraken-v1");
  EXPECT_EQ(decode(R"([464,{"as":[["1","2","3"]],"bs":[["1","2","3"]]},"book-1000","XBT/CHF"])"),
            Lines{"skipped other_channel"});
  EXPECT_EQ(
      decode(
          R"([464,{"a":[["1","2","3"]]},{"b":[["1","2","3"]],"c":"974942666"},"book-10","XBT/CHF"])"),
      Lines{"skipped other_channel"});
  EXPECT_EQ(decode(R"([0,["5698.4","5700.0","1542057299.545897","1.0","0.9"],"spread","XBT/USD"])"),
            Lines{"skipped other_channel"});
}

TEST(KrakenV1, RefusesOneTradeWithoutHarmToTheOthers) {
  Decoded decode("kraken-v1");
  EXPECT_EQ(
      decode(
          R"([1,[["1","2","3.5","s"],["1","2","3.5","x"],["1","2","3.","b"],["1","","3","b"],["1e41","2","3","b"],["1","2"],["5","6","7.1","b","l",""]],"trade","A/B"])"),
      (Lines{"trade A/B # 1 x 2 sell sets=last_side @3500000", "rejected undecodable",
             "rejected undecodable", "rejected undecodable", "rejected out_of_range",
             "rejected undecodable", "trade A/B # 5 x 6 buy sets=last_side @7100000"}));
}

TEST(KrakenV1, RefusesWhatMakesNoSense) {
  Decoded decode("kraken-v1", {}, {"A/B"});
  const Lines undecodable{"rejected undecodable"};
  EXPECT_EQ(decode("[]"), undecodable);
  EXPECT_EQ(decode("{}"), undecodable);
  EXPECT_EQ(decode(R"([1,{"a":["1",2,"3"]},"ticker"])"), undecodable);
  EXPECT_EQ(decode(R"([1,{"t":[1,2]},"ticker","A/B"])"), undecodable);
  EXPECT_EQ(decode(R"([1,[["1","2"]],"ticker","A/B"])"), undecodable);
  EXPECT_EQ(decode(R"([1,{"a":["1",2,"3"]},"trade","A/B"])"), undecodable);
  EXPECT_EQ(decode(R"([1,[],"trade","A/B"])"), undecodable);
  EXPECT_EQ(decode(R"([1,{"a":["1",2,"3"]},"ticker","C/D"])"),
            Lines{"rejected unknown_instrument"});
}

TEST(KrakenV1, UsesKrakensOwnAssetNames) {
  Decoded decode("kraken-v1");
  EXPECT_EQ(decode.adapter().native_name("BTC-USD"), "XBT/USD");
  EXPECT_EQ(decode.adapter().native_name("ETH-BTC"), "ETH/XBT");
  EXPECT_EQ(decode.adapter().native_name("DOGE-EUR"), "XDG/EUR");
  EXPECT_EQ(decode.adapter().native_name("BTC-USD-PERP"), std::nullopt);
}

TEST(KrakenV1, SubscribesWithFewMessages) {
  Decoded decode("kraken-v1");
  EXPECT_EQ(
      decode.adapter().plan("wss://h", {"XBT/EUR", "XBT/USD"}).at(0).requests,
      (Lines{
          R"({"event":"subscribe","reqid":1,"pair":["XBT/EUR","XBT/USD"],"subscription":{"name":"ticker"}})",
          R"({"event":"subscribe","reqid":2,"pair":["XBT/EUR","XBT/USD"],"subscription":{"name":"trade"}})"}));
}

}  // namespace
}  // namespace ticker::feed
