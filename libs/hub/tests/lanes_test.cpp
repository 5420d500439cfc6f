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

class Lanes : public HubFixture {};

TEST_F(Lanes, ServeAnInstrumentByTheLastEntryThatMatchesIt) {
  given({"k:A", "k:B"});
  TestClient& client = connect();
  ask_for(client,
          R"({"op":"subscribe","symbols":["k:*"],"lane":"list","fields":["bid"],"interval_ms":0})");
  ask_for(
      client,
      R"({"op":"subscribe","symbols":["k:A"],"lane":"focus","fields":["bid"],"interval_ms":0})");

  bid("k:A", "1");
  bid("k:B", "2");
  publish();

  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(
          R"({"type":"delta","lane":"list","version":4,"data":[{"symbol":"k:B","bid":"2","stale":false}]})",
          R"({"type":"delta","lane":"focus","version":4,"data":[{"symbol":"k:A","bid":"1","stale":false}]})"));
}

TEST_F(Lanes, KeepTheirSettingsWhereARequestLeavesThemOut) {
  given({"k:A", "k:B"});
  TestClient& client = connect();
  ask_for(
      client,
      R"({"op":"subscribe","symbols":["k:A"],"lane":"l","fields":["bid"],"interval_ms":250,"max_kbit_per_s":64})");
  const auto frames = ask_for(client, R"({"op":"subscribe","symbols":["k:B"],"lane":"l"})");
  EXPECT_THAT(frames[0], HasSubstr(R"("fields":["bid"],"interval_ms":250,"max_kbit_per_s":64)"));
}

TEST_F(Lanes, TakeTheirDefaultsAnewAfterTheirLastEntryEnded) {
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client,
          R"({"op":"subscribe","symbols":["k:A"],"lane":"l","fields":["bid"],"interval_ms":250})");
  ask_for(client, R"({"op":"unsubscribe","lane":"l"})");
  const auto frames = ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"lane":"l"})");
  EXPECT_THAT(frames[0], AllOf(HasSubstr(R"("interval_ms":100)"), HasSubstr("vwap_24h")));
}

TEST_F(Lanes, SendASnapshotOfWhatJoinsAlone) {
  given({"k:A", "k:B"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":60000})");
  const auto frames = ask_for(client, R"({"op":"subscribe","symbols":["k:B"]})");
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_EQ(frames[1],
            R"({"type":"snapshot","lane":"","version":2,"data":[{"symbol":"k:B","stale":true}]})");
}

TEST_F(Lanes, EndTheSnapshotOfWhatJoinsWithTheDeltaOfTheOthers) {
  given({"k:A", "k:B"});
  bid("k:A", "0");
  TestClient& client = connect(1);
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":60000})");
  bid("k:A", "1");
  publish();

  const auto frames = ask_for(client, R"({"op":"subscribe","symbols":["k:B"]})");

  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_EQ(frames[1],
            R"({"type":"snapshot","lane":"","more":true,"data":[{"symbol":"k:B","stale":true}]})");
  EXPECT_EQ(frames[2],
            R"({"type":"delta","lane":"","version":4,"data":[{"symbol":"k:A","bid":"1"}]})");
}

TEST_F(Lanes, SendAddedFieldsInFull) {
  given({"k:A", "k:B"});
  bid("k:A", "1");
  ask("k:A", "2");
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:*"],"fields":["bid"],"interval_ms":0})");
  const auto frames =
      ask_for(client, R"({"op":"subscribe","symbols":["k:B"],"fields":["bid","ask"]})");
  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_EQ(frames[2],
            R"({"type":"delta","lane":"","version":4,"data":[{"symbol":"k:A","ask":"2"}]})");
}

