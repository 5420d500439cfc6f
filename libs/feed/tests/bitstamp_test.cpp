#include <ticker/feed/adapter.hpp>

#include <gtest/gtest.h>

#include "event_log.hpp"

namespace ticker::feed {
namespace {

using Lines = Decoded::Lines;

std::string book(const std::string& bids, const std::string& asks,
                 const std::string& time = "1641343691310202") {
  return R"({"data":{"timestamp":"1641343691","microtimestamp":")" + time + R"(","bids":)" + bids +
         R"(,"asks":)" + asks + R"(},"channel":"order_book_btcusd","event":"data"})";
}

std::string trade(const std::string& id) {
  return R"({"data":{"id":)" + id +
         R"(,"timestamp":"1641343699","amount":0.0792,"amount_str":"0.07920000","price":3805.44,"price_str":"3805.44","type":0,"microtimestamp":"1641343699596000","buy_order_id":1443875737346049,"sell_order_id":1443875731320832},"channel":"live_trades_ethusd","event":"trade"})";
}

TEST(Bitstamp, TakesTheQuoteFromTheTopOfTheBook) {
  Decoded decode("bitstamp");
  EXPECT_EQ(decode(book(R"([["1.15979","993.02588113"],["1.14866","7758.51900928"]])",
                        R"([["1.16601","1200.00000000"],["1.17","1"]])")),
            Lines{"ticker btcusd bid=1.15979 bid_size=993.02588113 ask=1.16601 "
                  "ask_size=1200.00000000 @1641343691310202"});
  EXPECT_EQ(decode(book("[]", R"([["1.16602","1"]])")),
            Lines{"ticker btcusd bid=null bid_size=null ask=1.16602 ask_size=1 @1641343691310202"});
}

TEST(Bitstamp, DropsBooksThatAreLateOnOneConnection) {
  Decoded decode("bitstamp");
  decode(book(R"([["1","2"]])", "[]", "1641343691310202"));
  EXPECT_EQ(decode(book(R"([["2","2"]])", "[]", "1641343691310201")), Lines{"skipped duplicate"});
  decode.adapter().reset();
  EXPECT_EQ(decode(book(R"([["2","2"]])", "[]", "1641343691310201")).front().substr(0, 6),
            "ticker");
}

TEST(Bitstamp, TakesABookThatHasNoTime) {
  Decoded decode("bitstamp");
  decode(book(R"([["1","2"]])", "[]", "1641343691310202"));
  EXPECT_EQ(
      decode(
          R"({"data":{"bids":[["2","2"]],"asks":[]},"channel":"order_book_btcusd","event":"data"})"),
      Lines{"ticker btcusd bid=2 bid_size=2 ask=null ask_size=null"});
  EXPECT_EQ(decode(book(R"([["1","2"]])", "[]", "1641343691310201")), Lines{"skipped duplicate"});
}

TEST(Bitstamp, ReadsTradesOfBothGenerations) {
  Decoded decode("bitstamp");
  EXPECT_EQ(decode(trade("216000477")),
            Lines{"trade ethusd #216000477 3805.44 x 0.07920000 buy sets=last,last_size,last_side "
                  "@1641343699596000"});
  EXPECT_EQ(
      decode(
          R"({"data":{"id":2001939623936278528,"id_str":"2001939623936278529","type":1,"sell_order_id":2050545352740993,"buy_order_id":2050545360601216,"amount":0.00921,"amount_str":"0.00921","price":77204,"price_str":"77204","microtimestamp":"1789456400586000","timestamp":"1789456400586"},"channel":"live_trades_btcusd-perp","event":"trade"})"),
      Lines{"trade btcusd-perp #2001939623936278529 77204 x 0.00921 sell "
            "sets=last,last_size,last_side @1789456400586000"});
}

TEST(Bitstamp, DropsTradesThatCameAndCannotTellWhatAReconnectCost) {
  Decoded decode("bitstamp");
  decode(trade("477"));
  EXPECT_EQ(decode(trade("477")), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(trade("476")), Lines{"skipped duplicate"});
  // Ids count the trades of all markets.
  EXPECT_EQ(decode(trade("500")).front().find("missed"), std::string::npos);
  decode.adapter().reset();
  EXPECT_EQ(decode(trade("500")), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(trade("499")), Lines{"skipped duplicate"});
  EXPECT_NE(decode(trade("501")).front().find(" missed=-1 "), std::string::npos);
}

TEST(Bitstamp, IsNotSilencedByATradeIdThatIsAbsurd) {
  Decoded decode("bitstamp");
  decode(trade("477"));
  EXPECT_EQ(decode(trade("18446744073709551615")).front().substr(0, 5), "trade");

  EXPECT_EQ(decode(trade("478")).front().substr(0, 17), "trade ethusd #478");
  EXPECT_EQ(decode(trade("477")), Lines{"skipped duplicate"});
}

TEST(Bitstamp, TakesKeysInAnotherOrder) {
  Decoded decode("bitstamp");
  EXPECT_EQ(
      decode(
          R"({"event":"data","channel":"order_book_a","data":{"x":{"bids":[["9","9"]]},"asks":[["2","3","x"],[]],"bids":[["1","4"]]}})"),
      Lines{"ticker a bid=1 bid_size=4 ask=2 ask_size=3"});
}

TEST(Bitstamp, TellsOfAcknowledgementsErrorsAndItsLastWord) {
  Decoded decode("bitstamp");
  EXPECT_EQ(
      decode(R"({"event":"bts:subscription_succeeded","channel":"live_trades_btcusd","data":{}})"),
      (Lines{"notice subscribed btcusd", "skipped control"}));
  EXPECT_EQ(decode(R"({"event":"bts:heartbeat","channel":"","data":{"status":"success"}})"),
            Lines{"skipped control"});
  EXPECT_EQ(decode(R"({"event":"bts:request_reconnect","channel":"","data":null})"),
            (Lines{"notice planned_close: bts:request_reconnect", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"event":"bts:error","channel":"","data":{"code":null,"message":"Invalid channel provided."}})"),
      (Lines{"notice error: Invalid channel provided.", "skipped control"}));
  EXPECT_EQ(decode(R"({"event":"bts:error","data":null})"),
            (Lines{"notice error", "skipped control"}));
}

TEST(Bitstamp, PassesOverBooksOfChanges) {
  Decoded decode("bitstamp");
  EXPECT_EQ(
      decode(
          R"({"data":{"microtimestamp":"1641343691310202","bids":[],"asks":[["1.17438","0.00000000"]]},"channel":"diff_order_book_adaeur","event":"data"})"),
      Lines{"skipped other_channel"});
  EXPECT_EQ(
      decode(
          R"({"data":{"bids":[["1","2","id"]]},"channel":"detail_order_book_a","event":"data"})"),
      Lines{"skipped other_channel"});
}

TEST(Bitstamp, RefusesWhatMakesNoSense) {
  Decoded decode("bitstamp", {}, {"btcusd", "ethusd"});
  const Lines undecodable{"rejected undecodable"};
  EXPECT_EQ(decode("{}"), undecodable);
  EXPECT_EQ(decode("[]"), undecodable);
  EXPECT_EQ(decode(R"({"channel":"order_book_btcusd","event":"data"})"), undecodable);
  EXPECT_EQ(decode(R"({"channel":"order_book_btcusd","event":"data","data":{}})"), undecodable);
  EXPECT_EQ(decode(R"({"channel":"order_book_","event":"data","data":{"bids":[]}})"), undecodable);
  EXPECT_EQ(decode(book(R"([["x","1"]])", "[]")), undecodable);
  EXPECT_EQ(decode(book(R"([["1","1"]])", "[]", "noon")), undecodable);
  EXPECT_EQ(decode(trade("\"a\"")), undecodable);
  EXPECT_EQ(
      decode(
          R"({"data":{"id":1,"type":2,"price_str":"1","amount_str":"1"},"channel":"live_trades_ethusd","event":"trade"})"),
      undecodable);
  EXPECT_EQ(decode(R"({"data":{"bids":[["1","1"]]},"channel":"order_book_x","event":"data"})"),
            Lines{"rejected unknown_instrument"});
}

TEST(Bitstamp, NamesInstrumentsAsItsVenueDoes) {
  Decoded bitstamp("bitstamp");
  EXPECT_EQ(bitstamp.adapter().native_name("BTC-USD"), "btcusd");
  EXPECT_EQ(bitstamp.adapter().native_name("BTC-USD-PERP"), "btcusd-perp");
  EXPECT_EQ(bitstamp.adapter().native_name("BTC-USD-220527"), std::nullopt);
}

TEST(Bitstamp, SubscribesAChannelARequestWithinTheVenuesLimits) {
  Decoded bitstamp("bitstamp");
  EXPECT_EQ(bitstamp.adapter().plan("ws://h", {"btcusd"})[0].requests,
            (Lines{R"({"event":"bts:subscribe","data":{"channel":"order_book_btcusd"}})",
                   R"({"event":"bts:subscribe","data":{"channel":"live_trades_btcusd"}})"}));
  const auto plan = bitstamp.adapter().plan("ws://h", Lines(501, "btcusd"));
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_LE(plan[0].requests.size(), 1024U);
}

}  // namespace
}  // namespace ticker::feed
