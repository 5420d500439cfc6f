#include <ticker/feed/adapter.hpp>

#include <gtest/gtest.h>

#include "event_log.hpp"

namespace ticker::feed {
namespace {

using Lines = Decoded::Lines;

std::string trades(const std::string& type, const std::string& entries, int sequence = 0) {
  return R"({"channel":"market_trades","client_id":"","timestamp":"2023-02-09T20:19:35.39625135Z","sequence_num":)" +
         std::to_string(sequence) + R"(,"events":[{"type":")" + type + R"(","trades":[)" + entries +
         "]}]}";
}

std::string trade(int id, const std::string& price = "1260.01",
                  const std::string& product = "ETH-USD") {
  return R"({"trade_id":")" + std::to_string(id) + R"(","product_id":")" + product +
         R"(","price":")" + price +
         R"(","size":"0.3","side":"BUY","time":"2019-08-14T20:42:27.265Z"})";
}

TEST(CoinbaseAdvanced, ReadsTheDocumentedTicker) {
  Decoded decode("coinbase-advanced");
  EXPECT_EQ(
      decode(
          R"({"channel":"ticker","client_id":"","timestamp":"2023-02-09T20:30:37.167359596Z","sequence_num":0,"events":[{"type":"snapshot","tickers":[{"type":"ticker","product_id":"BTC-USD","price":"21932.98","volume_24_h":"16038.28770938","low_24_h":"21835.29","high_24_h":"23011.18","low_52_w":"15460","high_52_w":"48240","price_percent_chg_24_h":"-4.15775596190603","best_bid":"21931.98","best_bid_quantity":"8000.21","best_ask":"21933.98","best_ask_quantity":"8038.07770938"}]}]})"),
      Lines{"ticker BTC-USD bid=21931.98 bid_size=8000.21 ask=21933.98 ask_size=8038.07770938 "
            "last=21932.98 high_24h=23011.18 "
            "low_24h=21835.29 volume_24h=16038.28770938 change_percent_24h=-4.15775596190603 "
            "@1675974637167359"});
}

TEST(CoinbaseAdvanced, ReadsSeveralTickersWithKeysInAnyOrder) {
  Decoded decode("coinbase-advanced");
  EXPECT_EQ(
      decode(
          R"({"events":[{"tickers":[{"price":"1","product_id":"A-B"},{"product_id":"C-D","best_bid":""}],"type":"update"},{"tickers":[{"product_id":"A-B","price":"2"}]}],"timestamp":"1970-01-01T00:00:01Z","sequence_num":3,"channel":"ticker"})"),
      (Lines{"ticker A-B last=1 @1000000", "ticker C-D bid=null @1000000",
             "ticker A-B last=2 @1000000"}));
}

TEST(CoinbaseAdvanced, GivesTheTradesOfAMessageOldestFirstWithTheTakersSide) {
  Decoded decode("coinbase-advanced");
  EXPECT_EQ(decode(trades("update", trade(12, "3") + "," + trade(11, "2") + "," + trade(10, "1"))),
            (Lines{"trade ETH-USD #10 1 x 0.3 sell sets=last_size,last_side @1565815347265000",
                   "trade ETH-USD #11 2 x 0.3 sell sets=last_size,last_side @1565815347265000",
                   "trade ETH-USD #12 3 x 0.3 sell sets=last_size,last_side @1565815347265000"}));
}

TEST(CoinbaseAdvanced, PassesOverTheHistoryOfASnapshotButCountsIdsFromIt) {
  Decoded decode("coinbase-advanced");
  EXPECT_EQ(decode(trades("snapshot", trade(12) + "," + trade(11))),
            (Lines{"skipped history", "skipped history"}));
  EXPECT_EQ(decode(trades("update", trade(14), 1)),
            Lines{"trade ETH-USD #14 1260.01 x 0.3 sell sets=last_size,last_side missed=1 "
                  "@1565815347265000"});
}

// `type` may come behind the trades that it is about.
TEST(CoinbaseAdvanced, KnowsASnapshotThatSaysSoLast) {
  Decoded decode("coinbase-advanced");
  EXPECT_EQ(decode(R"({"channel":"market_trades","events":[{"trades":[)" + trade(1) +
                   R"(],"type":"snapshot"}]})"),
            Lines{"skipped history"});
}

