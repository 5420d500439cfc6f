#include <ticker/protocol/client_state.hpp>

#include <gtest/gtest.h>

namespace ticker::protocol {
namespace {

using market::Field;
using market::FieldSet;

class ClientStateTest : public testing::Test {
 protected:
  void take(std::string_view text) {
    const auto parsed = parse_push(text);
    ASSERT_TRUE(std::holds_alternative<Push>(parsed))
        << text << ": " << std::get<PushError>(parsed).message;
    state.apply(std::get<Push>(parsed));
  }
  std::string text(std::string_view symbol, Field field) const {
    const Entry* const entry = state.find(symbol);
    return entry == nullptr ? "no entry" : entry->fields.has(field) ? entry->text(field) : "absent";
  }

  ClientState state;
};

TEST_F(ClientStateTest, MergesADeltaFieldByField) {
  take(
      R"({"type":"snapshot","lane":"w","version":5,"data":[{"symbol":"a","bid":"1","ask":"2","last_side":"buy","stale":false,"ticks":1}]})");

  take(
      R"({"type":"delta","lane":"w","version":6,"data":[{"symbol":"a","ask":null,"last":"3","last_side":"sell","stale":true,"ticks":2}]})");

  EXPECT_EQ(text("a", Field::kBid), "1");
  EXPECT_EQ(text("a", Field::kAsk), "null");
  EXPECT_EQ(text("a", Field::kLast), "3");
  EXPECT_EQ(text("a", Field::kLastSide), "sell");
  EXPECT_EQ(text("a", Field::kStale), "true");
  EXPECT_EQ(text("a", Field::kTicks), "2");
  EXPECT_EQ(text("a", Field::kLastSize), "absent");
  EXPECT_EQ(state.lane_version("w"), 6U);
}

TEST_F(ClientStateTest, MergesTheVenueOfEachSide) {
  take(
      R"({"type":"snapshot","lane":"w","version":5,"data":[{"symbol":"a","bid_venue":"x","ask_venue":"y"}]})");

  take(R"({"type":"delta","lane":"w","version":6,"data":[{"symbol":"a","ask_venue":"z"}]})");
  EXPECT_EQ(text("a", Field::kBidVenue), "x");
  EXPECT_EQ(text("a", Field::kAskVenue), "z");

  take(R"({"type":"delta","lane":"w","version":7,"data":[{"symbol":"a","bid_venue":null}]})");
  EXPECT_EQ(text("a", Field::kBidVenue), "null");
  EXPECT_EQ(text("a", Field::kAskVenue), "z");
}

TEST_F(ClientStateTest, ReplacesByASnapshotAndByANewEntry) {
  take(
      R"({"type":"snapshot","lane":"","version":5,"data":[{"symbol":"a","bid":"1","ask":"2"},{"symbol":"b","bid":"1"}]})");

  take(R"({"type":"snapshot","lane":"","version":6,"data":[{"symbol":"a","bid":"3"}]})");
  take(R"({"type":"delta","lane":"","version":7,"data":[{"symbol":"b","new":true,"ask":"4"}]})");

  EXPECT_EQ(text("a", Field::kBid), "3");
  EXPECT_EQ(text("a", Field::kAsk), "absent");
  EXPECT_EQ(text("b", Field::kBid), "absent");
  EXPECT_EQ(text("b", Field::kAsk), "4");
  EXPECT_FALSE(state.find("b")->as_new);
}

TEST_F(ClientStateTest, EndsARemovedInstrument) {
  take(R"({"type":"snapshot","lane":"","version":5,"data":[{"symbol":"a","bid":"1"}]})");

  take(R"({"type":"delta","lane":"","version":6,"data":[{"symbol":"a","removed":true}]})");

  EXPECT_EQ(state.find("a"), nullptr);
}

TEST_F(ClientStateTest, ResumesOnlyFromACompleteFrame) {
  take(R"({"type":"snapshot","lane":"w","version":5,"data":[]})");
  take(R"({"type":"delta","lane":"w","more":true,"data":[{"symbol":"a","bid":"1"}]})");
  EXPECT_EQ(state.lane_version("w"), 5U);
  EXPECT_EQ(state.lane_version("other"), std::nullopt);

  take(R"({"type":"delta","lane":"w","version":9,"data":[]})");
  EXPECT_EQ(state.lane_version("w"), 9U);

  take(R"({"type":"trades","version":10,"data":[]})");
  take(R"({"type":"trades","more":true,"data":[]})");
  EXPECT_EQ(state.trades_version(), 10U);
}

TEST_F(ClientStateTest, ForgetsAllWithAnotherEpochOnly) {
  const std::string limits =
      R"("limits":{"request_bytes":1,"frame_bytes":1,"entries":1,"lanes":1,"min_interval_ms":0,"requests_per_s":1}})";
  const auto hello = [&](std::string_view epoch) {
    return R"({"type":"hello","protocol":"ticker.v1","epoch":")" + std::string(epoch) +
           R"(","time_us":1,"heartbeat_ms":1,"auth":"none",)" + limits;
  };
  take(hello("e1"));
  take(R"({"type":"snapshot","lane":"w","version":5,"data":[{"symbol":"a","bid":"1"}]})");
  take(hello("e1"));
  EXPECT_NE(state.find("a"), nullptr);

  take(R"({"type":"epoch","epoch":"e2"})");

  EXPECT_EQ(state.find("a"), nullptr);
  EXPECT_EQ(state.lane_version("w"), std::nullopt);
  EXPECT_EQ(state.epoch(), "e2");
}

// Told to who was blocked for longer than removals are remembered: what went is not named.
TEST_F(ClientStateTest, ForgetsItsInstrumentsWhenToldItsOwnEpochAgain) {
  take(R"({"type":"epoch","epoch":"e1"})");
  take(R"({"type":"snapshot","lane":"w","version":5,"data":[{"symbol":"a","bid":"1"}]})");
  take(R"({"type":"trades","version":6,"data":[]})");

  take(R"({"type":"epoch","epoch":"e1"})");

  EXPECT_EQ(state.find("a"), nullptr);
  EXPECT_EQ(state.lane_version("w"), std::nullopt);
  EXPECT_EQ(state.trades_version(), 6U);  // trades go on
}

TEST_F(ClientStateTest, ForgetsWhatARefusedResumptionNamed) {
  take(
      R"({"type":"snapshot","lane":"","version":5,"data":[{"symbol":"a:1"},{"symbol":"a:2"},{"symbol":"b:1"}]})");

  state.forget({"a:*"});

  EXPECT_EQ(state.entries().size(), 1U);
  EXPECT_NE(state.find("b:1"), nullptr);
}

TEST_F(ClientStateTest, HoldsTheStateOfFeeds) {
  take(R"({"type":"status","feed":"kraken","state":"down","since_us":1,"reason":"refused"})");
  take(R"({"type":"status","feed":"kraken","state":"live","since_us":2,"reason":""})");

  EXPECT_EQ(state.feeds().at("kraken").state, market::FeedState::kLive);
}

}  // namespace
}  // namespace ticker::protocol
