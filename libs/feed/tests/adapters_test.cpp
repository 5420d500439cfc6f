// What holds for every adapter: hostile bytes change nothing, the order of keys does not matter, no
// allocation in the steady state.

#include <ticker/feed/adapter.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <new>
#include <random>

#include <ticker/market/market_state.hpp>

#include "event_log.hpp"
#include "json_venues.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

// Counts what this program allocates. Not inlined: GCC would then see malloc's memory deleted.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size)) {
    return memory;
  }
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace ticker::feed {
namespace {

// Messages of each venue that come all day.
const std::map<std::string_view, std::vector<std::string>>& samples() {
  static const std::vector<std::string> binance{
      R"({"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":400900217,"s":"BTCUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000","T":1568014460891,"E":1568014460893}})",
      R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1672515782136,"s":"BTCUSDT","t":12345,"p":"0.001","q":"100","T":1672515782136,"X":"MARKET","m":true}})",
      R"({"stream":"btcusdt@miniTicker","data":{"e":"24hrMiniTicker","E":1672515782136,"s":"BTCUSDT","c":"0.0025","o":"0.0010","h":"0.0025","l":"0.0010","v":"10000","q":"18"}})",
      R"({"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":157,"u":160,"b":[["0.0024","10"]],"a":[["0.0026","100"]]}})"};
  static const std::map<std::string_view, std::vector<std::string>> all{
      {"binance-spot", binance},
      {"binance-usdm", binance},
      {"binance-coinm", binance},
      {kJsonWebSocket,
       {R"([{"T":"q","S":"BAT/USD","bp":0.35718,"bs":13445.46,"ap":0.3581,"as":13561.902,"t":"2024-03-12T10:29:43.111588173Z"}])",
        R"([{"T":"t","S":"AVAX/USD","p":47.299,"s":29.205707815,"t":"2024-03-12T10:27:48.858228144Z","i":3447222699101865076,"tks":"S"}])",
        R"([{"T":"success","msg":"connected"}])", R"([{"T":"b","S":"SPY","o":388.985,"h":389.13}])"}},
      {"coinbase-exchange",
       {R"({"type":"ticker","sequence":37475248783,"product_id":"ETH-USD","price":"1285.22","open_24h":"1310.79","volume_24h":"245532.79269678","low_24h":"1280.52","high_24h":"1313.8","best_bid":"1285.04","best_bid_size":"0.46688654","best_ask":"1285.27","best_ask_size":"1.56637040","side":"buy","time":"2022-10-19T23:28:22.061769Z","trade_id":370843401,"last_size":"11.4396987"})",
        R"({"type":"match","trade_id":881613,"side":"sell","size":"0.04","price":"14.7775","product_id":"ETH-USD","sequence":37475248784,"time":"2021-04-17T16:43:30.244075Z"})",
        R"({"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"ETH-USD","time":"2014-11-07T08:19:28.464459Z"})"}},
      {"coinbase-advanced",
       {R"({"channel":"ticker","timestamp":"2023-02-09T20:30:37.167359596Z","sequence_num":0,"events":[{"type":"update","tickers":[{"type":"ticker","product_id":"BTC-USD","price":"21932.98","volume_24_h":"16038.28770938","price_percent_chg_24_h":"-4.15775596190603","best_bid":"21931.98","best_bid_quantity":"8000.21"}]}]})",
        R"({"channel":"market_trades","timestamp":"2023-02-09T20:19:35.39625135Z","sequence_num":1,"events":[{"type":"update","trades":[{"trade_id":"12","product_id":"BTC-USD","price":"1260.01","size":"0.3","side":"BUY","time":"2019-08-14T20:42:27.265Z"},{"trade_id":"11","product_id":"BTC-USD","price":"1260.01","size":"0.3","side":"SELL","time":"2019-08-14T20:42:27.265Z"}]}]})",
        R"({"channel":"l2_data","timestamp":"x","sequence_num":2,"events":[{"type":"update","product_id":"BTC-USD","updates":[{"side":"bid","price_level":"1","new_quantity":"0"}]}]})"}},
      {"kraken-v1",
       {R"([1668,{"a":["13.253900",35,"35.72892241"],"b":["13.232900",185,"185.18432037"],"c":["13.253900","3.71672000"],"v":["26560.85364463","72035.05488104"],"p":["13.529003","13.734728"],"t":[640,1353],"l":["13.021800","13.021800"],"h":["13.942000","14.211200"],"o":["13.804000","13.428300"]},"ticker","WAVES/EUR"])",
        R"([993,[["354.11000000","0.89594024","1618678142.557535","s","l",""]],"trade","WAVES/EUR"])",
        R"([464,{"a":[["56218.30000","0.15000000","1618678117.243818"]],"c":"974942666"},"book-1000","WAVES/EUR"])",
        R"({"event":"heartbeat"})"}},
      {"kraken-v2",
       {R"({"channel":"ticker","type":"update","data":[{"symbol":"ALGO/USD","bid":0.10025,"bid_qty":740.0,"ask":0.10035,"ask_qty":740.0,"last":0.10035,"volume":997038.98383185,"vwap":0.10148,"low":0.09979,"high":0.10285,"change":-0.00017,"change_pct":-0.17,"timestamp":"2023-09-25T09:04:31.742648Z"}]})",
        R"({"channel":"trade","type":"update","data":[{"symbol":"ALGO/USD","side":"sell","price":0.5117,"qty":40.0,"ord_type":"market","trade_id":4665906,"timestamp":"2023-09-25T07:49:37.708706Z"}]})",
        R"({"channel":"heartbeat"})"}},
      {"bitfinex",
       {R"({"event":"subscribed","channel":"ticker","chanId":1,"symbol":"tBTCUSD","pair":"BTCUSD"})",
        R"([1,[7616.5,31.89055171,7617.5,43.358118629999986,-550.8,-0.0674,7617.1,8314.71200815,8257.8,7500],7])",
        R"({"event":"subscribed","channel":"trades","chanId":2,"symbol":"tBTCUSD","pair":"BTCUSD"})",
        R"([2,"te",[658733916,1617643611128,-0.7574881,230890],394])", R"([1,"hb",395])"}},
      {"bitstamp",
       {R"({"data":{"timestamp":"1641343691","microtimestamp":"1641343691310202","bids":[["1.15979","993.02588113"],["1.14866","7758.51900928"]],"asks":[["1.17438","853.01809477"]]},"channel":"order_book_btcusd","event":"data"})",
        R"({"data":{"id":216000477,"timestamp":"1641343699","amount":0.0792,"amount_str":"0.07920000","price":3805.44,"price_str":"3805.44","type":0,"microtimestamp":"1641343699596000","buy_order_id":1443875737346049},"channel":"live_trades_btcusd","event":"trade"})",
        R"({"event":"bts:heartbeat","channel":"","data":{"status":"success"}})"}},
      {"bybit-linear",
       {R"({"topic":"tickers.BTCUSDT","type":"snapshot","data":{"symbol":"BTCUSDT","price24hPcnt":"-0.158315","lastPrice":"66666.60","bid1Price":"66666.60","bid1Size":"23789.165"},"cs":9532239429,"ts":1760325052630})", R"({"topic":"tickers.BTCUSDT","type":"delta","data":{"symbol":"BTCUSDT","bid1Price":"79114.50","bid1Size":"1.496"},"cs":9532239430,"ts":1787590405983})", R"({"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"seq":1783284617}]})"}},
      {"bybit-spot",
       {R"({"topic":"orderbook.1.BTCUSDT","ts":1672304484978,"type":"snapshot","data":{"s":"BTCUSDT","b":[["16493.50","0.006"]],"a":[["16611.00","0.029"]],"u":18521288,"seq":7961638724},"cts":1672304484976})",
        R"({"topic":"tickers.BTCUSDT","ts":1673853746003,"type":"snapshot","cs":2588407389,"data":{"symbol":"BTCUSDT","lastPrice":"21109.77","price24hPcnt":"0.0196"}})",
        R"({"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","i":"2290000000007764263","BT":false,"seq":1783284617}]})"}},
      {"okx",
       {R"({"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{"instType":"SPOT","instId":"BTC-USDT","last":"30236","lastSz":"0.0002","askPx":"30228.7","askSz":"1.55896972","bidPx":"30228.6","bidSz":"0.23393","open24h":"29700.4","high24h":"31073","low24h":"28020.3","volCcy24h":"525802090.62716611","vol24h":"17602.13085371","ts":"1652459224956"}]})",
        R"({"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"130639474","px":"42219.9","sz":"0.12060306","side":"buy","ts":"1630048897897","count":"3","source":"0","seqId":1234}]})",
        R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[["8476.98","415","0","13"]],"bids":[],"ts":"1597026383085"}]})"}}};
  return all;
}

