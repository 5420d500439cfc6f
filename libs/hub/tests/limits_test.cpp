#include <ticker/hub/hub.hpp>

#include <gmock/gmock.h>

#include "hub_fixture.hpp"

namespace ticker::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ClientLimits : public HubFixture {
 protected:
  std::uint64_t errors(protocol::ErrorCode code) {
    return hub().stats().errors[static_cast<std::size_t>(code)].value();
  }
};

TEST_F(ClientLimits, RefuseMoreEntriesAndChangeNothing) {
  options_.limits.entries = 2;
  given({"k:A", "k:B", "k:C"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:A","k:B"],"interval_ms":0})");
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","id":2,"symbols":["k:C"]})"),
              ElementsAre(HasSubstr(R"("id":2,"code":"too_many_entries")")));
  EXPECT_EQ(hub().stats().subscriptions.value(), 2);
  EXPECT_EQ(errors(protocol::ErrorCode::kTooManyEntries), 1U);
}

TEST_F(ClientLimits, CountAnEntryThatIsReplacedOnce) {
  options_.limits.entries = 2;
  given({"k:A", "k:B"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:A","k:B"]})");
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","symbols":["k:B","k:A"]})")[0],
              HasSubstr("subscribed"));
}

TEST_F(ClientLimits, RefuseMoreLanes) {
  options_.limits.lanes = 1;
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:*"],"lane":"one"})");
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"lane":"two"})"),
              ElementsAre(HasSubstr(R"("code":"too_many_lanes")")));
  EXPECT_EQ(errors(protocol::ErrorCode::kTooManyLanes), 1U);
}

