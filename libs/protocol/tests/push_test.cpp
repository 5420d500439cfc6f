#include <ticker/protocol/push.hpp>

#include <gtest/gtest.h>

#include <random>

namespace ticker::protocol {
namespace {

using market::Field;
using market::FieldSet;

template <typename Kind>
Kind read(std::string_view text) {
  const auto parsed = parse_push(text);
  if (const auto* error = std::get_if<PushError>(&parsed)) {
    ADD_FAILURE() << text << ": " << error->message;
    return {};
  }
  return std::get<Kind>(std::get<Push>(parsed));
}

std::string refused(std::string_view text) {
  const auto parsed = parse_push(text);
  if (!std::holds_alternative<PushError>(parsed)) {
    ADD_FAILURE() << "accepted: " << text;
    return {};
  }
  return std::get<PushError>(parsed).message;
}

TEST(ParsePush, ReadsTheFieldsOfAnEntry) {
  const auto frame = read<EntryFrame>(
      R"({"type":"delta","lane":"w","version":18446744073709551615,"data":[{"symbol":"a:B-C","new":true,"bid":"61800.20",)"
      R"("ask":null,"last_side":"sell","stale":true,"exchange_time_us":null,"receive_time_us":7,"ticks":3,"later":[1]}]})");

  EXPECT_EQ(frame.kind, FrameKind::kDelta);
  EXPECT_EQ(frame.lane, "w");
  EXPECT_EQ(frame.version, 18446744073709551615U);
  ASSERT_EQ(frame.data.size(), 1U);
  const Entry& entry = frame.data.front();
  EXPECT_EQ(entry.symbol, "a:B-C");
  EXPECT_TRUE(entry.as_new);
  EXPECT_FALSE(entry.removed);
  EXPECT_EQ(entry.fields, FieldSet(Field::kBid) | Field::kAsk | Field::kLastSide | Field::kStale |
                              FieldSet::companions());
  EXPECT_EQ(entry.text(Field::kBid), "61800.20");
  EXPECT_EQ(entry.text(Field::kAsk), "null");
  EXPECT_EQ(entry.text(Field::kLastSide), "sell");
  EXPECT_EQ(entry.text(Field::kStale), "true");
  EXPECT_EQ(entry.text(Field::kExchangeTimeUs), "null");
  EXPECT_EQ(entry.text(Field::kReceiveTimeUs), "7");
  EXPECT_EQ(entry.text(Field::kTicks), "3");
}

TEST(ParsePush, ReadsWhichVenueGivesASide) {
  const auto frame = read<EntryFrame>(
      R"({"type":"delta","lane":"w","version":5,"data":[{"symbol":"best:B-C","bid_venue":"kraken","ask_venue":null}]})");

  ASSERT_EQ(frame.data.size(), 1U);
  EXPECT_EQ(frame.data[0].fields, market::kVenueFields);
  EXPECT_EQ(frame.data[0].text(Field::kBidVenue), "kraken");
  EXPECT_EQ(frame.data[0].text(Field::kAskVenue), "null");
  EXPECT_NE(refused(R"({"type":"delta","lane":"w","version":5,"data":[{"symbol":"a","ask_venue":1}]})"), "");
}

TEST(ParsePush, KnowsAFrameThatOthersFollow) {
  EXPECT_EQ(read<EntryFrame>(R"({"type":"snapshot","lane":"","more":true,"data":[]})").version,
            std::nullopt);
  EXPECT_EQ(read<TradesFrame>(R"({"type":"trades","more":true,"data":[]})").version, std::nullopt);
}

TEST(ParsePush, TellsEntriesApartByTextNotAmount) {
  const auto frame = read<EntryFrame>(
      R"({"type":"delta","lane":"","version":1,"data":[{"symbol":"a","bid":"1.0"},{"symbol":"a","bid":"1.00"},{"symbol":"a","bid":"1.0"}]})");

  EXPECT_FALSE(frame.data[0] == frame.data[1]);
  EXPECT_TRUE(frame.data[0] == frame.data[2]);
}

TEST(ParsePush, RefusesInPlainWords) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "not JSON: The document is empty."},
      {"[]", "a message or an entry is no object"},
      {"{}", "type is missing"},
      {R"({"type":7})", "type is of another type"},
      {R"({"type":"news"})", "no message of type \"news\" is known"},
      {R"({"type":"pong","id":1})", "time_us is missing"},
      {R"({"type":"heartbeat","time_us":1.5})", "time_us is no whole number, or out of its range"},
      {R"({"type":"delta","lane":"","data":[]})", "version is missing"},
      {R"({"type":"delta","lane":"","version":-1,"data":[]})",
       "version is no whole number, or out of its range"},
      {R"({"type":"delta","lane":"","version":1,"data":[1]})",
       "a message or an entry is no object"},
      {R"({"type":"delta","lane":"","version":1,"data":[{"symbol":"a","bid":1}]})",
       "bid is of another type"},
      {R"({"type":"delta","lane":"","version":1,"data":[{"symbol":"a","bid":"one"}]})",
       "bid is no decimal"},
      {R"({"type":"delta","lane":"","version":1,"data":[{"symbol":"a","stale":null}]})",
       "stale is of another type"},
      {R"({"type":"status","feed":"a","state":"fine","since_us":1,"reason":""})",
       "state is not known"},
      {R"({"type":"error","code":"oops","message":""})", "code is not known"},
      {R"({"type":"gap","channel":"trades","symbol":"a","from_seq":1,"missed":null,"source":"x"})",
       "source is not known"},
  };
  for (const auto& [text, fault] : cases) {
    EXPECT_EQ(refused(text), fault) << text;
  }
  EXPECT_EQ(refused(std::string(6'000'000, '[')), "nested too deeply");
}

TEST(ParsePush, SurvivesMutatedMessages) {
  const std::string valid =
      R"({"type":"snapshot","lane":"w","version":812345,"data":[{"symbol":"a","bid":"1.5","last_side":"buy","stale":false,"ticks":3}]})";
  std::mt19937 random(7);
  int refusals = 0;
  for (int round = 0; round < 5'000; ++round) {
    std::string text = valid;
    for (auto change = random() % 3 + 1; change != 0; --change) {
      text[random() % text.size()] = static_cast<char>(random() % 128);
    }
    refusals += std::holds_alternative<PushError>(parse_push(text)) ? 1 : 0;
  }
  EXPECT_GT(refusals, 1000);
}

TEST(ParseTickers, ReadsTheBodyOfTheOneOffRead) {
  const auto parsed = parse_tickers(
      R"({"epoch":"e","version":5,"data":[{"symbol":"a","bid":"1"}],"rejected":[{"symbol":"x","code":"unknown_symbol"}]})");

  const auto& tickers = std::get<Tickers>(parsed);
  EXPECT_EQ(tickers.epoch, "e");
  EXPECT_EQ(tickers.version, 5U);
  EXPECT_EQ(tickers.data.front().text(Field::kBid), "1");
  EXPECT_EQ(tickers.rejected, (std::vector<Rejected>{{"x", ErrorCode::kUnknownSymbol}}));
  EXPECT_EQ(std::get<PushError>(parse_tickers("{}")).message, "epoch is missing");
}

}  // namespace
}  // namespace ticker::protocol