Adapter::Options options_of(std::string_view kind) {
  return kind == kJsonWebSocket ? alpaca() : Adapter::Options();
}

// Counts, and keeps nothing.
class CountingSink final : public Sink {
 public:
  std::optional<market::InstrumentId> find(std::string_view native) override {
    return native.size() > 64 ? std::nullopt : std::optional<market::InstrumentId>(0);
  }
  void ticker(const market::Update&) override { ++events; }
  void trade(const market::Trade&, market::FieldSet) override { ++events; }
  void notice(const Notice&) override {}
  void rejected(Rejected) override { ++outcomes; }
  void skipped(Skipped) override { ++outcomes; }

  std::uint64_t events = 0;
  std::uint64_t outcomes = 0;
};

// Decodes a copy whose end is the end of its memory, so that a sanitizer sees every byte read too
// far.
void decode(Adapter& adapter, std::string_view message, Sink& sink) {
  std::vector<char> exact(message.begin(), message.end());
  exact.push_back('\n');
  adapter.decode(exact.data(), message.size(), kNoTime, sink);
}

TEST(Adapters, AreMadeByTheNamesThatTheConfigurationHas) {
  EXPECT_EQ(adapter_kinds().size() + 1, samples().size()) << "and the one that is described";
  for (const auto kind : adapter_kinds()) {
    EXPECT_TRUE(make_adapter(kind, {}).ok()) << kind;
    EXPECT_TRUE(samples().contains(kind)) << kind;
  }
  const auto unknown = make_adapter("binance", {});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().message,
            "unknown adapter `binance`; known are: binance-spot, binance-usdm, binance-coinm, "
            "coinbase-exchange, "
            "coinbase-advanced, kraken-v1, kraken-v2, bitstamp, okx, bybit-spot, bybit-linear, bitfinex");
}

