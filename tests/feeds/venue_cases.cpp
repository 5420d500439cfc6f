#include "venue_cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>

#include <ticker/base/clock.hpp>

namespace ticker::tests {
namespace {

constexpr std::int64_t kKrakensFirstSecond = 1'618'678'100;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string binance(const std::string& native, const std::string& stream, const std::string& data) {
  return R"({"stream":")" + lower(native) + "@" + stream + R"(","data":{)" + data + "}}";
}

std::string binance_spot_quote(const std::string& native, int id, const std::string& bid) {
  return binance(native, "bookTicker",
                 R"("u":)" + std::to_string(id) + R"(,"s":")" + native + R"(","b":")" + bid +
                     R"(","B":"31.21000000","a":"61800.30","A":"40.66000000")");
}

std::string binance_futures_quote(const std::string& native, int id, const std::string& bid) {
  return binance(
      native, "bookTicker",
      R"("e":"bookTicker","u":)" + std::to_string(id) + R"(,"s":")" + native + R"(","b":")" + bid +
          R"(","B":"2.507","a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256313)");
}

std::string binance_trade(const std::string& native, int id, const std::string& price) {
  return binance(native, "trade",
                 R"("e":"trade","E":1723161256322,"T":1723161256322,"s":")" + native + R"(","t":)" +
                     std::to_string(id) + R"(,"p":")" + price +
                     R"(","q":"0.006","X":"MARKET","m":false)");
}

std::string coinbase_exchange_quote(const std::string& native, int id, const std::string& bid) {
  return R"({"type":"ticker","sequence":)" + std::to_string(id) + R"(,"product_id":")" + native +
         R"(","price":"61800.25","open_24h":"61000","volume_24h":"2.5","low_24h":"60000","high_24h":"62000","best_bid":")" +
         bid +
         R"(","best_ask":"61800.30","side":"buy","time":"2022-10-19T23:28:22.061769Z","trade_id":)" +
         std::to_string(id) + R"(,"last_size":"0.04"})";
}

std::string coinbase_exchange_trade(const std::string& native, int id, const std::string& price) {
  return R"({"type":"match","trade_id":)" + std::to_string(id) +
         R"(,"maker_order_id":"a","taker_order_id":"b","side":"sell","size":"0.04","price":")" +
         price + R"(","product_id":")" + native + R"(","sequence":)" + std::to_string(id) +
         R"(,"time":"2022-10-19T23:28:22.061769Z"})";
}

std::string coinbase_advanced(const char* channel, int id, const std::string& event) {
  return std::string(R"({"channel":")") + channel +
         R"(","timestamp":"2026-08-09T21:05:48.298032046Z","sequence_num":)" + std::to_string(id) +
         R"(,"events":[{"type":"update",)" + event + "}]}";
}

std::string coinbase_advanced_quote(const std::string& native, int id, const std::string& bid) {
  return coinbase_advanced(
      "ticker", id,
      R"("tickers":[{"type":"ticker","product_id":")" + native +
          R"(","price":"61800.25","volume_24_h":"2.5","best_bid":")" + bid +
          R"(","best_bid_quantity":"1","best_ask":"61800.30","best_ask_quantity":"2"}])");
}

std::string coinbase_advanced_trade(const std::string& native, int id, const std::string& price) {
  return coinbase_advanced(
      "market_trades", id,
      R"("trades":[{"product_id":")" + native + R"(","trade_id":")" + std::to_string(id) +
          R"(","price":")" + price +
          R"(","size":"0.002","time":"2026-08-09T21:05:42.514318Z","side":"SELL"}])");
}

std::string kraken_v1_quote(const std::string& native, int, const std::string& bid) {
  return R"([1668,{"a":["61800.30000",35,"35.72892241"],"b":[")" + bid +
         R"(",185,"185.18432037"],"c":["61800.25000","3.71672000"],"v":["1.5","2.5"],"p":["61000.1","61000.2"],"t":[640,1353],"l":["60000","60000"],"h":["62000","62000"],"o":["61000","61000"]},"ticker",")" +
         native + "\"]";
}

std::string kraken_v1_trade(const std::string& native, int id, const std::string& price) {
  return R"([993,[[")" + price + R"(","0.89594024",")" + std::to_string(kKrakensFirstSecond + id) +
         R"(.557535","s","l",""]],"trade",")" + native + "\"]";
}

std::string kraken_v2_quote(const std::string& native, int id, const std::string& bid) {
  return R"({"channel":"ticker","type":"update","data":[{"symbol":")" + native + R"(","bid":)" +
         bid +
         R"(,"bid_qty":740.0,"ask":61800.30,"ask_qty":1361.44813783,"last":61800.25,"volume":997038.98383185,"vwap":61000.1,"low":60000.0,"high":62000.0,"change":-0.00017,"change_pct":-0.17,"timestamp":"2023-09-25T09:04:31.)" +
         std::to_string(742'648 + id) + R"(Z"}]})";
}

