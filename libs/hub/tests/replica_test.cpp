#include <ticker/hub/hub.hpp>

#include <gmock/gmock.h>

#include "hub_fixture.hpp"

namespace ticker::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kSubscribe =
    R"({"op":"subscribe","symbols":["k:*"],"fields":["bid"],"interval_ms":0})";

std::string resume_from(market::Version version, std::string_view epoch = "e1") {
  return R"({"op":"subscribe","symbols":["k:*"],"fields":["bid"],"interval_ms":0,"since":{"epoch":")" +
         std::string(epoch) + R"(","version":)" + std::to_string(version) + "}}";
}

class Replica : public HubFixture {};

TEST_F(Replica, RefusesABatchThatDoesNotFollow) {
  given({"k:A"});
  bid("k:A", "1");
  hub();
  bid("k:A", "2");
  lose();
  bid("k:A", "3");
  batches_.push_back(market_.take_batch());
  EXPECT_EQ(hub().apply(batches_.back(), now_), market::MarketState::ApplyResult::kGap);
}

TEST_F(Replica, CatchesUpWithoutAClientSeeingADifference) {
  given({"k:A", "k:B"});
  TestClient& client = connect();
  ask_for(client, kSubscribe);
  bid("k:A", "1");
  remove("k:B");
  add("k:C");
  lose();
  hub().replace_state(whole(), now_);
  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(
          R"({"type":"delta","lane":"","version":5,"data":[{"symbol":"k:A","bid":"1","stale":false},)"
          R"({"symbol":"k:B","removed":true},{"symbol":"k:C","new":true,"stale":true}]})"));
  bid("k:C", "2");
  publish();
  EXPECT_THAT(client.socket.take_received(), ElementsAre(HasSubstr(R"("symbol":"k:C","bid":"2")")));
  EXPECT_EQ(hub().stats().resyncs.value(), 1U);
}

TEST_F(Replica, StartsEveryClientAnewWithAnotherEpoch) {
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, kSubscribe);
  market::MarketState other("e2");
  other.add({"k:Z", "k", "", "", ""});
  other.take_batch();
  hub().replace_state(std::move(other), now_);
  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(
          R"({"type":"epoch","epoch":"e2"})",
          R"({"type":"snapshot","lane":"","version":1,"data":[{"symbol":"k:Z","stale":true}]})"));
}

// As long as the new epoch's versions were below that of the last urgent change of the old one, it came
// at the end of the interval.
TEST_F(Replica, HurriesWithTheEndOfStalenessInAnotherEpochToo) {
  given({"k:A", "k:B", "k:C", "k:D"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["k:*"],"fields":["bid"],"interval_ms":1000})");
  bid("k:A", "1");
  publish();
  EXPECT_THAT(client.socket.take_received(), SizeIs(1));
  market::MarketState other("e2");
  market::MarketState replica("e2");
  market::Update update;
  update.instrument = other.add({"k:Z", "k", "", "", ""});
  update.values.set(market::Field::kBid, *market::Decimal::from_text("1"));
  ASSERT_EQ(replica.apply(other.take_batch()), market::MarketState::ApplyResult::kApplied);
  hub().replace_state(std::move(replica), now_);
  client.socket.take_received();

  other.apply(update);
  ASSERT_EQ(hub().apply(other.take_batch(), now_), market::MarketState::ApplyResult::kApplied);

  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(HasSubstr(R"("bid":"1","stale":false)")));
}

TEST_F(Replica, LetsSinceWaitForAVersionNotReachedYet) {
  given({"k:A"});
  TestClient& client = connect();
  EXPECT_THAT(ask_for(client, resume_from(2)), IsEmpty());
  EXPECT_TRUE(client.socket.paused());
  wait(500ms);
  bid("k:A", "1");
  publish();
  const auto frames = client.socket.take_received();
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_THAT(frames[0], HasSubstr(R"("resumed":true)"));
  EXPECT_EQ(frames[1], R"({"type":"delta","lane":"","version":2,"data":[]})");
  EXPECT_FALSE(client.socket.paused());
}