TEST(Adapters, HaveRulesThatCanBeKept) {
  for (const auto kind : adapter_kinds()) {
    const auto adapter = std::move(make_adapter(kind, {}).value());
    const VenueRules& rules = adapter->rules();
    EXPECT_GE(rules.feed_timeout, std::chrono::seconds(10)) << kind;
    EXPECT_LT(rules.keepalive_interval, std::chrono::minutes(1)) << kind;
    EXPECT_GE(rules.keepalive_interval.count(), 0) << kind;
    const bool has_keepalive = rules.keepalive_interval.count() > 0;
    EXPECT_EQ(has_keepalive, rules.keepalive_is_ping_frame || !rules.keepalive_text.empty())
        << kind;
    EXPECT_GT(rules.request_window.count(), 0) << kind;
    EXPECT_LE(rules.first_retry, rules.max_retry) << kind;
  }
}

// The members of an object, or the elements of an array, as they are written.
std::vector<std::string_view> inside(std::string_view json) {
  std::vector<std::string_view> parts;
  json = json.substr(1, json.size() - 2);
  std::size_t begin = 0;
  int depth = 0;
  bool in_text = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (in_text) {
      at += c == '\\' ? 1U : 0U;
      in_text = c != '"';
    } else if (c == ',' && depth == 0) {
      parts.push_back(json.substr(begin, at - begin));
      begin = at + 1;
    } else {
      in_text = c == '"';
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
    }
  }
  if (begin < json.size()) {
    parts.push_back(json.substr(begin));
  }
  return parts;
}

