#include <ticker/hub/hub.hpp>

#include <gmock/gmock.h>

#include "hub_fixture.hpp"

namespace ticker::hub {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class TickerChannel : public HubFixture {};

TEST_F(TickerChannel, GreetsWithHelloThatTellsEpochAndLimits) {
  TestClient& client = arrive();
  EXPECT_THAT(
      client.socket.received(),
      ElementsAre(
          R"({"type":"hello","protocol":"ticker.v1","epoch":"e1","time_us":1000000000000,)"
          R"("heartbeat_ms":15000,"auth":"none","limits":{"request_bytes":65536,"frame_bytes":262144,)"
          R"("entries":1000,"lanes":8,"min_interval_ms":0,"requests_per_s":1000}})"));
}

TEST_F(TickerChannel, AnswersSubscribeWithSubscribedThenSnapshot) {
  given({"k:A", "k:B"});
  bid("k:A", "10.50");
  TestClient& client = connect();

  const auto frames = ask_for(
      client,
      R"({"op":"subscribe","id":1,"symbols":["k:*","x:Y"],"fields":["bid"],"interval_ms":0})");

  EXPECT_THAT(
      frames,
      ElementsAre(
          R"({"type":"subscribed","id":1,"channel":"ticker","lane":"","epoch":"e1","version":3,)"
          R"("resumed":false,"fields":["bid"],"interval_ms":0,"max_kbit_per_s":0,)"
          R"("symbols":["k:*"],"count":2,"rejected":[{"symbol":"x:Y","code":"unknown_symbol"}]})",
          R"({"type":"snapshot","lane":"","version":3,"data":[)"
          R"({"symbol":"k:A","bid":"10.50","stale":false},{"symbol":"k:B","stale":true}]})"));
}

TEST_F(TickerChannel, SendsOnlyTheFieldsThatChanged) {
  given({"k:A", "k:B"});
  bid("k:A", "10");
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:*"],"fields":["bid","ask"],"interval_ms":0})");

  ask("k:A", "11");
  publish();

  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(
          R"({"type":"delta","lane":"","version":4,"data":[{"symbol":"k:A","ask":"11"}]})"));
}

TEST_F(TickerChannel, SendsNothingWhenNoListedFieldChanged) {
  given({"k:A"});
  bid("k:A", "10");
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":0})");
  ask("k:A", "11");
  publish();
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
}

TEST_F(TickerChannel, ConflatesWithinAnIntervalAndMakesUpNoMissedTurns) {
  given({"k:A"});
  bid("k:A", "1");
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":100})");
  wait(1030ms);

  for (const auto* value : {"2", "3", "4"}) {
    bid("k:A", value);
    publish();
  }
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
  wait(1s);

  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(R"({"type":"delta","lane":"","version":5,"data":[{"symbol":"k:A","bid":"4"}]})"));
}

TEST_F(TickerChannel, SendsStaleAtOnceWhateverTheInterval) {
  given({"k:A"});
  bid("k:A", "1");
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":60000})");
  market_.mark_stale(market_.find("k:A")->id);
  publish();
  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(
          R"({"type":"delta","lane":"","version":3,"data":[{"symbol":"k:A","stale":true}]})"));
}

TEST_F(TickerChannel, ServesABlockedClientTheNewestValuesWhenItDrains) {
  given({"k:A"});
  bid("k:A", "1");
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":0})");
  client.socket.take_only(0);
  for (const auto* value : {"2", "3", "4", "5"}) {
    bid("k:A", value);
    publish();
  }
  EXPECT_TRUE(client.socket.paused());

  drain(client);

  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(R"({"type":"delta","lane":"","version":3,"data":[{"symbol":"k:A","bid":"2"}]})",
                  R"({"type":"delta","lane":"","version":6,"data":[{"symbol":"k:A","bid":"5"}]})"));
  EXPECT_FALSE(client.socket.paused());
}

