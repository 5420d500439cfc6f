#include <ticker/feed/json_description.hpp>

#include <gtest/gtest.h>

#include "event_log.hpp"
#include "json_venues.hpp"

namespace ticker::feed {
namespace {

std::string text_of(const JsonMapping& json, const std::string& heartbeat_answer = {}) {
  return to_text({json, heartbeat_answer}).value();
}

TEST(JsonDescription, ComesBackFromItsText) {
  JsonMessage message;
  message.match = {{"/a\"\\\n", "x*"}, {"^/b", ""}};
  message.where = {{"", "null"}};
  message.means = JsonMessage::Means::kRefused;
  message.symbol = "key";
  message.symbol_form = "market.*";
  message.text = "/why";
  message.answer = "{/ts}";
  for (const auto& json : {finnhub().json, JsonMapping{"", {message}}, JsonMapping{}}) {
    const JsonDescription description{json, "pong"};
    const auto text = to_text(description);
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(text.value().find('\n'), std::string::npos);
    const auto parsed = parse_description(text.value());
    ASSERT_TRUE(parsed.ok()) << parsed.error().message << "\n" << text.value();
    EXPECT_EQ(parsed.value(), description) << text.value();
  }
}

TEST(JsonDescription, KeepsOfAnAnswerOnlyThePlacesThatItRepeats) {
  JsonMessage ping;
  ping.answer = R"({"key":"s3cr3t","pong":{/ts},"again":{/id}})";

  const auto text = text_of({"", {ping}});

  EXPECT_EQ(text, R"({"messages":[{"answer":"{/ts}{/id}"}]})");
}

TEST(JsonDescription, MakesAnAdapterThatReadsWhatTheFeedRead) {
  const std::string quote =
      R"([{"T":"q","S":"BTC/USD","bp":1.50,"bs":2,"ap":0,"as":0,"t":"2023-04-06T11:54:21.670905508Z"}])";
  const auto adapter =
      make_recorded_adapter(kJsonWebSocket, "trade", text_of(alpaca().json)).value();
  EventLog log;
  MessageBytes bytes(quote);

  adapter->decode(bytes.data(), bytes.size(), kNoTime, log);

  EXPECT_EQ(log.take(), Decoded(kJsonWebSocket, alpaca())(quote));
  EXPECT_EQ(adapter->native_name("BTC-USD"), "BTC/USD");
}

TEST(JsonDescription, IsNotNeededWhereTheAdapterKnowsItsVenue) {
  EXPECT_TRUE(make_recorded_adapter("okx", "", "").ok());
  EXPECT_EQ(make_recorded_adapter(kJsonWebSocket, "", "").error().message,
            "the recording does not say what its messages mean: an older version made it");
}

class PolledAnswersTest : public testing::Test {
 protected:
  PolledAnswersTest() {
    JsonMessage quote;
    quote.fields = {{market::Field::kBid, "/b"}};
    adapter_ = make_recorded_adapter(kHttpPoll, "", text_of({"{base}", {quote}})).value();
  }
  Decoded::Lines decode(std::string_view message) {
    MessageBytes bytes(message);
    adapter_->decode(bytes.data(), bytes.size(), kNoTime, log_);
    return log_.take();
  }

  std::unique_ptr<Adapter> adapter_;
  EventLog log_;
};

TEST_F(PolledAnswersTest, AreAboutWhatWasAskedFor) {
  EXPECT_EQ(decode(polled_answer("X", R"({"b":1.50})")), Decoded::Lines{"ticker X bid=1.50"});
  EXPECT_EQ(decode(polled_answer("", R"({"b":1.50})")), Decoded::Lines{"rejected undecodable"});
  EXPECT_EQ(decode("{}"), Decoded::Lines{"rejected undecodable"});
}

TEST_F(PolledAnswersTest, ConfirmWhatTheLastOneBrought) {
  EXPECT_EQ(decode(polled_answer("X", "")), Decoded::Lines{"skipped control"});
  decode(polled_answer("X", R"({"b":1.50})"));
  adapter_->reset();

  EXPECT_EQ(decode(polled_answer("X", "")), (Decoded::Lines{"ticker X", "skipped control"}));
}

// A failed one in between begins another connection in the recording; who asked had one decoder.
TEST_F(PolledAnswersTest, KnowTheirTradesAgainOverFailedOnes) {
  JsonMessage trade;
  trade.trade = {.price = "/p", .size = "/q", .side = "/s", .id = "/i"};
  adapter_ = make_recorded_adapter(kHttpPoll, "", text_of({"{base}", {trade}})).value();
  const auto seventh = polled_answer("X", R"({"p":1,"q":2,"s":"buy","i":7})");
  EXPECT_EQ(decode(seventh), Decoded::Lines{"trade X #7 1 x 2 buy sets=last,last_size,last_side"});

  adapter_->reset();
  EXPECT_EQ(decode(seventh), Decoded::Lines{"skipped duplicate"});
  EXPECT_EQ(decode(polled_answer("X", R"({"p":1,"q":2,"s":"buy","i":8})")),
            Decoded::Lines{"trade X #8 1 x 2 buy sets=last,last_size,last_side"});
}

TEST(JsonDescription, IsRefusedInWords) {
  const std::string begin = "the description of its messages can't be read: ";
  const std::pair<std::string, std::string> cases[] = {
      {"", "no JSON, or too much of it"},
      {"messages: []", "no JSON, or too much of it"},
      {std::string(100, '['), "no JSON, or too much of it"},
      {'[' + std::string(20'000, '1'), "no JSON, or too much of it"},
      {"[]", "expected an object"},
      {R"({"later":1})", "a key that is not known here"},
      {R"({"messages":{}})", "'messages' makes no sense"},
      {R"({"native_form":[]})", "'native_form' makes no sense"},
      {R"({"messages":[{},7]})", "messages[1]: expected an object"},
      {R"({"messages":[{"means":"what"}]})", "messages[0]: 'means' makes no sense"},
      {R"({"messages":[{"each":null}]})", "messages[0]: 'each' makes no sense"},
      {R"({"messages":[{"match":{"/a":{}}}]})", "messages[0]: 'match' makes no sense"},
      {R"({"messages":[{"fields":{"bit":"/b"}}]})",
       "messages[0]: fields: a field that is not known"},
      {R"({"messages":[{"fields":{"bid":{"at":"/b","shift":1000000}}}]})",
       "messages[0]: 'shift' makes no sense"},
      {R"({"messages":[{"trade":{"prize":"/p"}}]})", "messages[0]: a key that is not known here"},
  };
  for (const auto& [text, why] : cases) {
    const auto parsed = parse_description(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().message, begin + why) << text;
  }
  const auto no_pointer =
      make_recorded_adapter(kJsonWebSocket, "", R"({"messages":[{"symbol":"s"}]})");
  EXPECT_NE(no_pointer.error().message.find("messages[0]: 's' is no JSON pointer"),
            std::string::npos);
}

TEST(JsonDescription, HasABound) {
  JsonMessage message;
  message.text = '/' + std::string(JsonDescription::kMostBytes, 'x');
  const auto text = to_text({{"", {message}}, ""});
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().message,
            "the description of its messages has 65563 bytes, of 65536 at most");
  EXPECT_EQ(parse_description(std::string(JsonDescription::kMostBytes + 1, ' ')).error().message,
            "the description of its messages has 65537 bytes, of 65536 at most");
  std::string many = R"({"messages":[)";
  for (int i = 0; i < 10'000; ++i) {
    many += "{},";
  }
  EXPECT_FALSE(parse_description(many + "{}]}").ok());
}

}  // namespace
}  // namespace ticker::feed