TEST_F(Lanes, SendAddedFieldsAlsoOfWhatFellBackAndStillWaits) {
  // More lanes than frames that a client gets before its next request is taken.
  const std::string lanes = "abcdefghijkl";
  options_.limits.lanes = lanes.size() + 1;
  options_.limits.requests_per_s = 1000;
  for (const char name : lanes) {
    const std::string symbol = std::string("v:") + name + "x";
    add(symbol);
    set(symbol,
        {{market::Field::kBid, "1"}, {market::Field::kAsk, "2"}, {market::Field::kLast, "3"}});
  }
  add("v:zz");
  auto& client = connect();
  std::string symbols;
  for (const char name : lanes) {
    send(client, std::string(R"({"op":"subscribe","symbols":["v:)") + name + R"(*"],"lane":")" +
                     name + R"(","fields":["bid","last"],"interval_ms":0})");
    symbols += std::string(symbols.empty() ? "" : ",") + "\"v:" + name + "x\"";
  }
  send(client, R"({"op":"subscribe","symbols":[)" + symbols +
                   R"(],"lane":"top","fields":["bid"],"interval_ms":1000})");
  wait(2s);
  client.socket.take_received();
  send(client, R"({"op":"unsubscribe","symbols":[)" + symbols + "]}");
  send(client, R"({"op":"subscribe","symbols":["v:zz"],"lane":"l","fields":["bid","last","ask"]})");
  wait(1s);
  std::string last;
  for (const std::string& frame : client.socket.take_received()) {
    last = frame.find(R"("symbol":"v:lx")") == std::string::npos ? last : frame;
  }
  EXPECT_NE(last.find(R"("ask":"2")"), std::string::npos) << last;
}

TEST_F(Lanes, TakeUpWhatFallsBackFromWhereItsLaneHadCome) {
  given({"k:A", "k:B"});
  bid("k:A", "1");
  TestClient& client = connect(1);
  ask_for(
      client,
      R"({"op":"subscribe","symbols":["k:*"],"lane":"list","fields":["bid","ask"],"interval_ms":0})");
  ask_for(
      client,
      R"({"op":"subscribe","symbols":["k:A"],"lane":"focus","fields":["bid"],"interval_ms":60000})");
  bid("k:A", "2");
  publish();

  const auto frames = ask_for(client, R"({"op":"unsubscribe","lane":"focus"})");

  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_EQ(frames[1],
            R"({"type":"delta","lane":"list","version":4,"data":[{"symbol":"k:A","bid":"2"}]})");
}

TEST_F(Lanes, TellOfARemovalThatTheLaneWhichEndedHadNotTold) {
  given({"k:A", "k:B"});
  TestClient& client = connect(1);
  ask_for(client,
          R"({"op":"subscribe","symbols":["k:*"],"lane":"list","fields":["bid"],"interval_ms":0})");
  ask_for(
      client,
      R"({"op":"subscribe","symbols":["k:A"],"lane":"focus","fields":["bid"],"interval_ms":60000})");
  remove("k:A");
  publish();
  bid("k:B", "1");
  publish();
  client.socket.take_received();

  const auto frames = ask_for(client, R"({"op":"unsubscribe","lane":"focus"})");

  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_EQ(
      frames[1],
      R"({"type":"delta","lane":"list","version":4,"data":[{"symbol":"k:A","removed":true}]})");
}

TEST_F(Lanes, TellOfARemovalBeforeTheirVersionSaysSo) {
  given({"k:A", "k:B"});
  TestClient& client = connect(1);
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":60000})");
  remove("k:A");
  publish();

  const auto frames = ask_for(client, R"({"op":"subscribe","symbols":["k:B"]})");

  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_EQ(frames[1],
            R"({"type":"snapshot","lane":"","more":true,"data":[{"symbol":"k:B","stale":true}]})");
  EXPECT_EQ(frames[2],
            R"({"type":"delta","lane":"","version":3,"data":[{"symbol":"k:A","removed":true}]})");
}

TEST_F(Lanes, ReplaceAnInstrumentThatCameBackWithoutARemoval) {
  given({"k:A"});
  bid("k:A", "1");
  TestClient& client = connect(1);
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":1000})");
  remove("k:A");
  add("k:A");
  publish();
  wait(1s);
  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(
          R"({"type":"delta","lane":"","version":4,"data":[{"symbol":"k:A","new":true,"stale":true}]})"));
}