std::string kraken_v2_trade(const std::string& native, int id, const std::string& price) {
  return R"({"channel":"trade","type":"update","data":[{"symbol":")" + native +
         R"(","side":"sell","price":)" + price + R"(,"qty":40.0,"ord_type":"market","trade_id":)" +
         std::to_string(id) + R"(,"timestamp":"2023-09-25T07:49:37.708706Z"}]})";
}

std::string okx(const char* channel, const std::string& native, const std::string& entry) {
  return std::string(R"({"arg":{"channel":")") + channel + R"(","instId":")" + native +
         R"("},"data":[{"instId":")" + native + R"(",)" + entry + "}]}";
}

std::string okx_quote(const std::string& native, int id, const std::string& bid) {
  return okx(
      "tickers", native,
      R"("instType":"SPOT","last":"61800.25","lastSz":"0.0002","askPx":"61800.30","askSz":"1.55896972","bidPx":")" +
          bid +
          R"(","bidSz":"0.23393","open24h":"61000","high24h":"62000","low24h":"60000","volCcy24h":"525802090.6","vol24h":"17602.1","ts":")" +
          std::to_string(1'652'459'224'956 + id) + "\"");
}

std::string okx_trade(const std::string& native, int id, const std::string& price) {
  return okx("trades", native,
             R"("tradeId":")" + std::to_string(id) + R"(","px":")" + price +
                 R"(","sz":"0.12060306","side":"buy","ts":"1630048897897")");
}

// The first ones are snapshots, the others changes.
std::string bybit_linear_quote(const std::string& native, int id, const std::string& bid) {
  const bool is_snapshot = id <= 3;
  return R"({"topic":"tickers.)" + native + R"(","type":")" + (is_snapshot ? "snapshot" : "delta") +
         R"(","data":{"symbol":")" + native + R"(","bid1Price":")" + bid + "\"" +
         (is_snapshot
              ? R"(,"bid1Size":"23.165","ask1Price":"61800.30","ask1Size":"5","lastPrice":"61800.25","prevPrice24h":"61000")"
              : R"(,"markPrice":"61800.27")") +
         R"(},"cs":)" + std::to_string(id) + R"(,"ts":1760325052630})";
}

std::string bybit_spot_quote(const std::string& native, int id, const std::string& bid) {
  return R"({"topic":"orderbook.1.)" + native +
         R"(","ts":1672304484978,"type":"snapshot","data":{"s":")" + native + R"(","b":[[")" + bid +
         R"(","0.006"]],"a":[["61800.30","0.029"]],"u":)" + std::to_string(id) +
         R"(,"seq":7961638724},"cts":1672304484976})";
}

// Three have one sequence number.
std::string bybit_trade(const std::string& native, int id, const std::string& price) {
  return R"({"topic":"publicTrade.)" + native +
         R"(","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":")" + native +
         R"(","S":"Buy","v":"0.001","p":")" + price + R"(","L":"PlusTick","i":"20f43950-d8dd-)" +
         std::to_string(id) + R"(","BT":false,"seq":)" + std::to_string(id / 3) + "}]}";
}

std::string bitstamp_quote(const std::string& native, int id, const std::string& bid) {
  return R"({"data":{"timestamp":"1641343691","microtimestamp":")" +
         std::to_string(1641343691310202 + id) + R"(","bids":[[")" + bid +
         R"(","993.02588113"],["1.0","1"]],"asks":[["61800.30","853.01809477"]]},"channel":"order_book_)" +
         native + R"(","event":"data"})";
}

std::string bitstamp_trade(const std::string& native, int id, const std::string& price) {
  return R"({"data":{"id":)" + std::to_string(id) +
         R"(,"timestamp":"1641343699","amount":0.0792,)" +
         R"("amount_str":"0.07920000","price":1,"price_str":")" + price +
         R"(","type":0,"microtimestamp":"1641343699596000"},"channel":"live_trades_)" + native +
         R"(","event":"trade"})";
}

// The channels that Bitfinex messages were made for; each one's number is its place, from 1.
std::vector<std::pair<std::string, std::string>>& bitfinex_channels() {
  static std::vector<std::pair<std::string, std::string>> channels;
  return channels;
}

std::string bitfinex(const std::string& channel, const std::string& native,
                     const std::string& rest) {
  auto& channels = bitfinex_channels();
  const auto found = std::find(channels.begin(), channels.end(), std::pair(channel, native));
  const auto number = found - channels.begin() + 1;
  if (found == channels.end()) {
    channels.emplace_back(channel, native);
  }
  return "[" + std::to_string(number) + "," + rest + "]";
}

std::string bitfinex_quote(const std::string& native, int, const std::string& bid) {
  return bitfinex("ticker", native,
                  "[" + bid + ",76.1,61800.30,86.2,-1292,-0.0209,61800.25,10.05,62408,60057]");
}

