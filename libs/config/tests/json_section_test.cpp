#include <ticker/config/load.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "load_fixture.hpp"

namespace ticker::config {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A feed with these messages, in a list.
Loaded load_messages(const std::string& messages) {
  LoadOptions options = test_options();
  options.fields = {"bid", "bid_size", "ask"};
  return load_text(
      "feeds: [{name: a, adapter: json-websocket, url: \"ws://h\", native_form: \"{base}\", "
      "symbols: "
      "[A-B], messages: [" +
          messages + "]}]",
      "t.yaml", options);
}

TEST(JsonVenues, TakeEveryKey) {
  const Loaded loaded = load(R"(
feeds:
  - name: a
    adapter: json-websocket
    url: wss://h?token=${SECRET}
    native_form: "{base}/{quote}"
    symbols: [A-B]
    login: '{"key":"${SECRET}"}'
    subscribe: ['{"s":"{symbol}"}', '{"s":[{symbols}]}']
    symbols_per_request: 7
    symbols_per_connection: 8
    requests_per_s: 9
    heartbeat_ms: 1000
    heartbeat: hi
    heartbeat_answer: ho
    messages:
      - match: {/type: trade, /ok: true}
        each: /data
        where: {/T: "x*"}
        symbol: /s
        symbol_form: "m.*"
        fields: {bid: /b, bid_size: {at: ^/bs, shift: 2}}
        trade: {price: /p, size: /s, side: /d, buy: B, sell: S, id: /i}
        time: /t
        time_unit: ns
        zero_is_null: true
      - {match: {/op: ping}, answer: '{"op":"pong","k":"${SECRET}"}'}
      - {each: "", means: refused, symbol: key, text: /why}
)");

  ASSERT_THAT(loaded.errors, IsEmpty());
  const Feed& feed = loaded.config.feeds.at(0);
  EXPECT_EQ(feed.url, "wss://h?token=s3cr3t-value");
  const JsonVenue& json = feed.json;
  EXPECT_EQ(json.native_form, "{base}/{quote}");
  EXPECT_EQ(json.login, R"({"key":"s3cr3t-value"})");
  EXPECT_THAT(json.subscribe, ElementsAre(R"({"s":"{symbol}"})", R"({"s":[{symbols}]})"));
  EXPECT_EQ(json.symbols_per_request, 7u);
  EXPECT_EQ(json.symbols_per_connection, 8u);
  EXPECT_EQ(json.requests_per_s, 9u);
  EXPECT_EQ(json.heartbeat_interval, 1s);
  EXPECT_EQ(json.heartbeat, "hi");
  EXPECT_EQ(json.heartbeat_answer, "ho");
  ASSERT_EQ(json.messages.size(), 3u);
  const JsonMessage& data = json.messages[0];
  ASSERT_EQ(data.match.size(), 2u);
  EXPECT_EQ(data.match[1].pointer, "/ok");
  EXPECT_EQ(data.match[1].value, "true");
  EXPECT_EQ(data.each, "/data");
  EXPECT_EQ(data.where.at(0).value, "x*");
  EXPECT_EQ(data.means, "data");
  EXPECT_EQ(data.symbol, "/s");
  EXPECT_EQ(data.symbol_form, "m.*");
  ASSERT_EQ(data.fields.size(), 2u);
  EXPECT_EQ(data.fields[0].field, "bid");
  EXPECT_EQ(data.fields[0].at, "/b");
  EXPECT_EQ(data.fields[1].at, "^/bs");
  EXPECT_EQ(data.fields[1].shift, 2);
  ASSERT_TRUE(data.trade);
  EXPECT_EQ(data.trade->price + data.trade->size + data.trade->side + data.trade->id, "/p/s/d/i");
  EXPECT_EQ(data.trade->buy + data.trade->sell, "BS");
  EXPECT_EQ(data.time, "/t");
  EXPECT_EQ(data.time_unit, "ns");
  EXPECT_TRUE(data.zero_is_null);
  EXPECT_EQ(json.messages[1].means, "ignored");
  EXPECT_EQ(json.messages[1].answer, R"({"op":"pong","k":"s3cr3t-value"})");
  EXPECT_EQ(json.messages[2].each, "");
  EXPECT_EQ(json.messages[2].symbol, "key");
  EXPECT_EQ(json.messages[2].text, "/why");
}

TEST(JsonVenues, NeedMessages) {
  EXPECT_THAT(load("feeds: [{name: a, adapter: json-websocket, url: \"ws://h\", native_form: x, "
                   "symbols: [A-B]}]")
                  .errors,
              ElementsAre(HasSubstr("feeds[0].messages: expected a list of what")));
  EXPECT_THAT(load_messages("").errors,
              ElementsAre(HasSubstr("expected one kind of message at least")));
}

TEST(JsonVenues, NeedNativeNamesOrAFormOfThem) {
  const Loaded loaded = load(
      "feeds: [{name: a, adapter: json-websocket, url: \"ws://h\", symbols: [A-B, {symbol: C-D, "
      "native: c}], "
      "messages: [{symbol: /s, fields: {bid: /b}}]}]");

  EXPECT_THAT(loaded.errors,
              ElementsAre(HasSubstr(
                  "feeds[0].symbols[0]: expected a symbol that json-websocket can have, or "
                  "{symbol: …, native: …}, got \"A-B\"")));
}

TEST(JsonVenues, SayWhichPartOfAMessageIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"{symbol: /s}", "messages[0].fields: expected fields, trade, answer or means, got nothing"},
      {"{symbol: s, fields: {bid: /b}}", "messages[0].symbol: expected a JSON pointer"},
      {"{fields: {bid: b}}", "messages[0].fields.bid: expected a JSON pointer"},
      {"{fields: {bid: /b~2}}", "messages[0].fields.bid: expected a JSON pointer"},
      {"{fields: {bid_sise: /b}}",
       "messages[0].fields.bid_sise: expected a field such as bid_size"},
      {"{fields: {bid: {shift: 1}}}", "messages[0].fields.bid.at: expected a JSON pointer"},
      {"{fields: {bid: {at: /b, shift: 13}}}", "bid.shift: expected a whole number from 0 to 12"},
      {"{fields: {bid: {at: /b, places: 1}}}", "\"places\": unknown key"},
      {"{match: {type: x}, fields: {bid: /b}}", "messages[0].match.type: expected a JSON pointer"},
      {"{match: {/type: [x]}, fields: {bid: /b}}",
       "match./type: expected the text that stands there"},
      {"{match: {/type: \"*a*\"}, fields: {bid: /b}}",
       "match./type: expected the text that stands there"},
      {"{match: x, fields: {bid: /b}}", "messages[0].match: expected a mapping"},
      {"{each: data, fields: {bid: /b}}", "messages[0].each: expected a JSON pointer"},
      {"{symbol_form: m, fields: {bid: /b}}",
       "messages[0].symbol_form: expected a text with one *"},
      {"{means: pong}", "messages[0].means: expected one of data, ignored, ready"},
      {"{means: error, fields: {bid: /b}}",
       "messages[0].fields: expected no such key beside means"},
      {"{time_unit: min, fields: {bid: /b}}",
       "messages[0].time_unit: expected one of s, ms, us, ns"},
      {"{trade: {price: /p, size: /s}}", "messages[0].trade.side: expected a JSON pointer"},
      {"{trade: {price: /p, size: /s, side: /d, fee: /f}}", "\"fee\": unknown key"},
      {"{answer: \"${NO_SUCH}\"}", "expected the environment variable \"NO_SUCH\" to be set"},
  };
  for (const auto& [message, error] : cases) {
    EXPECT_THAT(load_messages(message).errors, ElementsAre(HasSubstr(error))) << message;
  }
}

