#include <ticker/feed/listing.hpp>

#include <gtest/gtest.h>

#include <map>

#include <ticker/feed/adapter.hpp>

#include "message_bytes.hpp"

namespace ticker::feed {
namespace {

std::optional<std::vector<Listing>> read(std::string_view adapter, std::string_view body) {
  MessageBytes bytes(body);
  return read_listing(adapter, bytes.data(), bytes.size());
}

using Listings = std::vector<Listing>;

// As the venues' documentation shows them; the last of each is not traded, or no spot pair.
const std::map<std::string_view, std::pair<std::string, Listings>>& samples() {
  static const std::string binance =
      R"({"timezone":"UTC","rateLimits":[{"limit":1}],"symbols":[{"symbol":"ETHBTC","status":"TRADING","baseAsset":"ETH","quoteAsset":"BTC","filters":[{"filterType":"X"}]},{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT"},{"symbol":"OLDUSDT","status":"BREAK","baseAsset":"OLD","quoteAsset":"USDT"}]})";
  static const std::string products =
      R"([{"id":"BTC-USD","base_currency":"BTC","quote_currency":"USD","status":"online"},{"id":"OLD-USD","base_currency":"OLD","quote_currency":"USD","status":"delisted"}])";
  static const std::string kraken =
      R"({"error":[],"result":{"XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT/USD","status":"online"},"XDGEUR":{"wsname":"XDG/EUR","status":"online"},"OLD":{"wsname":"OLD/EUR","status":"cancel_only"}}})";
  static const std::map<std::string_view, std::pair<std::string, Listings>> all{
      {"binance-spot", {binance, {{"BTC-USDT", "BTCUSDT"}, {"ETH-BTC", "ETHBTC"}}}},
      {"binance-usdm",
       {R"({"symbols":[{"symbol":"BTCUSDT","contractType":"PERPETUAL","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT"},{"symbol":"BTCUSDT_261225","contractType":"CURRENT_QUARTER","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT"},{"symbol":"OLDUSDT","contractType":"PERPETUAL","status":"SETTLING","baseAsset":"OLD","quoteAsset":"USDT"}]})",
        {{"BTC-USDT-261225", "BTCUSDT_261225"}, {"BTC-USDT-PERP", "BTCUSDT"}}}},
      {"binance-coinm",
       {R"({"symbols":[{"symbol":"BTCUSD_PERP","contractType":"PERPETUAL","contractStatus":"TRADING","baseAsset":"BTC","quoteAsset":"USD"},{"symbol":"BTCUSD_261225","contractType":"CURRENT_QUARTER","contractStatus":"TRADING","baseAsset":"BTC","quoteAsset":"USD"},{"symbol":"OLDUSD_PERP","contractType":"PERPETUAL","contractStatus":"SETTLING","baseAsset":"OLD","quoteAsset":"USD"}]})",
        {{"BTC-USD-261225", "BTCUSD_261225"}, {"BTC-USD-PERP", "BTCUSD_PERP"}}}},
      {"coinbase-exchange", {products, {{"BTC-USD", "BTC-USD"}}}},
      {"coinbase-advanced", {products, {{"BTC-USD", "BTC-USD"}}}},
      {"kraken-v1", {kraken, {{"BTC-USD", "XBT/USD"}, {"DOGE-EUR", "XDG/EUR"}}}},
      {"kraken-v2", {kraken, {{"BTC-USD", "BTC/USD"}, {"DOGE-EUR", "DOGE/EUR"}}}},
      {"bitstamp",
       {R"([{"name":"BTC/USD","url_symbol":"btcusd","trading":"Enabled"},{"name":"OLD/USD","url_symbol":"oldusd","trading":"Disabled"}])",
        {{"BTC-USD", "btcusd"}}}},
      {"okx",
       {R"({"code":"0","data":[{"instId":"BTC-USDT","baseCcy":"BTC","quoteCcy":"USDT","state":"live"},{"instId":"OLD-USDT","baseCcy":"OLD","quoteCcy":"USDT","state":"suspend"}]})",
        {{"BTC-USDT", "BTC-USDT"}}}},
      {"bybit-spot",
       {R"({"retCode":0,"result":{"category":"spot","list":[{"symbol":"BTCUSDT","baseCoin":"BTC","quoteCoin":"USDT","status":"Trading"},{"symbol":"OLDUSDT","baseCoin":"OLD","quoteCoin":"USDT","status":"Closed"}]}})",
        {{"BTC-USDT", "BTCUSDT"}}}},
      {"bybit-linear",
       {R"({"retCode":0,"result":{"category":"linear","list":[{"symbol":"BTCUSDT","contractType":"LinearPerpetual","status":"Trading","baseCoin":"BTC","quoteCoin":"USDT"},{"symbol":"BTCPERP","contractType":"LinearPerpetual","status":"Trading","baseCoin":"BTC","quoteCoin":"USDC"},{"symbol":"BTCUSDT-25DEC26","contractType":"LinearFutures","status":"Trading","baseCoin":"BTC","quoteCoin":"USDT"},{"symbol":"OLDUSDT","contractType":"LinearPerpetual","status":"Closed","baseCoin":"OLD","quoteCoin":"USDT"}]}})",
        {{"BTC-USDC-PERP", "BTCPERP"},
         {"BTC-USDT-25DEC26", "BTCUSDT-25DEC26"},
         {"BTC-USDT-PERP", "BTCUSDT"}}}},
      {"bitfinex",
       {R"([["BTCUSD","DOGE:USD","BTCUST","TESTBTCTESTUSD"],["BTCF0:USTF0","DOGEF0:USTF0"]])",
        {{"BTC-USD", "BTCUSD"},
         {"BTC-USDT", "BTCUST"},
         {"BTC-USDT-PERP", "BTCF0:USTF0"},
         {"DOGE-USD", "DOGE:USD"},
         {"DOGE-USDT-PERP", "DOGEF0:USTF0"}}}},
  };
  return all;
}

