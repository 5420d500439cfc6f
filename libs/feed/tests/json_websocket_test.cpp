#include <ticker/feed/json_decoder.hpp>

#include <gtest/gtest.h>

#include "event_log.hpp"
#include "json_venues.hpp"

namespace ticker::feed {
namespace {

using Lines = Decoded::Lines;

// A description of one kind of message.
Adapter::Options described(JsonMessage message) {
  Adapter::Options options;
  options.json.messages = {std::move(message)};
  return options;
}

Decoded decoder_of(JsonMessage message) {
  return Decoded(kJsonWebSocket, described(std::move(message)));
}

JsonMessage quote_of(std::string symbol) {
  JsonMessage message;
  message.symbol = std::move(symbol);
  message.fields = {{market::Field::kBid, "/bid"}, {market::Field::kAsk, "/ask"}};
  return message;
}

TEST(JsonWebSocket, ReadsTheEntriesOfABatchInTheirOrder) {
  Decoded decode(kJsonWebSocket, finnhub());

  EXPECT_EQ(
      decode(
          R"({"data":[{"c":["1"],"p":122.10,"s":"TSLA","t":1672348887195,"v":1},{"c":null,"p":129.58,"s":"AAPL","t":1672348887666,"v":0}],"type":"trade"})"),
      (Lines{"ticker TSLA last=122.10 last_size=1 @1672348887195000",
             "ticker AAPL last=129.58 last_size=null @1672348887666000"}));
}

TEST(JsonWebSocket, TellsControlMessagesFromData) {
  Decoded decode(kJsonWebSocket, finnhub());

  EXPECT_EQ(decode(R"({"type":"ping"})"), Lines{"skipped control"});
  EXPECT_EQ(decode(R"({"msg":"Subscribing to too many symbols","type":"error"})"),
            (Lines{"skipped control", "notice error: Subscribing to too many symbols"}));
  EXPECT_EQ(decode(R"({"type":"news","data":[]})"), Lines{"skipped other_channel"});
  EXPECT_EQ(decode("[]"), Lines{"skipped other_channel"});
  EXPECT_EQ(decode("7"), Lines{"skipped other_channel"});
}

TEST(JsonWebSocket, LogsInWhenTheVenueGreetsAndWaitsUntilItIsReady) {
  Decoded decode(kJsonWebSocket, alpaca());

  EXPECT_EQ(
      decode(R"([{"T":"success","msg":"connected"}])"),
      (Lines{R"(notice answer: {"action":"auth","key":"K","secret":"S"})", "skipped control"}));
  EXPECT_EQ(decode(R"([{"T":"success","msg":"authenticated"}])"),
            (Lines{"skipped control", "notice ready"}));
  EXPECT_EQ(decode(R"([{"T":"subscription","trades":["BTC/USD"]}])"),
            (Lines{"skipped control", "notice subscribed"}));
  EXPECT_EQ(decode(R"([{"T":"error","code":406,"msg":"connection limit exceeded"}])"),
            (Lines{"skipped control", "notice error: connection limit exceeded"}));
  EXPECT_TRUE(decode.adapter().plan("ws://h", {"A"})[0].waits_for_ready);
}

TEST(JsonWebSocket, ReadsEachEntryByWhatItIs) {
  Decoded decode(kJsonWebSocket, alpaca());

  EXPECT_EQ(
      decode(
          R"([{"T":"q","S":"AMD","bx":"K","bp":91.95,"bs":2,"ap":0,"as":0,"t":"2023-04-06T11:54:21.670905508Z"},{"T":"b","S":"AMD","o":1},{"T":"t","S":"BTC/USD","p":47.299,"s":29.205707815,"t":"2024-03-12T10:27:48Z","i":3447222699101865076,"tks":"S"}])"),
      (Lines{"ticker AMD bid=91.95 bid_size=200 ask=null ask_size=null @1680782061670905",
             "skipped other_channel",
             "trade BTC/USD #3447222699101865076 47.299 x 29.205707815 sell "
             "sets=last,last_size,last_side "
             "@1710239268000000"}));
}

// Odd lots and late prints moved the last price.
TEST(JsonWebSocket, KnowsEntriesByOneItemOfAList) {
  JsonMessage odd_lot;
  odd_lot.where = {{"/c", "I"}};
  odd_lot.means = JsonMessage::Means::kIgnored;
  auto options = described(std::move(odd_lot));
  options.json.messages.push_back(quote_of("/s"));
  Decoded decode(kJsonWebSocket, options);
  const auto with = [](const std::string& conditions) {
    return R"({"s":"A","bid":1,"c":)" + conditions + "}";
  };

  for (const auto* const ignored : {R"(["@","F","I"])", R"(["I"])", R"("I")"}) {
    EXPECT_EQ(decode(with(ignored)), Lines{"skipped control"}) << ignored;
  }
  for (const auto* const taken : {R"(["@","F"])", "[]", "null", R"([["I"]])", R"({"x":"I"})"}) {
    EXPECT_EQ(decode(with(taken)), Lines{"ticker A bid=1"}) << taken;
  }
  // Further items are not looked at.
  std::string many = "[0";
  for (int i = 1; i < 64; ++i) {
    many += ",0";
  }
  EXPECT_EQ(decode(with(many + R"(,"I"])")), Lines{"ticker A bid=1"});
}

TEST(JsonWebSocket, TellsThatTradesMayBeMissingAfterAReconnect) {
  Decoded decode(kJsonWebSocket, alpaca());
  const std::string trade = R"([{"T":"t","S":"A","p":1,"s":2,"i":3,"tks":"B"}])";
  EXPECT_EQ(decode(trade), Lines{"trade A #3 1 x 2 buy sets=last,last_size,last_side"});
  EXPECT_EQ(decode(trade), Lines{"skipped duplicate"});

  decode.adapter().reset();

  EXPECT_EQ(decode(trade), Lines{"trade A #3 1 x 2 buy sets=last,last_size,last_side missed=-1"});
}

TEST(JsonWebSocket, TellsThatTradesMayBeMissingWhereMessagesWereLost) {
  Decoded decode(kJsonWebSocket, alpaca());
  const auto trade = [](const std::string& id) {
    return R"([{"T":"t","S":"A","p":1,"s":2,"i":)" + id + R"(,"tks":"B"}])";
  };
  EXPECT_EQ(decode(trade("3")), Lines{"trade A #3 1 x 2 buy sets=last,last_size,last_side"});

  decode.adapter().interrupted();

  EXPECT_EQ(decode(trade("3")), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(trade("4")),
            Lines{"trade A #4 1 x 2 buy sets=last,last_size,last_side missed=-1"});
}

TEST(JsonWebSocket, TakesTheSymbolFromTheTextAroundIt) {
  auto message = quote_of("^/ch");
  message.match = {{"/ch", "market.*.bbo"}};
  message.each = "/tick";
  message.symbol_form = "market.*.bbo";
  auto decode = decoder_of(message);

  EXPECT_EQ(decode(R"({"ch":"market.btcusdt.bbo","tick":[{"bid":1,"ask":2}]})"),
            Lines{"ticker btcusdt bid=1 ask=2"});
  EXPECT_EQ(decode(R"({"ch":"market.btcusdt.depth","tick":[{"bid":1,"ask":2}]})"),
            Lines{"skipped other_channel"});
}

TEST(JsonWebSocket, TakesTheSymbolFromTheKeyOfTheEntry) {
  auto message = quote_of("key");
  message.each = "";
  auto decode = decoder_of(message);

  EXPECT_EQ(decode(R"({"bitcoin":{"bid":1.50},"ether":{"ask":2}})"),
            (Lines{"ticker bitcoin bid=1.50", "ticker ether ask=2"}));
}

TEST(JsonWebSocket, FollowsPointersThroughArraysAndEscapedKeys) {
  JsonMessage message;
  message.symbol = "/0";
  message.fields = {{market::Field::kBid, "/1/a~1b/1"}};
  auto decode = decoder_of(message);

  EXPECT_EQ(decode(R"(["X",{"a/b":[0,5.0]}])"), Lines{"ticker X bid=5.0"});
  EXPECT_EQ(decode(R"(["X",{"a/b":[0]}])"), Lines{"rejected undecodable"});
}

TEST(JsonWebSocket, SendsBackWhatAPingAsksFor) {
  JsonMessage ping;
  ping.match = {{"/op", "ping"}};
  ping.means = JsonMessage::Means::kIgnored;
  ping.answer = R"({"op":"pong","ts":{/ts},"id":"{/id}"})";
  auto decode = decoder_of(ping);

  EXPECT_EQ(
      decode(R"({"op":"ping","ts":1700000000000,"id":"a\"b"})"),
      (Lines{R"(notice answer: {"op":"pong","ts":1700000000000,"id":"a\"b"})", "skipped control"}));
  EXPECT_EQ(decode(R"({"op":"ping","id":"a"})"), Lines{"rejected undecodable"});
  EXPECT_EQ(decode(R"({"op":"ping","ts":")" + std::string(257, '1') + R"(","id":""})"),
            Lines{"rejected undecodable"})
      << "nobody makes us send much";
}

TEST(JsonWebSocket, RefusesEntriesByReasonAndNoOther) {
  auto message = quote_of("/s");
  message.each = "";
  message.time = "/t";
  Decoded decode(kJsonWebSocket, described(message), {"A"});

  const std::pair<const char*, const char*> cases[] = {
      {R"({"s":"A","bid":"x"})", "rejected undecodable"},
      {R"({"s":"A","bid":[1]})", "rejected undecodable"},
      {R"({"s":"A"})", "rejected undecodable"},
      {R"({"bid":1})", "rejected undecodable"},
      {R"({"s":"","bid":1})", "rejected undecodable"},
      {R"({"s":["A"],"bid":1})", "rejected undecodable"},
      {R"({"s":"B","bid":1})", "rejected unknown_instrument"},
      {R"({"s":"A","bid":1,"t":"yesterday"})", "rejected undecodable"},
      {R"({"s":"A","bid":1,"t":99999999999999999999})", "rejected out_of_range"},
      {R"({"s":"A","bid":1e41})", "rejected out_of_range"},
  };
  for (const auto& [entry, why] : cases) {
    EXPECT_EQ(decode("[" + std::string(entry) + R"(,{"s":"A","bid":null,"ask":7}])"),
              (Lines{why, "ticker A bid=null ask=7"}))
        << entry;
  }
  EXPECT_EQ(decode(R"([{"s":"A","bid":1e400}])"), Lines{"rejected out_of_range"});
}

TEST(JsonWebSocket, RefusesWhatIsTooDeepOrTooMuch) {
  auto decode = decoder_of(quote_of("/s"));
  std::string many = "[0";
  for (int i = 0; i < 500'000; ++i) {
    many += ",0";
  }

  EXPECT_EQ(decode(std::string(1'000'000, '[')), Lines{"rejected undecodable"});
  EXPECT_EQ(decode(std::string(33, '[') + std::string(33, ']')), Lines{"rejected undecodable"});
  EXPECT_EQ(decode(many + "]"), Lines{"rejected out_of_range"});
}

TEST(JsonWebSocket, ReadsTimesInTheirUnit) {
  using TimeUnit = JsonMessage::TimeUnit;
  const std::tuple<TimeUnit, const char*, const char*> cases[] = {
      {TimeUnit::kSeconds, "1582641000", "@1582641000000000"},
      {TimeUnit::kSeconds, "1582641000.25", "@1582641000250000"},
      {TimeUnit::kMilliseconds, "1582641000123", "@1582641000123000"},
      {TimeUnit::kMicroseconds, "1582641000123456", "@1582641000123456"},
      {TimeUnit::kNanoseconds, "1582641000123456789", "@1582641000123456"},
      {TimeUnit::kRfc3339, "\"2020-02-25T14:30:00Z\"", "@1582641000000000"},
  };
  for (const auto& [unit, text, expected] : cases) {
    auto message = quote_of("/s");
    message.time = "/t";
    message.time_unit = unit;
    EXPECT_EQ(decoder_of(message)(R"({"s":"A","bid":1,"t":)" + std::string(text) + "}"),
              Lines{"ticker A bid=1 " + std::string(expected)})
        << text;
  }
}

TEST(JsonWebSocket, SubscribesByItsForms) {
  auto options = finnhub();
  options.socket.login = "LOGIN";
  options.socket.subscribe = {R"({"id":{id},"one":"{symbol}"})",
                              R"({"id":{id},"many":[{symbols}]})", "all"};
  options.socket.symbols_per_request = 2;
  options.socket.symbols_per_connection = 3;
  const auto adapter = std::move(make_adapter(kJsonWebSocket, options).value());

  const auto plans = adapter->plan("ws://h/x", {"A", "B\"", "C", "D"});

  ASSERT_EQ(plans.size(), 2U);
  EXPECT_EQ(plans[0].url, "ws://h/x");
  EXPECT_EQ(plans[0].login, "LOGIN");
  EXPECT_FALSE(plans[0].waits_for_ready);
  EXPECT_EQ(plans[0].natives, (std::vector<std::string>{"A", "B\"", "C"}));
  EXPECT_EQ(plans[0].requests,
            (std::vector<std::string>{R"({"id":1,"one":"A"})", R"({"id":2,"one":"B\""})",
                                      R"({"id":3,"one":"C"})", R"({"id":4,"many":["A","B\""]})",
                                      R"({"id":5,"many":["C"]})", "all"}));
  EXPECT_EQ(plans[1].requests,
            (std::vector<std::string>{R"({"id":1,"one":"D"})", R"({"id":2,"many":["D"]})", "all"}));
}

