#include <ticker/protocol/http_body.hpp>

#include <gtest/gtest.h>

namespace ticker::protocol {
namespace {

TEST(HttpBody, WritesTickersAroundTheirEntries) {
  std::string out;
  append_tickers_head(out, "9f2c", 812345);
  out += R"({"symbol":"a","bid":"1"})";
  append_tickers_tail(out, {{"x:Y", ErrorCode::kUnknownSymbol}});

  EXPECT_EQ(out, R"({"epoch":"9f2c","version":812345,"data":[{"symbol":"a","bid":"1"}],)"
                 R"("rejected":[{"symbol":"x:Y","code":"unknown_symbol"}]})");
}

TEST(HttpBody, WritesEmptyTickers) {
  std::string out;
  append_tickers_head(out, "9f2c", 0);
  append_tickers_tail(out, {});

  EXPECT_EQ(out, R"({"epoch":"9f2c","version":0,"data":[],"rejected":[]})");
}

TEST(HttpBody, WritesSymbols) {
  const market::Instrument btc{"kraken:BTC-USD", "kraken", "XBT/USD", "BTC", "USD"};

  EXPECT_EQ(
      symbols_body({&btc, &btc}),
      R"({"symbols":[{"symbol":"kraken:BTC-USD","native":"XBT/USD","venue":"kraken","base":"BTC","quote":"USD"},)"
      R"({"symbol":"kraken:BTC-USD","native":"XBT/USD","venue":"kraken","base":"BTC","quote":"USD"}]})");
  EXPECT_EQ(symbols_body({}), R"({"symbols":[]})");
}

TEST(HttpBody, WritesFeeds) {
  const FeedInfo live{
      {"kraken", "kraken-v2", market::FeedState::kLive, from_us(5), ""}, from_us(7), 12, 1};
  const FeedInfo silent{
      {"okx", "okx", market::FeedState::kConnecting, from_us(6), "no \"answer\""}, kNoTime, 2, 2};

  EXPECT_EQ(
      feeds_body({live, silent}),
      R"({"feeds":[{"feed":"kraken","adapter":"kraken-v2","state":"live","since_us":5,"last_message_us":7,"reason":"","symbols":12,"stale":1},)"
      R"({"feed":"okx","adapter":"okx","state":"connecting","since_us":6,"last_message_us":null,"reason":"no \"answer\"","symbols":2,"stale":2}]})");
}

TEST(HttpBody, WritesErrors) {
  EXPECT_EQ(error_body("not_found", "no path \"/x\""),
            R"({"error":{"code":"not_found","message":"no path \"/x\""}})");
}

}  // namespace
}  // namespace ticker::protocol