TEST_F(Lanes, SayNothingOfWhatCameAndWentBetweenTwoDeltas) {
  given({"k:A"});
  TestClient& client = connect(1);
  ask_for(client, R"({"op":"subscribe","symbols":["k:*"],"fields":["bid"],"interval_ms":1000})");
  add("k:B");
  remove("k:B");
  publish();
  wait(1s);
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
}

TEST_F(Lanes, ComeAliveWithAnInstrumentThatIsWaitedFor) {
  given({"k:A"});
  TestClient& client = connect();
  const auto frames = ask_for(
      client,
      R"({"op":"subscribe","symbols":["k:B"],"fields":["bid"],"interval_ms":0,"wait":true})");
  EXPECT_EQ(frames[1], R"({"type":"snapshot","lane":"","version":1,"data":[]})");
  add("k:B");
  publish();
  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(
          R"({"type":"delta","lane":"","version":2,"data":[{"symbol":"k:B","new":true,"stale":true}]})"));
}

TEST_F(Lanes, SendCompanionsWithOtherFieldsOnly) {
  given({"k:A"});
  bid("k:A", "1");
  TestClient& client = connect();
  ask_for(client,
          R"({"op":"subscribe","symbols":["k:A"],"fields":["bid","ticks"],"interval_ms":0})");
  ask("k:A", "9");
  publish();
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
  bid("k:A", "2");
  publish();
  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(
          R"({"type":"delta","lane":"","version":4,"data":[{"symbol":"k:A","bid":"2","ticks":3}]})"));
}

TEST_F(Lanes, SendNullForAValueThatCeasedToExist) {
  given({"k:A"});
  bid("k:A", "1");
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":0})");
  bid("k:A", "");
  publish();
  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(
          R"({"type":"delta","lane":"","version":3,"data":[{"symbol":"k:A","bid":null}]})"));
}