TEST_F(ClientLimits, OfFramesChangeForWhoComesNext) {
  options_.limits.frame_bytes = 4'096;
  for (int number = 0; number < 100; ++number) {
    const std::string symbol = "k:" + std::to_string(number);
    add(symbol);
    bid(symbol, "1");
  }
  constexpr const char* kAll = R"({"op":"subscribe","symbols":["k:*"]})";
  TestClient& before = connect();

  auto larger = options_.limits;
  larger.frame_bytes = 2'000'000;  // beyond what the hub had room for
  hub().set_limits(larger);
  TestClient& after = arrive();

  EXPECT_THAT(after.socket.take_received()[0], HasSubstr(R"("frame_bytes":2000000)"));
  EXPECT_THAT(ask_for(after, kAll), SizeIs(2));
  const auto frames = ask_for(before, kAll);
  EXPECT_GT(frames.size(), 3U);
  for (const auto& frame : frames) {
    EXPECT_LE(frame.size(), 4'096U);
  }
}

TEST_F(ClientLimits, RefuseRequestsBeyondTheRateUntilItsTimeHasCome) {
  options_.limits.requests_per_s = 2;
  TestClient& client = connect();
  EXPECT_THAT(ask_for(client, R"({"op":"ping","id":1})"), ElementsAre(HasSubstr("pong")));
  EXPECT_THAT(ask_for(client, R"({"op":"ping","id":2})"), ElementsAre(HasSubstr("pong")));
  EXPECT_THAT(ask_for(client, R"({"op":"ping","id":3})"),
              ElementsAre(HasSubstr(R"("id":3,"code":"rate_limited")")));
  wait(1s);
  EXPECT_THAT(ask_for(client, R"({"op":"ping","id":4})"), ElementsAre(HasSubstr("pong")));
  EXPECT_EQ(errors(protocol::ErrorCode::kRateLimited), 1U);
}

TEST_F(ClientLimits, CloseWhoKeepsAskingFarBeyondTheRate) {
  options_.limits.requests_per_s = 2;
  TestClient& client = connect();
  int asked = 0;
  while (client.socket.close_code() == 0 && asked < 100) {
    send(client, R"({"op":"ping"})");
    ++asked;
  }
  EXPECT_EQ(client.socket.close_code(), 4001);
  EXPECT_EQ(asked, 14);  // two allowed, ten seconds' debt of two a second … refused, then the end
}

TEST_F(ClientLimits, CountControlFramesAsRequests) {
  options_.limits.requests_per_s = 2;
  TestClient& client = connect();
  for (int ping = 0; ping < 100 && client.socket.close_code() == 0; ++ping) {
    hub().on_control(client.session, now_);
  }
  EXPECT_EQ(client.socket.close_code(), 4001);
}

class PriceOfPatterns : public ClientLimits {
 protected:
  PriceOfPatterns() {
    options_.limits.requests_per_s = 10;
    given({"k:A"});
  }
  // Matched anew, they cost a second's requests.
  static std::string many(std::string_view channel) {
    std::string patterns = "\"*0\"";
    for (int pattern = 1; pattern < 400; ++pattern) {
      patterns += ",\"*" + std::to_string(pattern) + "\"";
    }
    return R"({"op":"subscribe","channel":")" + std::string(channel) + R"(","symbols":[)" +
           patterns + "]}";
  }
  void expect_broke(TestClient& client) {
    EXPECT_THAT(ask_for(client, kPing), ElementsAre(HasSubstr("rate_limited")));
  }
  void expect_solvent(TestClient& client) {
    EXPECT_THAT(ask_for(client, kPing), ElementsAre(HasSubstr("pong")));
  }
  static constexpr std::string_view kPing = R"({"op":"ping"})";
};

TEST_F(PriceOfPatterns, IsThatOfTheRequestsWhoseTimeTheyTake) {
  for (const std::string_view channel : {"ticker", "trades"}) {
    TestClient& client = connect();
    EXPECT_THAT(ask_for(client, many(channel))[0], HasSubstr("subscribed"));
    expect_broke(client);
    wait(2s);
    expect_solvent(client);
  }
}

TEST_F(PriceOfPatterns, IsDueWhenTheRestOfAListIsMatchedAnew) {
  for (const std::string_view channel : {"ticker", "trades"}) {
    TestClient& client = connect();
    ask_for(client, many(channel));
    wait(10s);
    const std::string end =
        R"({"op":"unsubscribe","channel":")" + std::string(channel) + R"(","symbols":["*0"]})";
    EXPECT_THAT(ask_for(client, end)[0], HasSubstr("unsubscribed"));
    expect_broke(client);
    wait(10s);
  }
}

TEST_F(PriceOfPatterns, IsPaidOnceByAllWhoHaveTheSameList) {
  ask_for(connect(), many("ticker"));
  TestClient& second = connect();
  EXPECT_THAT(ask_for(second, many("ticker"))[0], HasSubstr("subscribed"));
  expect_solvent(second);
}

// One request that was allowed cost so much that the refusal of the next ended the connection.
TEST_F(PriceOfPatterns, OfOneRequestIsASecondsRequestsAtMost) {
  options_.limits.requests_per_s = 1;
  TestClient& client = connect();
  EXPECT_THAT(ask_for(client, many("ticker"))[0], HasSubstr("subscribed"));
  expect_broke(client);
  EXPECT_EQ(client.socket.close_code(), 0);
  wait(4s);
  expect_solvent(client);
}

TEST_F(ClientLimits, ReadNothingMoreWhileOutputIsBlocked) {
  given({"k:A"});
  TestClient& client = connect();
  client.socket.take_only(0);
  // A client that pipelines and does not read: what is handed over is what reading was not paused
  // for.
  int handed = 0;
  for (int request = 0; request < 10'000 && !client.socket.paused(); ++request) {
    send(client, R"({"op":"subscribe","symbols":["k:A"],"interval_ms":0})");
    ++handed;
  }
  EXPECT_EQ(handed, 1);
  EXPECT_EQ(hub().stats().held.value(), static_cast<std::int64_t>(client.socket.held()));
}

TEST_F(ClientLimits, AnswerEveryPipelinedRequestOfASlowClientOnceAndInOrder) {
  options_.limits.requests_per_s = 0;
  given({"k:A"});
  TestClient& client = connect();
  std::vector<std::string> frames;
  int sent = 0;
  while (sent < 1'000) {
    client.socket.drain(1);
    tell_writable(client);
    while (!client.socket.paused() && sent < 1'000) {
      send(client, R"({"op":"subscribe","id":)" + std::to_string(sent++) +
                       R"(,"symbols":["k:A"],"interval_ms":0})");
    }
    for (auto& frame : client.socket.take_received()) {
      frames.push_back(std::move(frame));
    }
  }
  for (int round = 0; round < 10; ++round) {
    drain(client);
  }
  for (auto& frame : client.socket.take_received()) {
    frames.push_back(std::move(frame));
  }
  ASSERT_THAT(frames, SizeIs(2'000));
  for (std::size_t request = 0; request < 1'000; ++request) {
    EXPECT_THAT(frames[2 * request],
                HasSubstr(R"("type":"subscribed","id":)" + std::to_string(request) + ","));
    EXPECT_THAT(frames[2 * request + 1], HasSubstr(R"("type":"snapshot")"));
  }
}

TEST_F(ClientLimits, HoldOneReplyThatTheSocketRefused) {
  TestClient& client = connect();
  client.socket.take_only(0, Answer::kBlocked);
  EXPECT_THAT(ask_for(client, R"({"op":"ping","id":7})"), IsEmpty());
  EXPECT_TRUE(client.socket.paused());
  drain(client);
  EXPECT_THAT(client.socket.take_received(), ElementsAre(HasSubstr(R"("type":"pong","id":7)")));
  EXPECT_FALSE(client.socket.paused());
}

TEST_F(ClientLimits, EndAConnectionThatDeliversThoughItWasToldNotTo) {
  TestClient& client = connect();
  client.socket.take_only(0);
  send(client, R"({"op":"ping","id":1})");  // its reply is kept
  send(client, R"({"op":"ping","id":2})");  // held
  send(client, R"({"op":"ping","id":3})");
  EXPECT_EQ(client.socket.close_code(), 4001);
}

TEST_F(ClientLimits, TellWhatIsWrongWithARequestAndGoOn) {
  TestClient& client = connect();
  EXPECT_THAT(ask_for(client, "{"), ElementsAre(HasSubstr(R"("code":"bad_request")")));
  EXPECT_THAT(ask_for(client, R"({"op":"buy","id":1})"),
              ElementsAre(HasSubstr(R"("id":1,"code":"unknown_op")")));
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","id":2,"symbols":["x:Y"]})"),
              ElementsAre(HasSubstr(R"("id":2,"code":"unknown_symbol")")));
  EXPECT_THAT(ask_for(client, R"({"op":"unsubscribe","id":3,"symbols":["x:Y"]})"),
              ElementsAre(HasSubstr(R"("id":3,"code":"not_subscribed")")));
  EXPECT_THAT(ask_for(client, R"({"op":"auth","id":4,"token":"t"})"),
              ElementsAre(HasSubstr(R"("type":"authenticated","id":4)")));
  EXPECT_EQ(client.socket.close_code(), 0);
}

}  // namespace
}  // namespace ticker::hub