TEST_F(Replica, AnswersSinceWithASnapshotAfterASecondOfWaiting) {
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, resume_from(2));
  wait(999ms);
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
  wait(2ms);
  const auto frames = client.socket.take_received();
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_THAT(frames[0], HasSubstr(R"("resumed":false)"));
  EXPECT_THAT(frames[1], StartsWith(R"({"type":"snapshot")"));
}

// It was deaf from then on.
TEST_F(Replica, ReadsOnAfterASinceThatWaitedWasRefused) {
  given({"k:A"});
  const std::string refused = R"({"op":"subscribe","symbols":["x:Y"],"since":{"epoch":"e1","version":)" +
                              std::to_string(version() + 1) + "}}";
  TestClient& timed_out = connect(1);
  EXPECT_THAT(ask_for(timed_out, refused), IsEmpty());
  EXPECT_TRUE(timed_out.socket.paused());
  wait(1s);
  EXPECT_THAT(timed_out.socket.take_received(), ElementsAre(HasSubstr("unknown_symbol")));
  EXPECT_FALSE(timed_out.socket.paused());

  TestClient& served = connect(2);
  EXPECT_THAT(ask_for(served, refused), IsEmpty());
  bid("k:A", "1");
  publish();
  EXPECT_THAT(served.socket.take_received(), ElementsAre(HasSubstr("unknown_symbol")));
  EXPECT_FALSE(served.socket.paused());
  EXPECT_THAT(ask_for(served, R"({"op":"ping"})"), ElementsAre(HasSubstr("pong")));
}

TEST_F(Replica, TellsAReturningClientWhatWasRemovedMeanwhile) {
  given({"k:A", "k:B"});
  hub();
  remove("k:A");
  publish();
  TestClient& client = connect();
  EXPECT_EQ(ask_for(client, resume_from(2))[1],
            R"({"type":"delta","lane":"","version":3,"data":[{"symbol":"k:A","removed":true}]})");
}

TEST_F(Replica, AnswersWithASnapshotWhereRemovalsWereForgotten) {
  market_options_.removals = 1;
  market_ = market::MarketState("e1", market_options_);
  given({"k:A", "k:B", "k:C"});
  hub();
  remove("k:A");
  remove("k:B");
  publish();
  EXPECT_EQ(hub().stats().removals_forgotten.value(), 1U);
  TestClient& client = connect();
  EXPECT_THAT(ask_for(client, resume_from(3))[0], HasSubstr(R"("resumed":false)"));
  TestClient& younger = connect();
  EXPECT_THAT(ask_for(younger, resume_from(4))[0], HasSubstr(R"("resumed":true)"));
}

TEST_F(Replica, StartsAClientAnewThatWasBlockedForLongerThanRemovalsAreRemembered) {
  market_options_.removals = 1;
  market_ = market::MarketState("e1", market_options_);
  given({"k:A", "k:B", "k:C"});
  TestClient& client = connect();
  ask_for(client, kSubscribe);
  client.socket.take_only(0);
  bid("k:C", "1");
  publish();
  remove("k:A");
  remove("k:B");
  publish();
  drain(client);
  const auto frames = client.socket.take_received();
  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_EQ(frames[1], R"({"type":"epoch","epoch":"e1"})");
  EXPECT_EQ(
      frames[2],
      R"({"type":"snapshot","lane":"","version":6,"data":[{"symbol":"k:C","bid":"1","stale":false}]})");
}

TEST_F(Replica, ServesTheSameInputsToTheByte) {
  const auto frames_of = [](std::uint64_t number) {
    class Run : public HubFixture {
     public:
      void TestBody() override {}
      std::vector<std::string> frames(std::uint64_t client_number) {
        given({"k:A", "k:B"});
        TestClient& client = arrive(client_number);
        send(client, R"({"op":"subscribe","symbols":["k:*"],"interval_ms":70})");
        for (int change = 0; change < 50; ++change) {
          bid(change % 3 == 0 ? "k:B" : "k:A", std::to_string(change));
          trade("k:A", std::to_string(change));
          publish();
          wait(13ms);
        }
        return client.socket.take_received();
      }
    } run;
    return run.frames(number);
  };
  EXPECT_EQ(frames_of(7), frames_of(7));
  EXPECT_NE(frames_of(7), frames_of(8));
}

}  // namespace
}  // namespace ticker::hub