TEST(CoinbaseAdvanced, RefusesOneEntryWithoutHarmToTheOthers) {
  Decoded decode("coinbase-advanced", {}, {"ETH-USD"});
  EXPECT_EQ(
      decode(trades("update", trade(13, "3") + "," + trade(12, "12345678901234567890123456789") +
                                  "," + trade(11, "2", "BTC-USD") + "," + trade(10, "x") + "," +
                                  trade(9, "1"))),
      (Lines{
          "trade ETH-USD #9 1 x 0.3 sell sets=last_size,last_side @1565815347265000",
          "rejected undecodable", "rejected unknown_instrument", "rejected out_of_range",
          "trade ETH-USD #13 3 x 0.3 sell sets=last_size,last_side missed=3 @1565815347265000"}));
}

TEST(CoinbaseAdvanced, TellsOfAJumpOfTheConnectionsSequence) {
  Decoded decode("coinbase-advanced");
  const auto heartbeat = [](int sequence) {
    return R"({"channel":"heartbeats","timestamp":"2023-06-23T20:31:26Z","sequence_num":)" +
           std::to_string(sequence) +
           R"(,"events":[{"current_time":"2023-06-23 20:31:56.121961769 +0000 UTC m=+91717.525857105","heartbeat_counter":3049}]})";
  };
  EXPECT_EQ(decode(heartbeat(7)), Lines{"skipped control"});
  EXPECT_EQ(decode(heartbeat(8)), Lines{"skipped control"});
  // A book that is not read to its end counts too.
  EXPECT_EQ(
      decode(
          R"({"channel":"l2_data","timestamp":"x","sequence_num":9,"events":[{"type":"snapshot","product_id":"A-B","updates":[{"side":"bid"}]}]})"),
      Lines{"skipped other_channel"});
  EXPECT_EQ(decode(heartbeat(12)), (Lines{"notice sequence_gap", "skipped control"}));
  // At a handover messages are read again, without the heartbeats between them.
  EXPECT_EQ(decode(heartbeat(8)), Lines{"skipped control"});
  EXPECT_EQ(decode(heartbeat(10)), Lines{"skipped control"});
  EXPECT_EQ(decode(heartbeat(13)), Lines{"skipped control"});
  decode.adapter().reset();
  EXPECT_EQ(decode(heartbeat(0)), Lines{"skipped control"});
}

TEST(CoinbaseAdvanced, DropsTickersThatAreLateOnOneConnection) {
  Decoded decode("coinbase-advanced");
  const auto ticker = [](int sequence, const std::string& product = "A-B") {
    return R"({"channel":"ticker","timestamp":"1970-01-01T00:00:01Z","sequence_num":)" +
           std::to_string(sequence) + R"(,"events":[{"tickers":[{"product_id":")" + product +
           R"(","best_bid":")" + std::to_string(sequence) + "\"}]}]}";
  };
  decode(ticker(7));
  EXPECT_EQ(decode(ticker(6)), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(ticker(7)), Lines{"ticker A-B bid=7 @1000000"});
  EXPECT_EQ(decode(ticker(5, "C-D")), Lines{"ticker C-D bid=5 @1000000"});

  // Another connection has numbers of its own, and what it said is read again.
  Decoded next("coinbase-advanced");
  next(ticker(3));
  next(ticker(4));
  next.adapter().take_over(decode.adapter(), true);
  EXPECT_EQ(next(ticker(3)), Lines{"ticker A-B bid=3 @1000000"});
  EXPECT_EQ(next(ticker(4)), Lines{"ticker A-B bid=4 @1000000"});
  EXPECT_EQ(next(ticker(3)), Lines{"skipped duplicate"});
}

// All that followed was taken for older, until the next connection.
TEST(CoinbaseAdvanced, IsNotSilencedByOneAbsurdNumber) {
  Decoded decode("coinbase-advanced");
  const auto ticker = [](const std::string& sequence) {
    return R"({"channel":"ticker","timestamp":"1970-01-01T00:00:01Z","sequence_num":)" + sequence +
           R"(,"events":[{"tickers":[{"product_id":"A-B","best_bid":"1"}]}]})";
  };
  const std::string taken = "ticker A-B bid=1 @1000000";
  for (const std::string absurd : {"18446744073709551615", "9000000000"}) {
    decode.adapter().reset();
    decode(ticker("7"));

    EXPECT_EQ(decode(ticker(absurd)), (Lines{"notice sequence_gap", taken}));

    EXPECT_EQ(decode(ticker("9")), (Lines{"notice sequence_gap", taken}));
    EXPECT_EQ(decode(ticker("10")), Lines{taken});
    EXPECT_EQ(decode(ticker("8")), Lines{"skipped duplicate"});
  }
  // Nor where it is the first one.
  decode.adapter().reset();
  decode(ticker("9000000000"));
  EXPECT_EQ(decode(ticker("1")), (Lines{"notice sequence_gap", taken}));
}