TEST(JsonVenues, KeepSecretsOutOfErrors) {
  const Loaded loaded = load_messages("{means: \"${SECRET}\", time: \"${SECRET}\"}");

  ASSERT_EQ(loaded.errors.size(), 2u);
  for (const auto& error : loaded.errors) {
    EXPECT_THAT(error, ::testing::Not(HasSubstr("s3cr3t")));
  }
}

TEST(JsonVenues, AreTheOnlyOnesToBeDescribed) {
  EXPECT_THAT(load("feeds: [{name: a, adapter: kraken-v2, url: \"ws://h\", symbols: [A-B], "
                   "messages: [{means: "
                   "error}]}]")
                  .errors,
              ElementsAre(HasSubstr("feeds[0].messages: expected no such key unless adapter is "
                                    "json-websocket or http-poll")));
  EXPECT_THAT(load("feeds: [{name: a, adapter: simulator, login: x}]").errors,
              ElementsAre(HasSubstr(
                  "feeds[0].login: expected no such key unless adapter is json-websocket")));
}

TEST(HttpPoll, TakesEveryKey) {
  const Loaded loaded = load(R"(
feeds:
  - name: a
    adapter: http-poll
    url: https://h/quote?symbol={symbol}
    native_form: "{base}"
    symbols: [A-B]
    symbols_per_request: 7
    interval_ms: 5000
    timeout_ms: 3000
    requests_per_minute: 30
    max_bytes: 2048
    headers: {X-Token: "${SECRET}", Accept: application/json}
    messages: [{fields: {last: /c}}]
)");

  ASSERT_THAT(loaded.errors, IsEmpty());
  const Feed& feed = loaded.config.feeds.at(0);
  EXPECT_EQ(feed.url, "https://h/quote?symbol={symbol}");
  EXPECT_EQ(feed.json.symbols_per_request, 7u);
  EXPECT_EQ(feed.poll.interval, 5s);
  EXPECT_EQ(feed.poll.timeout, 3s);
  EXPECT_EQ(feed.poll.requests_per_minute, 30u);
  EXPECT_EQ(feed.poll.max_bytes, 2'048u);
  EXPECT_THAT(feed.poll.headers, ElementsAre("X-Token: s3cr3t-value", "Accept: application/json"));
}

TEST(HttpPoll, SaysWhatIsWrong) {
  const auto errors = [](const std::string& keys, const std::string& adapter = "http-poll") {
    return load("feeds: [{name: a, adapter: " + adapter + ", native_form: x, symbols: [A-B], " +
                keys + "}]")
        .errors;
  };
  const std::string rest = ", messages: [{fields: {last: /c}}]";

  EXPECT_THAT(errors("url: \"wss://h\"" + rest),
              ElementsAre(HasSubstr("a URL that begins with https://")));
  EXPECT_THAT(errors("url: \"http://h\", headers: {\"X Y\": z}" + rest),
              ElementsAre(HasSubstr("a header's name")));
  EXPECT_THAT(errors("url: \"http://h\", headers: {X: \"a\\r\\nY: b\"}" + rest),
              ElementsAre(HasSubstr("headers.X: expected a text of printable ASCII")));
  EXPECT_THAT(
      errors("url: \"http://h\", login: x" + rest),
      ElementsAre(HasSubstr("login: expected no such key unless adapter is json-websocket")));
  EXPECT_THAT(
      errors("url: \"ws://h\", interval_ms: 10" + rest, "json-websocket"),
      ElementsAre(HasSubstr("interval_ms: expected no such key unless adapter is http-poll")));
  EXPECT_THAT(errors("url: \"http://h\", messages: [{trade: {price: /p, size: /s, side: /d}}]"),
              ElementsAre(HasSubstr("messages: expected no trade with adapter: http-poll")));
}

}  // namespace
}  // namespace ticker::config
