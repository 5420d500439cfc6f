#include <ticker/feed/adapter.hpp>

#include <gtest/gtest.h>

#include "event_log.hpp"

namespace ticker::feed {
namespace {

using Lines = Decoded::Lines;

std::string trade(int id, const std::string& type = "update") {
  return R"({"channel":"trade","type":")" + type +
         R"(","data":[{"symbol":"MATIC/USD","side":"sell","price":0.5117,"qty":40.0,"ord_type":"market","trade_id":)" +
         std::to_string(id) + R"(,"timestamp":"2023-09-25T07:49:37.708706Z"}]})";
}

std::string ticker_with(const std::string& members) {
  return R"({"channel":"ticker","type":"update","data":[{"symbol":"A/B",)" + members + "}]}";
}

TEST(KrakenV2, ReadsSnapshotAndUpdateOfATickerDigitForDigit) {
  Decoded decode("kraken-v2");
  const std::string rest =
      R"("ask_qty":1361.44813783,"last":0.10035,"volume":997038.98383185,"vwap":0.10148,"low":0.09979,"high":0.10285,"change":-0.00017,"change_pct":-0.17,"timestamp":"2023-09-25T09:04:31.742648Z"}]})";
  const std::string expected_rest =
      " ask_size=1361.44813783 last=0.10035 open_24h=0.10052 high_24h=0.10285 low_24h=0.09979 "
      "volume_24h=997038.98383185 "
      "change_24h=-0.00017 change_percent_24h=-0.17 vwap_24h=0.10148 @1695632671742648";
  EXPECT_EQ(
      decode(
          R"({"channel":"ticker","type":"snapshot","data":[{"symbol":"ALGO/USD","bid":0.10025,"bid_qty":740.0,"ask":0.10036,)" +
          rest),
      Lines{"ticker ALGO/USD bid=0.10025 bid_size=740.0 ask=0.10036" + expected_rest});
  EXPECT_EQ(
      decode(
          R"({"channel":"ticker","type":"update","data":[{"symbol":"ALGO/USD","bid":0.10025,"bid_qty":740,"ask":0.10035,)" +
          rest),
      Lines{"ticker ALGO/USD bid=0.10025 bid_size=740 ask=0.10035" + expected_rest});
}

TEST(KrakenV2, TakesATickerWithoutLastOrTime) {
  Decoded decode("kraken-v2");
  EXPECT_EQ(decode(ticker_with(R"("bid":1.5,"change":0.1)")),
            Lines{"ticker A/B bid=1.5 change_24h=0.1"});
  EXPECT_EQ(decode(ticker_with(R"("bid":null,"last":2,"change":null)")),
            Lines{"ticker A/B bid=null last=2 change_24h=null"});
}

TEST(KrakenV2, DropsTickersThatAreLateOnOneConnection) {
  Decoded decode("kraken-v2");
  decode(ticker_with(R"("bid":2,"timestamp":"2023-09-25T09:04:31.742648Z")"));
  EXPECT_EQ(decode(ticker_with(R"("bid":1,"timestamp":"2023-09-25T09:04:31.742647Z")")),
            Lines{"skipped duplicate"});
  EXPECT_EQ(decode(ticker_with(R"("bid":3,"timestamp":"2023-09-25T09:04:31.742648Z")")),
            Lines{"ticker A/B bid=3 @1695632671742648"});
  decode.adapter().reset();
  EXPECT_EQ(decode(ticker_with(R"("bid":1,"timestamp":"2023-09-25T09:04:31.742647Z")")),
            Lines{"ticker A/B bid=1 @1695632671742647"});
}

TEST(KrakenV2, TakesKeysInAnotherOrder) {
  Decoded decode("kraken-v2");
  EXPECT_EQ(
      decode(
          R"({"data":[{"ask":2,"symbol":"A\/B","bid":1,"x":{"bid":3}}],"type":"update","channel":"ticker"})"),
      Lines{"ticker A/B bid=1 ask=2"});
}

TEST(KrakenV2, KeepsNumbersAsTheyAreWritten) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"1e-08", "bid=0.00000001"},
      {"0.10000000", "bid=0.10000000"},
      {"105944.20", "bid=105944.20"},
      {"2.50e3", "bid=2500"},
      {"-0", "bid=0"},
      {"-0.00017", "bid=-0.00017"},
      {"12345678901234567890", "bid=12345678901234567890"},
      {R"("740.0")", "bid=740.0"},
      {R"("")", "bid=null"},
      {"1E+2", "bid=100"},
      {"9007199254740993", "bid=9007199254740993"},
  };
  for (const auto& [text, expected] : cases) {
    Decoded decode("kraken-v2");
    EXPECT_EQ(decode(ticker_with("\"bid\":" + text)), Lines{"ticker A/B " + expected}) << text;
  }
}

