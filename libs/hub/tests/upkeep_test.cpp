#include <ticker/hub/hub.hpp>

#include <gmock/gmock.h>

#include "hub_fixture.hpp"

namespace ticker::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Upkeep : public HubFixture {};

TEST_F(Upkeep, SendsAHeartbeatWhenNothingElseWasSent) {
  TestClient& client = connect();
  wait(14'990ms);
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
  wait(20ms);
  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(R"({"type":"heartbeat","time_us":1000015000000})"));
}

// The second came after thirty seconds, and so did every one after it.
TEST_F(Upkeep, GoesOnWithAHeartbeatEveryInterval) {
  TestClient& client = connect();
  for (int interval = 0; interval < 10; ++interval) {
    wait(15'010ms);
    hub().on_control(client.session, now_);
    EXPECT_THAT(client.socket.take_received(), SizeIs(1));
  }
}

// It came when no_progress was looked at again, half a minute after the last frame.
TEST_F(Upkeep, SendsAHeartbeatInTimeAfterTheSocketWasBlocked) {
  options_.no_progress = 600s;
  given({"k:A"});
  TestClient& client = connect();
  client.socket.take_only(0);
  send(client, R"({"op":"subscribe","symbols":["k:A"]})");
  wait(1s);
  drain(client);
  client.socket.take_received();
  wait(15'010ms);
  EXPECT_THAT(client.socket.take_received(), ElementsAre(HasSubstr("heartbeat")));
}

TEST_F(Upkeep, SendsNoHeartbeatWhereDataFlows) {
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":0})");
  for (int second = 0; second < 40; ++second) {
    bid("k:A", std::to_string(second + 1));
    publish();
    hub().on_control(client.session, now_);
    wait(1s);
  }
  EXPECT_THAT(client.socket.take_received(), SizeIs(40));
}

TEST_F(Upkeep, PingsASilentClientAndThenCutsIt) {
  TestClient& client = connect();
  wait(31s);
  EXPECT_EQ(client.socket.pings(), 1U);
  EXPECT_EQ(client.socket.close_code(), 0);
  wait(30s);
  EXPECT_EQ(client.socket.close_code(), 4003);
}

TEST_F(Upkeep, KeepsAClientThatAnswersPings) {
  TestClient& client = connect();
  for (int round = 0; round < 10; ++round) {
    wait(31s);
    hub().on_control(client.session, now_);
  }
  EXPECT_EQ(client.socket.close_code(), 0);
  EXPECT_EQ(client.socket.pings(), 10U);
}

// A long request over a thin line: no message comes for minutes, but bytes do.
TEST_F(Upkeep, KeepsAClientWhoseMessageIsStillComing) {
  TestClient& client = connect();
  for (int part = 0; part < 20; ++part) {
    wait(20s);
    client.socket.receive(1);
  }
  EXPECT_EQ(client.socket.close_code(), 0);
  wait(91s);  // that it fell silent shows when it is looked at, a half silent_ms later at most
  EXPECT_EQ(client.socket.close_code(), 4003);
}

TEST_F(Upkeep, CutsASocketThatTookNotOneByte) {
  given({"k:A"});
  TestClient& client = connect();
  client.socket.take_only(0);
  send(client, R"({"op":"subscribe","symbols":["k:A"]})");
  wait(59s);
  EXPECT_EQ(client.socket.close_code(), 0);
  wait(2s);
  EXPECT_EQ(client.socket.close_code(), 4000);
}

TEST_F(Upkeep, NeverCutsASlowReaderWhoseSocketMoves) {
  given({"k:A"});
  TestClient& client = connect();
  client.socket.take_only(0);
  send(client, R"({"op":"subscribe","symbols":["k:A"]})");
  for (int minute = 0; minute < 30; ++minute) {
    wait(50s);
    client.socket.progress(1);
  }
  EXPECT_EQ(client.socket.close_code(), 0);
}

TEST_F(Upkeep, DoesNotHoldSilenceAgainstAClientThatIsNotRead) {
  options_.no_progress = 600s;
  given({"k:A"});
  TestClient& client = connect();
  client.socket.take_only(0);
  send(client, R"({"op":"subscribe","symbols":["k:A"]})");
  wait(300s);
  EXPECT_EQ(client.socket.close_code(), 0);
}

TEST_F(Upkeep, SendsEveryoneAwayInWaves) {
  for (std::uint64_t number = 0; number < 10; ++number) {
    connect(number);
  }
  hub().drain(now_, now_ + 2s);
  const auto away = [&] {
    return std::count_if(clients_.begin(), clients_.end(),
                         [](const auto& client) { return client->socket.close_code() == 1012; });
  };
  EXPECT_EQ(away(), 1);
  wait(1s);
  EXPECT_GE(away(), 5);
  EXPECT_LE(away(), 6);
  wait(1s);
  EXPECT_EQ(away(), 10);
  for (const auto& client : clients_) {
    EXPECT_THAT(
        client->socket.received(),
        ElementsAre(HasSubstr(R"({"type":"goodbye","reason":"restart","reconnect_in_ms":)")));
  }
}

TEST_F(Upkeep, SendsWhoComesWhileDrainingAway) {
  hub().drain(now_, now_ + 2s);
  TestClient& client = arrive();
  EXPECT_EQ(client.socket.close_code(), 1012);
}

TEST_F(Upkeep, CountsTheWayOfAChangeFromWhenItWasPublished) {
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":0})");
  bid("k:A", "1");
  auto batch = market_.take_batch();
  batch.published = now_ - 7ms;
  const auto before = hub().stats().publish_to_write.read().sum;
  EXPECT_EQ(hub().apply(batch, now_), market::MarketState::ApplyResult::kApplied);
  EXPECT_EQ(hub().stats().publish_to_write.read().sum - before, 7ms);
}

TEST_F(Upkeep, CountsHowConnectionsEnded) {
  TestClient& client = connect();
  wait(61s);
  hub().on_closed(client.session, client.socket.close_code());
  std::uint64_t silent = 0;
  for (std::size_t code = 0; code < protocol::kCloseCodes.size(); ++code) {
    if (protocol::kCloseCodes[code].name == "silent") {
      silent = hub().stats().closed[code].value();
    }
  }
  EXPECT_EQ(silent, 1U);
  EXPECT_EQ(hub().stats().connections.value(), 0);
}

}  // namespace
}  // namespace ticker::hub