TEST_F(Lanes, StayWithinTheirBandwidth) {
  given({"k:A"});
  TestClient& client = connect();
  ask_for(
      client,
      R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":0,"max_kbit_per_s":8})");
  std::size_t bytes = 0;
  for (int change = 0; change < 1'000; ++change) {
    bid("k:A", std::to_string(change));
    publish();
    wait(10ms);
    for (const auto& frame : client.socket.take_received()) {
      bytes += frame.size();
    }
  }
  // 8 kbit/s for ten seconds are 10,000 bytes; one frame more may have been under way.
  EXPECT_GT(bytes, 9'000U);
  EXPECT_LT(bytes, 10'200U);
}

// A dead price was told when the debt was paid: minutes later.
TEST_F(Lanes, TellOfStaleInstrumentsWhateverTheirBandwidth) {
  given({"k:A"});
  bid("k:A", "1");
  TestClient& client = connect();
  ask_for(
      client,
      R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":0,"max_kbit_per_s":1})");
  market_.mark_stale(market_.find("k:A")->id);
  publish();
  EXPECT_THAT(client.socket.take_received(), ElementsAre(HasSubstr(R"("stale":true)")));

  bid("k:A", "2");  // fresh again is told at once, too
  publish();
  EXPECT_THAT(client.socket.take_received(), ElementsAre(HasSubstr(R"("stale":false)")));
  bid("k:A", "3");
  publish();
  EXPECT_THAT(client.socket.take_received(), IsEmpty());  // the bytes of all that are owed
  wait(5s);
  EXPECT_THAT(client.socket.take_received(), ElementsAre(HasSubstr(R"("bid":"3")")));
}

// The pass's end was followed by an interval.
TEST_F(Lanes, TellOfWhatBecameStaleDuringAPassRightAfterIt) {
  options_.limits.frame_bytes = 150;
  given({"k:A", "k:B", "k:C"});
  for (const auto symbol : {"k:A", "k:B", "k:C"}) {
    bid(symbol, "1");
  }
  TestClient& client = connect();
  client.socket.take_only(1);
  send(client, R"({"op":"subscribe","symbols":["k:*"],"fields":["bid"],"interval_ms":60000})");
  ASSERT_THAT(client.socket.take_received(), SizeIs(1));
  market_.mark_stale(market_.find("k:A")->id);
  publish();

  drain(client);

  const auto frames = client.socket.take_received();
  ASSERT_FALSE(frames.empty());
  EXPECT_THAT(frames.back(), HasSubstr(R"({"symbol":"k:A","stale":true})"));
}

TEST_F(Lanes, SpreadClientsOverTheirInterval) {
  given({"k:A"});
  bid("k:A", "0");
  constexpr std::uint64_t kClients = 100;
  for (std::uint64_t number = 0; number < kClients; ++number) {
    ask_for(connect(number),
            R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":100})");
  }
  bid("k:A", "1");
  publish();
  std::size_t most = 0;
  for (int tenth = 0; tenth < 10; ++tenth) {
    std::size_t served = 0;
    wait(10ms);
    for (const auto& client : clients_) {
      served += client->socket.take_received().size();
    }
    most = std::max(most, served);
  }
  EXPECT_LE(most, 15U);
}

TEST_F(Lanes, AreNamedByAFirstSubscriptionInTheUrl) {
  given({"k:A"});
  hub();
  clients_.push_back(std::make_unique<TestClient>(sockets_));
  TestClient& client = *clients_.back();
  protocol::Subscribe first;
  first.symbols = {"k:*"};
  first.fields = market::FieldSet(market::Field::kBid);
  first.interval_ms = 0;
  client.session = hub().open(client.socket, {1, first, nullptr, std::nullopt}, now_);
  const auto frames = client.socket.take_received();
  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_THAT(frames[1], AllOf(HasSubstr(R"({"type":"subscribed","channel":"ticker")"),
                               Not(HasSubstr(R"("id")"))));
  EXPECT_THAT(frames[2], HasSubstr(R"("type":"snapshot")"));
}

TEST_F(Lanes, AreSharedByClientsWithTheSameEntriesWithoutMixingTheirFields) {
  given({"k:A"});
  TestClient& one = connect(1);
  TestClient& two = connect(2);
  ask_for(one, R"({"op":"subscribe","symbols":["k:*"],"fields":["bid"],"interval_ms":0})");
  ask_for(two, R"({"op":"subscribe","symbols":["k:*"],"fields":["ask"],"interval_ms":0})");
  set("k:A", {{market::Field::kBid, "1"}, {market::Field::kAsk, "2"}});
  publish();
  EXPECT_THAT(one.socket.take_received(),
              ElementsAre(AllOf(HasSubstr(R"("bid":"1")"), Not(HasSubstr("ask")))));
  EXPECT_THAT(two.socket.take_received(),
              ElementsAre(AllOf(HasSubstr(R"("ask":"2")"), Not(HasSubstr("bid")))));
}

TEST_F(Lanes, ShowNothingThatTheFilterDoesNotAllow) {
  given({"k:A", "x:A"});
  hub();
  clients_.push_back(std::make_unique<TestClient>(sockets_));
  TestClient& client = *clients_.back();
  const auto access = std::make_shared<const Access>(
      Access{SymbolFilter(std::vector{protocol::Pattern("k:*")})});
  client.session = hub().open(client.socket, {1, std::nullopt, access, std::nullopt}, now_);
  client.socket.take_received();

  const auto frames = ask_for(
      client, R"({"op":"subscribe","symbols":["*","x:A"],"fields":["bid"],"interval_ms":0})");
  bid("x:A", "1");
  add("x:B");
  publish();

  EXPECT_THAT(frames[0],
              AllOf(HasSubstr(R"("count":1)"), HasSubstr(R"("rejected":[{"symbol":"x:A")")));
  EXPECT_THAT(frames[1], Not(HasSubstr("x:A")));
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
}

}  // namespace
}  // namespace ticker::hub