TEST(JsonWebSocket, NamesInstrumentsByItsForm) {
  const auto name = [](const std::string& form, std::string_view canonical) {
    auto options = finnhub();
    options.json.native_form = form;
    return std::move(make_adapter(kJsonWebSocket, options).value())->native_name(canonical);
  };

  EXPECT_EQ(name("{base}", "AAPL-USD"), "AAPL");
  EXPECT_EQ(name("{base_lower}{quote_lower}", "BTC-USDT"), "btcusdt");
  EXPECT_EQ(name("{base}/{quote}:{contract}", "BTC-USDT-PERP"), "BTC/USDT:PERP");
  EXPECT_EQ(name("", "BTC-USDT"), std::nullopt);
  EXPECT_EQ(name("{base}", "BTC"), std::nullopt);
}

TEST(JsonWebSocket, TakesATextThatIsNoJsonAsTheHeartbeatsAnswer) {
  auto options = finnhub();
  options.socket.heartbeat_answer = "pong";
  Decoded decode(kJsonWebSocket, options);

  EXPECT_EQ(decode("pong"), Lines{"skipped control"});
  EXPECT_EQ(decode("ping"), Lines{"rejected undecodable"});
}

TEST(JsonWebSocket, SaysWhichPointerIsNone) {
  auto options = finnhub();
  options.json.messages[1].match = {{"type", "ping"}};
  const auto adapter = make_adapter(kJsonWebSocket, options);

  ASSERT_FALSE(adapter.ok());
  EXPECT_EQ(adapter.error().message, "messages[1]: 'type' is no JSON pointer such as /data/price");
}

}  // namespace
}  // namespace ticker::feed