// The same message with the members of each object turned round, or with each text and number given
// twice. Requires: no space, no colon in a key.
std::string rewritten(std::string_view json, bool turned, bool doubled) {
  if (json[0] != '{' && json[0] != '[') {
    return std::string(json);
  }
  std::vector<std::string> parts;
  for (const auto part : inside(json)) {
    const auto value_at = json[0] == '{' ? part.find(':') + 1 : 0;
    const auto value = part.substr(value_at);
    parts.push_back(std::string(part.substr(0, value_at)) + rewritten(value, turned, doubled));
    if (doubled && json[0] == '{' && value[0] != '{' && value[0] != '[') {
      parts.push_back(parts.back());
    }
  }
  if (turned && json[0] == '{') {
    std::reverse(parts.begin(), parts.end());
  }
  std::string text(1, json[0]);
  for (const auto& part : parts) {
    text.append(text.size() > 1 ? "," : "").append(part);
  }
  return text + json.back();
}

TEST(Adapters, ReadTheSameWhateverTheOrderOfKeysAndHoweverOftenOneIsGiven) {
  EXPECT_EQ(rewritten(R"({"a":[1,{"b":"x,]","c":2}],"d":null})", true, true),
            R"({"d":null,"d":null,"a":[1,{"c":2,"c":2,"b":"x,]","b":"x,]"}]})");
  for (const auto& [kind, messages] : samples()) {
    Decoded as_sent(kind, options_of(kind));
    Decoded turned(kind, options_of(kind));
    Decoded doubled(kind, options_of(kind));
    Decoded both(kind, options_of(kind));
    for (const auto& message : messages) {
      const auto lines = as_sent(message);
      EXPECT_EQ(turned(rewritten(message, true, false)), lines) << kind << ": " << message;
      EXPECT_EQ(doubled(rewritten(message, false, true)), lines) << kind << ": " << message;
      EXPECT_EQ(both(rewritten(message, true, true)), lines) << kind << ": " << message;
    }
  }
}

TEST(Adapters, SayOfEachCutMessageThatItIsUndecodableAndTakeNothingFromIt) {
  for (const auto& [kind, messages] : samples()) {
    for (const auto& message : messages) {
      for (std::size_t size = 0; size < message.size(); ++size) {
        Decoded whole(kind, options_of(kind));
        const auto lines = whole(message.substr(0, size));
        // What is known early to be of no use is not read on.
        const bool skipped = lines == Decoded::Lines{"skipped other_channel"};
        EXPECT_TRUE(skipped || lines == Decoded::Lines{"rejected undecodable"})
            << kind << ": " << message.substr(0, size);
      }
    }
  }
}

TEST(Adapters, RefuseWhatIsNestedTooDeep) {
  const std::string deep(1'000'000, '[');
  std::string objects;
  for (int depth = 0; depth < 100'000; ++depth) {
    objects += R"({"data":)";
  }
  for (const auto kind : adapter_kinds()) {
    Decoded decode_deep(kind);
    EXPECT_EQ(decode_deep(deep), Decoded::Lines{"rejected undecodable"}) << kind;
    EXPECT_EQ(decode_deep(objects), Decoded::Lines{"rejected undecodable"}) << kind;
  }
}

TEST(Adapters, RefuseWhatFollowsTheMessage) {
  for (const auto& [kind, messages] : samples()) {
    Decoded decode_more(kind, options_of(kind));
    EXPECT_EQ(decode_more(messages[0] + "x"), Decoded::Lines{"rejected undecodable"}) << kind;
    EXPECT_EQ(decode_more(messages[0] + std::string("\0x", 2)),
              Decoded::Lines{"rejected undecodable"})
        << kind;
  }
}