TEST_F(TickerChannel, CutsWhatDoesNotFitOneFrameIntoAPass) {
  options_.limits.frame_bytes = 220;
  given({"k:A", "k:B", "k:C", "k:D", "k:E"});
  TestClient& client = connect();
  client.socket.take_only(1);  // the reply

  send(client, R"({"op":"subscribe","symbols":["k:*"],"fields":["bid"],"interval_ms":0})");
  bid("k:A", "7");
  bid("k:E", "8");
  publish();
  drain(client);

  const auto frames = client.socket.take_received();
  ASSERT_THAT(frames, SizeIs(4));
  EXPECT_THAT(frames[1],
              HasSubstr(R"("more":true,"data":[{"symbol":"k:A","stale":true},{"symbol":"k:B")"));
  EXPECT_THAT(frames[2], AllOf(HasSubstr(R"("version":5,)"),
                               HasSubstr(R"({"symbol":"k:E","bid":"8","stale":false})")));
  EXPECT_EQ(
      frames[3],
      R"({"type":"delta","lane":"","version":7,"data":[{"symbol":"k:A","bid":"7","stale":false},)"
      R"({"symbol":"k:E","bid":"8","stale":false}]})");
}

TEST_F(TickerChannel, TellsOfInstrumentsThatComeAndGo) {
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:*"],"fields":["bid"],"interval_ms":0})");

  add("k:B");
  publish();
  remove("k:A");
  publish();

  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(
          R"({"type":"delta","lane":"","version":2,"data":[{"symbol":"k:B","new":true,"stale":true}]})",
          R"({"type":"delta","lane":"","version":3,"data":[{"symbol":"k:A","removed":true}]})"));
}

TEST_F(TickerChannel, ResumesWithWhatChangedSince) {
  given({"k:A", "k:B"});
  bid("k:A", "1");
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:*"],"fields":["bid"],"interval_ms":0})");
  close(client);
  bid("k:B", "2");
  publish();

  TestClient& again = connect();
  const auto frames =
      ask_for(again, R"({"op":"subscribe","symbols":["k:*"],"fields":["bid"],"interval_ms":0,)"
                     R"("since":{"epoch":"e1","version":3}})");

  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_THAT(frames[0], HasSubstr(R"("resumed":true)"));
  EXPECT_EQ(
      frames[1],
      R"({"type":"delta","lane":"","version":4,"data":[{"symbol":"k:B","bid":"2","stale":false}]})");
}

TEST_F(TickerChannel, AnswersAResumeWithAnEmptyDeltaWhenNothingChanged) {
  given({"k:A"});
  TestClient& client = connect();
  const auto frames =
      ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"since":{"epoch":"e1","version":1}})");
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_EQ(frames[1], R"({"type":"delta","lane":"","version":1,"data":[]})");
}

TEST_F(TickerChannel, AnswersAnotherEpochWithASnapshot) {
  given({"k:A"});
  TestClient& client = connect();
  const auto frames =
      ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"since":{"epoch":"e0","version":1}})");
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_THAT(frames[0], HasSubstr(R"("resumed":false)"));
  EXPECT_THAT(frames[1], StartsWith(R"({"type":"snapshot")"));
}

TEST_F(TickerChannel, SendsNothingAfterUnsubscribed) {
  given({"k:A", "k:B"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:A","k:B"],"fields":["bid"],"interval_ms":0})");

  EXPECT_THAT(ask_for(client, R"({"op":"unsubscribe","id":"u","symbols":["k:A"]})"),
              ElementsAre(AllOf(StartsWith(R"({"type":"unsubscribed","id":"u",)"),
                                HasSubstr(R"("symbols":["k:A"])"))));
  bid("k:A", "1");
  bid("k:B", "1");
  publish();

  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(AllOf(HasSubstr("k:B"), Not(HasSubstr("k:A")))));
}

}  // namespace
}  // namespace ticker::hub
