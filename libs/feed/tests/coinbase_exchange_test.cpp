#include <ticker/feed/adapter.hpp>

#include <gtest/gtest.h>

#include "event_log.hpp"

namespace ticker::feed {
namespace {

using Lines = Decoded::Lines;

std::string match(int id, const std::string& type = "match") {
  return R"({"type":")" + type + R"(","trade_id":)" + std::to_string(id) +
         R"(,"maker_order_id":"27fff20b","taker_order_id":"1da6ce16","side":"sell","size":"0.04","price":"14.7775","product_id":"BAND-GBP","sequence":333938798,"time":"2021-04-17T16:43:30.244075Z"})";
}

std::string ticker(std::uint64_t sequence) {
  return R"({"type":"ticker","sequence":)" + std::to_string(sequence) +
         R"(,"product_id":"A-B","price":"1"})";
}

TEST(CoinbaseExchange, ReadsTheDocumentedTicker) {
  Decoded decode("coinbase-exchange");
  EXPECT_EQ(
      decode(
          R"({"type":"ticker","sequence":37475248783,"product_id":"ETH-USD","price":"1285.22","open_24h":"1310.79","volume_24h":"245532.79269678","low_24h":"1280.52","high_24h":"1313.8","volume_30d":"9788783.60117027","best_bid":"1285.04","best_bid_size":"0.46688654","best_ask":"1285.27","best_ask_size":"1.56637040","side":"buy","time":"2022-10-19T23:28:22.061769Z","trade_id":370843401,"last_size":"11.4396987"})"),
      Lines{"ticker ETH-USD bid=1285.04 bid_size=0.46688654 ask=1285.27 ask_size=1.56637040 "
            "last=1285.22 last_size=11.4396987 "
            "open_24h=1310.79 high_24h=1313.8 low_24h=1280.52 volume_24h=245532.79269678 "
            "last_side=buy @1666222102061769"});
}

TEST(CoinbaseExchange, TakesATickerWithoutSizesAndKeysInAnotherOrder) {
  Decoded decode("coinbase-exchange");
  EXPECT_EQ(
      decode(
          R"({"best_ask":"2","best_bid":"1","new_key":{"a":[1]},"product_id":"A-B","type":"ticker"})"),
      Lines{"ticker A-B bid=1 ask=2"});
}

// The HBAR case: nobody has traded it lately.
TEST(CoinbaseExchange, TakesATickerOfAProductWithoutTrades) {
  Decoded decode("coinbase-exchange");
  EXPECT_EQ(
      decode(
          R"({"type":"ticker","sequence":1,"product_id":"HBAR-USD","price":"0","open_24h":"0","volume_24h":"0","best_bid":"","best_ask":"0.3"})"),
      Lines{"ticker HBAR-USD bid=null ask=0.3 last=0 open_24h=0 volume_24h=0"});
}

TEST(CoinbaseExchange, DropsATickerOlderThanTheLastOne) {
  Decoded decode("coinbase-exchange");
  decode(ticker(10));
  EXPECT_EQ(decode(ticker(9)), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(ticker(10)), Lines{"ticker A-B last=1"});
  EXPECT_EQ(decode(ticker(500)), Lines{"ticker A-B last=1"});
  decode.adapter().reset();
  EXPECT_EQ(decode(ticker(9)), Lines{"ticker A-B last=1"});
}

TEST(CoinbaseExchange, IsNotSilencedByASequenceNumberThatIsAbsurd) {
  Decoded decode("coinbase-exchange");
  decode(ticker(10));
  EXPECT_EQ(decode(ticker(std::uint64_t{1} << 63U)), Lines{"ticker A-B last=1"});

  EXPECT_EQ(decode(ticker(11)), Lines{"ticker A-B last=1"});
  EXPECT_EQ(decode(ticker(10)), Lines{"skipped duplicate"});
}

TEST(CoinbaseExchange, TurnsTheMakersSideOfAMatch) {
  Decoded decode("coinbase-exchange");
  EXPECT_EQ(decode(match(881613)),
            Lines{"trade BAND-GBP #881613 14.7775 x 0.04 buy sets= @1618677810244075"});
}

TEST(CoinbaseExchange, CountsIdsFromTheLastMatchBeforeTheSubscription) {
  Decoded decode("coinbase-exchange");
  EXPECT_EQ(decode(match(10, "last_match")), Lines{"skipped history"});
  EXPECT_EQ(decode(match(11)),
            Lines{"trade BAND-GBP #11 14.7775 x 0.04 buy sets= @1618677810244075"});
  EXPECT_EQ(decode(match(11)), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(match(13)),
            Lines{"trade BAND-GBP #13 14.7775 x 0.04 buy sets= missed=1 @1618677810244075"});
}

// It was never told: it came before the subscription.
TEST(CoinbaseExchange, TakesATradeThatOnlyHistoryHad) {
  Decoded decode("coinbase-exchange");
  decode(match(10, "last_match"));
  decode.adapter().reset();
  EXPECT_EQ(decode(match(10)),
            Lines{"trade BAND-GBP #10 14.7775 x 0.04 buy sets= @1618677810244075"});
}

TEST(CoinbaseExchange, KnowsWhatAReconnectCostInSpiteOfTheLastMatch) {
  Decoded decode("coinbase-exchange");
  decode(match(5));
  decode.adapter().reset();
  decode(match(10, "last_match"));
  EXPECT_EQ(decode(match(11)),
            Lines{"trade BAND-GBP #11 14.7775 x 0.04 buy sets= missed=5 @1618677810244075"});
}

TEST(CoinbaseExchange, TellsOfSubscriptionsAndRefusals) {
  Decoded decode("coinbase-exchange");
  EXPECT_EQ(
      decode(
          R"({"type":"subscriptions","channels":[{"name":"level2","product_ids":["X-Y"]},{"product_ids":["YFI-BTC","NU-GBP"],"name":"ticker"}]})"),
      (Lines{"notice subscribed YFI-BTC", "notice subscribed NU-GBP", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"type":"error","message":"Failed to subscribe","reason":"BTC-XXX is not a valid product"})"),
      (Lines{"notice refused BTC-XXX: BTC-XXX is not a valid product", "skipped control"}));
  EXPECT_EQ(
      decode(R"({"type":"error","message":"Failed to subscribe","reason":"OLD-USD is delisted"})"),
      (Lines{"notice refused OLD-USD: OLD-USD is delisted", "skipped control"}));
  EXPECT_EQ(decode(R"({"type":"error","message":"error message"})"),
            (Lines{"notice error: error message", "skipped control"}));
  EXPECT_EQ(decode("{\"type\":\"error\",\"message\":\"bad \xff\\n\"}"),
            (Lines{"notice error: bad ??", "skipped control"}));
}

TEST(CoinbaseExchange, PassesOverWhatItHasNoUseFor) {
  Decoded decode("coinbase-exchange");
  EXPECT_EQ(
      decode(
          R"({"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD","time":"2014-11-07T08:19:28.464459Z"})"),
      Lines{"skipped control"});
  EXPECT_EQ(decode(R"({"type":"l2update","product_id":"A-B","changes":[["buy","1","2"]]})"),
            Lines{"skipped other_channel"});
  EXPECT_EQ(decode(R"({"asks":[["1","2"]],"product_id":"A-B","type":"snapshot"})"),
            Lines{"skipped other_channel"});
  EXPECT_EQ(decode(R"({"type":"brand_new","product_id":"A-B"})"), Lines{"skipped other_channel"});
}

TEST(CoinbaseExchange, RefusesWhatMakesNoSense) {
  Decoded decode("coinbase-exchange", {}, {"A-B"});
  const Lines undecodable{"rejected undecodable"};
  EXPECT_EQ(decode(R"({"product_id":"A-B","price":"1"})"), undecodable);
  EXPECT_EQ(decode(R"({"type":"ticker","price":"1"})"), undecodable);
  EXPECT_EQ(decode(R"({"type":"ticker","product_id":"A-B"})"), undecodable);
  EXPECT_EQ(decode(R"({"type":"ticker","product_id":"A-B","side":"up"})"), undecodable);
  EXPECT_EQ(decode(R"({"type":"ticker","product_id":"A-B","price":"1","time":"yesterday"})"),
            undecodable);
  EXPECT_EQ(decode(R"({"type":"match","product_id":"A-B","trade_id":1,"price":"1","size":"2"})"),
            undecodable);
  EXPECT_EQ(decode(R"({"type":"ticker","product_id":"A-B","price":"1e-41"})"),
            Lines{"rejected out_of_range"});
  EXPECT_EQ(decode(R"({"type":"ticker","product_id":"C-D","price":"1"})"),
            Lines{"rejected unknown_instrument"});
}

// Each text with the microseconds that it means; 0: refused.
TEST(CoinbaseExchange, ReadsRfc3339TimesStrictly) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"2021-04-17T16:43:30Z", "ticker A-B last=1 @1618677810000000"},
      {"2021-04-17T16:43:30.2Z", "ticker A-B last=1 @1618677810200000"},
      {"2021-04-17T16:43:30.244075999Z", "ticker A-B last=1 @1618677810244075"},
      {"2021-04-17T18:43:30.5+02:00", "ticker A-B last=1 @1618677810500000"},
      {"2024-02-29T00:00:00Z", "ticker A-B last=1 @1709164800000000"},
      {"2023-02-29T00:00:00Z", "rejected undecodable"},
      {"2021-04-17T24:43:30Z", "rejected undecodable"},
      {"2021-04-17 16:43:30Z", "rejected undecodable"},
      {"2021-04-17T16:43:30", "rejected undecodable"},
      {"2021-04-17T16:43:30.Z", "rejected undecodable"},
      {"2021-04-17T16:43:30.0000000000Z", "rejected undecodable"},
      {"2021-04-17T16:43:3xZ", "rejected undecodable"},
      {"2021-04-17T16:43:30+2:00", "rejected undecodable"},
      {"1969-12-31T23:59:59Z", "rejected out_of_range"},
      {"9999-04-17T16:43:30Z", "rejected out_of_range"},
  };
  for (const auto& [text, expected] : cases) {
    Decoded decode("coinbase-exchange");
    EXPECT_EQ(decode(R"({"type":"ticker","product_id":"A-B","price":"1","time":")" + text + "\"}"),
              Lines{expected})
        << text;
  }
}

TEST(CoinbaseExchange, SubscribesInOneMessage) {
  Decoded decode("coinbase-exchange");
  const auto plan = decode.adapter().plan("wss://h", {"BTC-USD", "ETH-USD"});
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].url, "wss://h");
  EXPECT_EQ(
      plan[0].requests,
      Lines{
          R"({"type":"subscribe","product_ids":["BTC-USD","ETH-USD"],"channels":["ticker","heartbeat","matches"]})"});
  EXPECT_EQ(decode.adapter().native_name("BTC-USD"), "BTC-USD");
  EXPECT_EQ(decode.adapter().native_name("BTC-USD-PERP"), std::nullopt);
}

}  // namespace
}  // namespace ticker::feed
