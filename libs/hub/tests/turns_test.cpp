// When lanes have their turn.
#include <ticker/hub/hub.hpp>

#include <map>

#include <gmock/gmock.h>

#include "hub_fixture.hpp"

namespace ticker::hub {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Pair;
using ::testing::SizeIs;
using namespace std::chrono_literals;

class Turns : public HubFixture {
 protected:
  // How many clients were served, by the millisecond, in one interval.
  std::map<std::int64_t, int> served_within(std::chrono::milliseconds interval) {
    std::map<std::int64_t, int> served;
    for (std::int64_t at = 0; at < interval.count(); ++at) {
      wait(1ms);
      for (const auto& client : clients_) {
        if (!client->socket.take_received().empty()) {
          ++served[at];
        }
      }
    }
    return served;
  }
};

TEST_F(Turns, OfOneIntervalFallTogetherInSlotsSpreadOverIt) {
  given({"k:A"});
  bid("k:A", "0");  // the end of its staleness would be urgent
  for (std::uint64_t number = 0; number < 200; ++number) {
    ask_for(connect(number),
            R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":100})");
  }
  wait(1s + 500us);
  bid("k:A", "1");
  publish();

  const auto served = served_within(100ms);

  EXPECT_THAT(served, SizeIs(20));
  EXPECT_THAT(served, Each(Pair(_, AllOf(Gt(5), Le(15)))));
}

TEST_F(Turns, OfAShortIntervalAreSpreadOverItToo) {
  given({"k:A"});
  bid("k:A", "0");  // the end of its staleness would be urgent
  for (std::uint64_t number = 0; number < 80; ++number) {
    ask_for(connect(number),
            R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":10})");
  }
  wait(1s + 500us);
  bid("k:A", "1");
  publish();

  EXPECT_THAT(served_within(10ms), SizeIs(10));
}

TEST_F(Turns, ComeOnTheGridWhileThereAreManyChangesAndEndWithThem) {
  given({"k:A"});
  bid("k:A", "0");
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":100})");
  wait(1s);
  client.socket.take_received();

  for (int change = 1; change <= 40; ++change) {
    bid("k:A", std::to_string(change));
    publish();
    wait(10ms);
  }
  wait(100ms);
  EXPECT_THAT(client.socket.take_received(), SizeIs(AllOf(Ge(4U), Le(5U))));

  wait(1s);
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
  bid("k:A", "41");
  publish();
  wait(100ms);
  EXPECT_THAT(client.socket.take_received(), ElementsAre(HasSubstr(R"("bid":"41")")));
}

TEST_F(Turns, NobodyWithAnIntervalWantsChangesAtOnce) {
  given({"k:A"});
  TestClient& client = connect();
  EXPECT_FALSE(hub().wants_changes_at_once());

  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"interval_ms":100})");
  EXPECT_FALSE(hub().wants_changes_at_once());
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"lane":"now","interval_ms":0})");
  EXPECT_TRUE(hub().wants_changes_at_once());
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"lane":"now","interval_ms":50})");
  EXPECT_FALSE(hub().wants_changes_at_once());
}

TEST_F(Turns, HaveTheLeastIntervalOfAllWhoAreServed) {
  given({"k:A"});
  TestClient& one = connect();
  TestClient& other = connect();
  EXPECT_EQ(hub().least_interval(), std::nullopt);

  ask_for(one, R"({"op":"subscribe","symbols":["k:A"],"interval_ms":100})");
  EXPECT_EQ(hub().least_interval(), 100ms);
  ask_for(other, R"({"op":"subscribe","symbols":["k:A"],"interval_ms":40})");
  ask_for(other, R"({"op":"subscribe","symbols":["k:A"],"lane":"slow","interval_ms":500})");
  EXPECT_EQ(hub().least_interval(), 100ms);
  ask_for(other, R"({"op":"subscribe","symbols":["k:A"],"interval_ms":40})");
  EXPECT_EQ(hub().least_interval(), 40ms);
  close(other);
  EXPECT_EQ(hub().least_interval(), 100ms);
  ask_for(one, R"({"op":"unsubscribe","all":true})");
  EXPECT_EQ(hub().least_interval(), std::nullopt);
}

TEST_F(Turns, AChangeIsAwaitedWhileALaneHasNothingToGet) {
  given({"k:A"});
  bid("k:A", "0");  // the end of its staleness would be urgent
  publish();
  TestClient& client = connect();
  EXPECT_FALSE(hub().awaits_change());
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"interval_ms":100})");
  EXPECT_TRUE(hub().awaits_change());

  bid("k:A", "1");
  publish();

  EXPECT_FALSE(hub().awaits_change());
  wait(100ms);
  EXPECT_TRUE(hub().awaits_change());
}

TEST_F(Turns, TradesAndStatusAreWantedAtOnceUntilTheyEnd) {
  given({"k:A"});
  TestClient& client = connect();
  for (const std::string channel : {"trades", "status"}) {
    const std::string what = R"(,"channel":")" + channel + R"(","symbols":["*"]})";
    ask_for(client, R"({"op":"subscribe")" + what);
    EXPECT_TRUE(hub().wants_changes_at_once());
    ask_for(client, R"({"op":"unsubscribe")" + what);
    EXPECT_FALSE(hub().wants_changes_at_once());
  }
}

TEST_F(Turns, WhoLeavesWantsNothingAtOnceAnyMore) {
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"interval_ms":0})");
  EXPECT_TRUE(hub().wants_changes_at_once());

  close(client);

  EXPECT_FALSE(hub().wants_changes_at_once());
}

TEST_F(Turns, AVersionThatIsWaitedForIsWantedAtOnce) {
  given({"k:A"});
  TestClient& client = connect();

  ask_for(
      client,
      R"({"op":"subscribe","symbols":["k:A"],"interval_ms":100,"since":{"epoch":"e1","version":9}})");
  EXPECT_TRUE(hub().wants_changes_at_once());

  wait(options_.since_wait);
  EXPECT_FALSE(hub().wants_changes_at_once());
}

TEST_F(Turns, OfBatchesThatWaitedTogetherComesOneFrame) {
  given({"k:A", "k:B"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:*"],"fields":["bid"],"interval_ms":0})");
  bid("k:A", "1");
  publish_first();
  bid("k:B", "7");
  publish_first();
  bid("k:A", "2");
  publish_first();
  EXPECT_THAT(client.socket.take_received(), IsEmpty());

  hub().serve(now_);

  const auto frames = client.socket.take_received();
  ASSERT_THAT(frames, SizeIs(1));
  EXPECT_THAT(frames[0], AllOf(HasSubstr(R"("symbol":"k:A","bid":"2")"),
                               HasSubstr(R"("symbol":"k:B","bid":"7")")));
}

}  // namespace
}  // namespace ticker::hub