// Each message leads to something that is counted, whatever its bytes; sanitizers watch over the
// rest.
TEST(Adapters, SurviveMutatedMessages) {
  constexpr int kRounds = 3'000;
  for (const auto& [kind, messages] : samples()) {
    const auto adapter = std::move(make_adapter(kind, options_of(kind)).value());
    std::mt19937 random(20'240'808);
    const auto below = [&](std::size_t bound) {
      return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
    };
    static constexpr std::string_view kTokens[] = {"null",    "{",     "}",     "[",   "]",
                                                   "\"",      "1e400", "-",     ",",   ":",
                                                   "\\u0000", "\xff",  "\"e\"", "true"};
    for (int round = 0; round < kRounds; ++round) {
      std::string message = messages[below(messages.size())];
      for (std::size_t change = 1 + below(4); change > 0 && !message.empty(); --change) {
        const std::size_t at = below(message.size());
        switch (below(5)) {
          case 0:
            message[at] = static_cast<char>(below(256));
            break;
          case 1:
            message.erase(at, 1 + below(8));
            break;
          case 2:
            message.insert(at, kTokens[below(std::size(kTokens))]);
            break;
          case 3:
            message.insert(at, message.substr(below(message.size()), below(40)));
            break;
          default: {
            const auto& other = messages[below(messages.size())];
            message = message.substr(0, at) + other.substr(below(other.size()));
          }
        }
      }
      CountingSink sink;
      decode(*adapter, message, sink);
      EXPECT_GT(sink.events + sink.outcomes, 0U) << kind << ": " << message;
      if (round % 100 == 0) {
        adapter->reset();
      }
    }
  }
}

TEST(Adapters, AllocateNothingOnceAllIsKnown) {
  for (const auto& [kind, messages] : samples()) {
    const auto adapter = std::move(make_adapter(kind, options_of(kind)).value());
    CountingSink sink;
    std::vector<std::vector<char>> copies;
    for (int round = 0; round < 4; ++round) {
      copies.clear();
      for (const auto& message : messages) {
        copies.emplace_back(message.begin(), message.end()).push_back('\n');
      }
      adapter->reset();
      const auto before = allocations.load();
      for (auto& copy : copies) {
        adapter->decode(copy.data(), copy.size() - 1, kNoTime, sink);
      }
      if (round > 0) {
        EXPECT_EQ(allocations.load() - before, 0U) << kind;
      }
    }
    EXPECT_GE(sink.events, 8U) << kind;
  }
}

// All on one instrument.
class StateSink final : public Sink {
 public:
  StateSink() { state_.add({"a:B", "a", "B", "B", ""}); }

  std::optional<market::InstrumentId> find(std::string_view) override { return 0; }
  void ticker(const market::Update& update) override { state_.apply(update); }
  void trade(const market::Trade& trade, market::FieldSet sets) override {
    state_.apply(trade, sets);
  }
  void notice(const Notice&) override {}
  void rejected(Rejected) override {}
  void skipped(Skipped) override {}

  market::Batch take_batch() { return state_.take_batch(); }

 private:
  market::MarketState state_{"0123456789abcdef"};
};

TEST(Adapters, AllocateNothingForAMessageOnTheWayIntoTheStateAndAFixedCountForABatch) {
  // Its epoch, changes, values and trades.
  constexpr std::size_t kOfABatch = 4;
  constexpr int kMessages = 100;
  const auto adapter = std::move(make_adapter("binance-usdm", {}).value());
  StateSink sink;
  for (int round = 0; round < 4; ++round) {
    std::vector<std::string> messages;
    for (int i = 0; i < kMessages; ++i) {
      const auto id = std::to_string(round * kMessages + i + 1);
      messages.push_back(
          i % 2 == 0
              ? R"({"stream":"a@bookTicker","data":{"e":"bookTicker","u":)" + id +
                    R"(,"s":"B","b":")" + id + R"(","B":"1","a":"2","A":")" + id + "\"}}"
              : R"({"stream":"a@trade","data":{"e":"trade","T":1,"s":"B","t":)" + id +
                    R"(,"p":")" + id + R"(","q":"0.1","X":"MARKET","m":false}})");
    }
    const auto before = allocations.load();
    for (auto& message : messages) {
      adapter->decode(message.data(), message.size(), kNoTime, sink);
    }
    const auto decoded = allocations.load();
    const auto batch = sink.take_batch();
    const auto taken = allocations.load();
    EXPECT_EQ(batch.changes.size(), std::size_t{kMessages});
    if (round > 0) {
      EXPECT_EQ(decoded - before, 0U);
      EXPECT_EQ(taken - decoded, kOfABatch);
    }
  }
}

}  // namespace
}  // namespace ticker::feed