TEST(KrakenV2, RefusesNumbersThatCannotBeHeldOrAreNone) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"12345678901234567890123456789", "out_of_range"},
      {"1e41", "out_of_range"},
      {"1e-41", "out_of_range"},
      {"1e400", "out_of_range"},
      {R"("1e400")", "out_of_range"},
      {"true", "undecodable"},
      {R"("1,5")", "undecodable"},
      {R"("0x10")", "undecodable"},
      {"01", "undecodable"},
      {"+1", "undecodable"},
      {".5", "undecodable"},
      {"1.", "undecodable"},
      {"NaN", "undecodable"},
      {R"(" 1")", "undecodable"},
      {R"("1\u0000")", "undecodable"}};
  for (const auto& [text, reason] : cases) {
    Decoded decode("kraken-v2");
    EXPECT_EQ(decode(ticker_with("\"ask\":1,\"bid\":" + text)), Lines{"rejected " + reason})
        << text;
  }
}

TEST(KrakenV2, ReadsTradesAndCountsTheirIds) {
  Decoded decode("kraken-v2");
  EXPECT_EQ(decode(trade(4665906)), Lines{"trade MATIC/USD #4665906 0.5117 x 40.0 sell "
                                          "sets=last_size,last_side @1695628177708706"});
  EXPECT_EQ(decode(trade(4665906)), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(trade(4665909)), Lines{"trade MATIC/USD #4665909 0.5117 x 40.0 sell "
                                          "sets=last_size,last_side missed=2 @1695628177708706"});
  EXPECT_EQ(decode(trade(1, "snapshot")), Lines{"skipped history"});
}

TEST(KrakenV2, RefusesOneTradeWithoutHarmToTheOthers) {
  Decoded decode("kraken-v2");
  EXPECT_EQ(
      decode(
          R"({"channel":"trade","type":"update","data":[{"symbol":"A/B","side":"buy","price":1,"qty":2,"trade_id":1},{"symbol":"A/B","side":"buy","price":1e99,"qty":2,"trade_id":2},{"symbol":"A/B","side":"buy","price":3,"qty":4,"trade_id":3,"timestamp":"1970-01-01T00:00:01Z"}]})"),
      (Lines{"trade A/B #1 1 x 2 buy sets=last_size,last_side", "rejected out_of_range",
             "trade A/B #3 3 x 4 buy sets=last_size,last_side missed=1 @1000000"}));
}

TEST(KrakenV2, TellsOfAcknowledgementsAndRefusals) {
  Decoded decode("kraken-v2");
  EXPECT_EQ(
      decode(
          R"({"method":"subscribe","result":{"channel":"ticker","snapshot":true,"symbol":"ALGO/USD"},"success":true,"time_in":"2023-09-25T09:04:31.742599Z","time_out":"2023-09-25T09:04:31.742648Z"})"),
      (Lines{"notice subscribed ALGO/USD", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"error":"Currency pair not in ISO 4217-A3 format","method":"subscribe","success":false,"time_in":"2021-06-28T07:22:47.907236Z"})"),
      (Lines{"notice error: Currency pair not in ISO 4217-A3 format", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"error":"Currency pair not supported XBT/USD","method":"subscribe","success":false})"),
      (Lines{"notice refused XBT/USD: Currency pair not supported XBT/USD", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"error":"Already subscribed","method":"subscribe","success":false,"symbol":"BTC/USD"})"),
      (Lines{"notice subscribed BTC/USD", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"error":"Exceeded msg rate","method":"subscribe","success":false,"symbol":"BTC/USD"})"),
      (Lines{"notice ask_again BTC/USD: Exceeded msg rate", "skipped control"}));
  EXPECT_EQ(decode(R"({"Error":"Exceeded msg rate"})"),
            (Lines{"notice ask_again: Exceeded msg rate", "skipped control"}));
}