TEST(Listing, OfEachVenueGivesWhatItTradesByItsNameInDataMessages) {
  for (const auto& [adapter, sample] : samples()) {
    EXPECT_TRUE(listing_url(adapter).starts_with("https://")) << adapter;
    EXPECT_EQ(read(adapter, sample.first), sample.second) << adapter;
    const auto names =
        make_adapter(adapter, {}).value()->native_name(sample.second.back().canonical);
    EXPECT_EQ(names, sample.second.back().native) << adapter;
  }
}

TEST(Listing, OfOkxMayBeOfContracts) {
  EXPECT_EQ(
      read(
          "okx",
          R"({"code":"0","data":[{"instId":"BTC-USDT-SWAP","baseCcy":"","quoteCcy":"","uly":"BTC-USDT","state":"live"},{"instId":"BTC-USD-261225","uly":"BTC-USD","state":"live"},{"instId":"BTC-USD-261225-50000-C","uly":"BTC-USD","state":"live"}]})"),
      (Listings{{"BTC-USD-261225", "BTC-USD-261225"}, {"BTC-USDT-PERP", "BTC-USDT-SWAP"}}));
}

TEST(Listing, IsKnownOfTheseVenues) {
  for (const auto kind : adapter_kinds()) {
    EXPECT_EQ(!listing_url(kind).empty(), samples().contains(kind)) << kind;
  }
  EXPECT_EQ(listing_url("json-websocket"), "");
}

TEST(Listing, IsNoneWhereNothingOfItIsThere) {
  for (const auto& [adapter, sample] : samples()) {
    for (const char* body :
         {"", "null", "[]", "{}", "7", "[[]]", R"({"symbols":[],"result":{},"data":[]})",
          R"({"code":0,"msg":"Service unavailable"})", R"(["x",7,null,[1]])", "<html>"}) {
      EXPECT_EQ(read(adapter, body), std::nullopt) << adapter << body;
    }
    for (std::size_t size = 0; size < sample.first.size(); ++size) {
      EXPECT_EQ(read(adapter, sample.first.substr(0, size)), std::nullopt) << adapter;
    }
  }
}

TEST(Listing, LeavesOutNamesThatNobodyCouldConfigure) {
  const auto product = [](const std::string& base, const std::string& id) {
    return R"({"id":")" + id + R"(","base_currency":")" + base +
           R"(","quote_currency":"USD","status":"online"})";
  };
  EXPECT_EQ(read("coinbase-exchange",
                 "[" + product("btc", "a") + "," + product("", "b") + "," + product("A-B", "c") +
                     "," + product("ÄÖ", "d") + "," + product("A", "x y") + "," + product("A", "") +
                     "," + product(std::string(70, 'A'), "e") + "," + product("OK", "OK-USD") +
                     "," + product("OK", "OK-USD2") + "]"),
            (Listings{{"OK-USD", "OK-USD"}}));
}

}  // namespace
}  // namespace ticker::feed