TEST(CoinbaseAdvanced, FindsTheUsdcProductThatIsToldOfAsUsd) {
  Decoded decode("coinbase-advanced", {}, {"BTC-USDC"});
  EXPECT_EQ(
      decode(
          R"({"channel":"ticker","events":[{"tickers":[{"product_id":"BTC-USD","price":"1"}]}]})"),
      Lines{"ticker BTC-USDC last=1"});
}

TEST(CoinbaseAdvanced, TellsOfSubscriptionsAndErrors) {
  Decoded decode("coinbase-advanced");
  EXPECT_EQ(
      decode(
          R"({"channel":"subscriptions","sequence_num":0,"events":[{"subscriptions":{"level2":["X-Y"],"ticker":["BTC-USD","ETH-USD"]}}]})"),
      (Lines{"notice subscribed BTC-USD", "notice subscribed ETH-USD", "skipped control"}));
  EXPECT_EQ(decode(R"({"type":"error","message":"failure to subscribe"})"),
            (Lines{"notice error: failure to subscribe", "skipped control"}));
}

TEST(CoinbaseAdvanced, PassesOverOtherChannelsWhateverTheOrderOfKeys) {
  Decoded decode("coinbase-advanced");
  EXPECT_EQ(
      decode(
          R"({"events":[{"updates":[{"side":"bid","price_level":"1"}],"type":"update"}],"channel":"l2_data","sequence_num":0})"),
      Lines{"skipped other_channel"});
  EXPECT_EQ(
      decode(
          R"({"channel":"candles","sequence_num":1,"events":[{"candles":[{"product_id":"A-B","open":"1"}]}]})"),
      Lines{"skipped other_channel"});
}

TEST(CoinbaseAdvanced, RefusesWhatMakesNoSense) {
  Decoded decode("coinbase-advanced");
  const Lines undecodable{"rejected undecodable"};
  EXPECT_EQ(decode(R"({"events":[{"tickers":[{"product_id":"A-B","price":"1"}]}]})"), undecodable);
  EXPECT_EQ(decode(R"({"channel":"ticker","events":[]})"), undecodable);
  EXPECT_EQ(decode(R"({"channel":"ticker","events":[{"tickers":[{"price":"1"}]}]})"), undecodable);
  EXPECT_EQ(decode(R"({"channel":"ticker","events":[{"tickers":[{"product_id":"A-B"}]}]})"),
            undecodable);
  EXPECT_EQ(
      decode(
          R"({"channel":"ticker","timestamp":"now","events":[{"tickers":[{"product_id":"A-B","price":"1"}]}]})"),
      undecodable);
  EXPECT_EQ(
      decode(
          R"({"channel":"market_trades","events":[{"tickers":[{"product_id":"A-B","price":"1"}]}]})"),
      undecodable);
}

TEST(CoinbaseAdvanced, RefusesMoreEntriesThanAnyMessageHas) {
  Decoded decode("coinbase-advanced");
  std::string entries = trade(1);
  for (int id = 2; id <= 10'000; ++id) {
    entries += "," + trade(id);
  }
  EXPECT_EQ(decode(trades("update", entries)), Lines{"rejected out_of_range"});
}

TEST(CoinbaseAdvanced, SubscribesOneChannelARequest) {
  Decoded decode("coinbase-advanced");
  const auto plan = decode.adapter().plan("wss://h", {"BTC-USD"});
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].requests,
            (Lines{R"({"type":"subscribe","product_ids":["BTC-USD"],"channel":"ticker"})",
                   R"({"type":"subscribe","product_ids":["BTC-USD"],"channel":"market_trades"})",
                   R"({"type":"subscribe","channel":"heartbeats"})"}));
}

}  // namespace
}  // namespace ticker::feed