std::string bitfinex_trade(const std::string& native, int id, const std::string& price) {
  return bitfinex("trades", native,
                  R"("te",[)" + std::to_string(id) + ",1617643611128,-0.7574881," + price + "]");
}

// Its number on the tape: the end of its id or, of the venue that has none, in its time.
std::int64_t number_of(const market::Trade& trade) {
  const std::string id(trade.id.text());
  return id.empty() ? to_us(trade.exchange_time) / 1'000'000 - kKrakensFirstSecond
                    : std::stoll(id.substr(id.rfind('-') + 1));
}

}  // namespace

std::vector<std::string> venue_preamble(std::string_view kind) {
  std::vector<std::string> messages;
  if (kind != "bitfinex") {
    return messages;
  }
  for (const auto& [channel, native] : bitfinex_channels()) {
    messages.push_back(R"({"event":"subscribed","channel":")" + channel + R"(","chanId":)" +
                       std::to_string(messages.size() + 1) + R"(,"symbol":"t)" + native +
                       R"(","pair":")" + native + "\"}");
  }
  return messages;
}

std::vector<std::string> numbered_tape(const VenueCase& venue, int messages) {
  std::vector<std::string> all;
  for (int i = 0; i < messages; ++i) {
    const auto native = venue.native(i / 2 % 2 == 0 ? "BTC" : "ETH");
    all.push_back(i % 2 == 0 ? venue.quote(native, i + 1, std::to_string(10'000 + i) + ".5")
                             : venue.trade(native, i / 4 + 1, "61800.30"));
  }
  return all;
}

void expect_each_trade_once(const std::vector<market::Trade>& trades) {
  std::map<market::InstrumentId, std::int64_t> last;
  for (const auto& trade : trades) {
    const auto number = number_of(trade);
    const auto known = last.find(trade.instrument);
    ASSERT_TRUE(known == last.end() || number == known->second + 1) << number;
    last[trade.instrument] = number;
    EXPECT_EQ(trade.missed_before, 0);
  }
}

const std::vector<VenueCase>& venue_cases() {
  using namespace std::chrono_literals;
  static const std::vector<VenueCase> cases{
      {"binance-spot", "-USDT", [](const std::string& base) { return base + "USDT"; },
       binance_spot_quote, binance_trade, false, true, true, true, true, 5, 24h},
      {"binance-usdm", "-USDT-PERP", [](const std::string& base) { return base + "USDT"; },
       binance_futures_quote, binance_trade, false, true, true, true, true, 10, 24h},
      {"binance-coinm", "-USD-PERP", [](const std::string& base) { return base + "USD_PERP"; },
       binance_futures_quote, binance_trade, false, true, true, true, true, 10, 24h},
      {"coinbase-exchange", "-USD", [](const std::string& base) { return base + "-USD"; },
       coinbase_exchange_quote, coinbase_exchange_trade, true, true, false, true, true, 10, 0h},
      {"coinbase-advanced", "-USD", [](const std::string& base) { return base + "-USD"; },
       coinbase_advanced_quote, coinbase_advanced_trade, false, true, false, true, true, 8, 0h},
      {"kraken-v1", "-USD",
       [](const std::string& base) { return (base == "BTC" ? "XBT" : base) + "/USD"; },
       kraken_v1_quote, kraken_v1_trade, true, false, true, false, true, 0, 0h},
      {"kraken-v2", "-USD", [](const std::string& base) { return base + "/USD"; }, kraken_v2_quote,
       kraken_v2_trade, true, true, true, true, true, 0, 0h},
      {"okx", "-USDT", [](const std::string& base) { return base + "-USDT"; }, okx_quote, okx_trade,
       true, true, true, true, true, 0, 0h},
      {"bitstamp", "-USD", [](const std::string& base) { return lower(base) + "usd"; },
       bitstamp_quote, bitstamp_trade, false, true, true, true, true, 0, 24h * 90},
      {"bybit-spot", "-USDT", [](const std::string& base) { return base + "USDT"; },
       bybit_spot_quote, bybit_trade, true, true, false, true, true, 0, 0h},
      {"bybit-linear", "-USDT-PERP", [](const std::string& base) { return base + "USDT"; },
       bybit_linear_quote, bybit_trade, true, true, false, true, false, 0, 0h},
      {"bitfinex", "-USD", [](const std::string& base) { return base + "USD"; }, bitfinex_quote,
       bitfinex_trade, true, true, true, false, true, 10, 0h},
  };
  return cases;
}

const VenueCase& venue_case(std::string_view kind) {
  const auto& cases = venue_cases();
  return *std::find_if(cases.begin(), cases.end(),
                       [&](const VenueCase& one) { return one.kind == kind; });
}

}  // namespace ticker::tests