TEST(KrakenV2, TellsOfTheVenuesStatus) {
  Decoded decode("kraken-v2");
  const auto status = [](const std::string& system) {
    return R"({"channel":"status","data":[{"api_version":"v2","connection_id":13834774380200032777,"system":")" +
           system + R"(","version":"2.0.0"}],"type":"update"})";
  };
  EXPECT_EQ(decode(status("online")), (Lines{"notice available: online", "skipped control"}));
  EXPECT_EQ(decode(status("maintenance")),
            (Lines{"notice unavailable: maintenance", "skipped control"}));
  EXPECT_EQ(decode(status("cancel_only")),
            (Lines{"notice available: cancel_only", "skipped control"}));
  EXPECT_EQ(decode(status("post_only")), (Lines{"notice available: post_only", "skipped control"}));
}

TEST(KrakenV2, PassesOverHeartbeatsPongsAndOtherChannels) {
  Decoded decode("kraken-v2");
  EXPECT_EQ(decode(R"({"channel":"heartbeat"})"), Lines{"skipped control"});
  EXPECT_EQ(decode(R"({"method":"pong","req_id":101,"time_in":"2023-09-24T14:10:23.799685Z"})"),
            Lines{"skipped control"});
  EXPECT_EQ(
      decode(
          R"({"channel":"book","type":"update","data":[{"symbol":"A/B","bids":[{"price":1,"qty":2}],"asks":[],"checksum":1}]})"),
      Lines{"skipped other_channel"});
  EXPECT_EQ(
      decode(
          R"({"data":{"assets":[{"id":"USD"}],"pairs":[]},"channel":"instrument","type":"snapshot"})"),
      Lines{"skipped other_channel"});
}

TEST(KrakenV2, RefusesWhatMakesNoSense) {
  Decoded decode("kraken-v2", {}, {"A/B"});
  const Lines undecodable{"rejected undecodable"};
  EXPECT_EQ(decode("{}"), undecodable);
  EXPECT_EQ(decode("[]"), undecodable);
  EXPECT_EQ(decode(R"({"channel":"ticker","data":[]})"), undecodable);
  EXPECT_EQ(decode(R"({"channel":"ticker","data":[{"bid":1}]})"), undecodable);
  EXPECT_EQ(decode(R"({"channel":"ticker","data":[{"symbol":"A/B"}]})"), undecodable);
  EXPECT_EQ(
      decode(R"({"channel":"trade","data":[{"symbol":"A/B","side":"buy","price":1,"qty":2}]})"),
      undecodable);
  EXPECT_EQ(decode(R"({"channel":"ticker","data":[{"symbol":"C/D","bid":1}]})"),
            Lines{"rejected unknown_instrument"});
}

TEST(KrakenV2, SubscribesToQuotesAndNotOnlyToTrades) {
  Decoded decode("kraken-v2");
  EXPECT_EQ(decode.adapter().native_name("BTC-USD"), "BTC/USD");
  EXPECT_EQ(
      decode.adapter().plan("wss://h/v2", {"BTC/USD"}).at(0).requests,
      (Lines{
          R"({"method":"subscribe","params":{"channel":"ticker","event_trigger":"bbo","snapshot":true,"symbol":["BTC/USD"]},"req_id":1})",
          R"({"method":"subscribe","params":{"channel":"trade","snapshot":false,"symbol":["BTC/USD"]},"req_id":2})"}));
}

}  // namespace
}  // namespace ticker::feed
