#include <ticker/hub/hub.hpp>

#include <gmock/gmock.h>

#include "hub_fixture.hpp"
#include "session.hpp"

namespace ticker::hub {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kSubscribe =
    R"({"op":"subscribe","id":1,"channel":"trades","symbols":["k:A"]})";

std::string resume_from(market::Version version) {
  return R"({"op":"subscribe","channel":"trades","symbols":["k:A"],"since":{"epoch":"e1","version":)" +
         std::to_string(version) + "}}";
}

class TradesChannel : public HubFixture {
 protected:
  void trades(int from, int to) {
    for (int number = from; number <= to; ++number) {
      trade("k:A", std::to_string(number));
    }
    publish();
  }
};

TEST_F(TradesChannel, StartsNow) {
  given({"k:A"});
  trade("k:A", "1");
  TestClient& client = connect();
  EXPECT_THAT(
      ask_for(client, kSubscribe),
      ElementsAre(
          R"({"type":"subscribed","id":1,"channel":"trades","epoch":"e1","version":2,"resumed":false,)"
          R"("symbols":["k:A"],"count":1,"rejected":[]})"));
  trade("k:A", "2");
  publish();
  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(
          R"({"type":"trades","version":3,"data":[{"symbol":"k:A","seq":2,"id":"2","price":"2","size":"1",)"
          R"("side":"buy"}]})"));
}

TEST_F(TradesChannel, SendsEveryTradeOfItsSymbolsInOrder) {
  given({"k:A", "k:B"});
  TestClient& client = connect();
  ask_for(client, kSubscribe);
  trade("k:A", "1");
  trade("k:B", "1");
  trade("k:A", "1");
  publish();
  const auto frames = client.socket.take_received();
  ASSERT_THAT(frames, SizeIs(1));
  EXPECT_THAT(frames[0],
              AllOf(HasSubstr(R"("seq":1,)"), HasSubstr(R"("seq":2,)"), Not(HasSubstr("k:B"))));
}

TEST_F(TradesChannel, CutsFramesAtTheirLimit) {
  options_.limits.frame_bytes = 300;
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, kSubscribe);
  trades(1, 10);
  const auto frames = client.socket.take_received();
  EXPECT_GT(frames.size(), 2U);
  for (const auto& frame : frames) {
    EXPECT_LE(frame.size(), 300U);
  }
}

TEST_F(TradesChannel, OfBatchesThatWaitedTogetherNoneIsMissed) {
  options_.trades_ring = 4;
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, kSubscribe);

  for (int number = 1; number <= 20; ++number) {
    trade("k:A", std::to_string(number));
    publish_first();
  }
  hub().serve(now_);

  std::string all;
  for (const auto& frame : client.socket.take_received()) {
    all += frame;
  }
  EXPECT_THAT(all, Not(HasSubstr("gap")));
  for (int number = 1; number <= 20; ++number) {
    EXPECT_THAT(all, HasSubstr(R"("seq":)" + std::to_string(number) + ","));
  }
}

// A flush ends after some frames for each; half a ring may be more.
TEST_F(TradesChannel, OfBatchesThatWaitedTogetherNoneIsMissedThoughFramesAreShort) {
  options_.trades_ring = 200;
  options_.limits.frame_bytes = 300;
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, kSubscribe);

  for (int number = 1; number <= 1'000; ++number) {
    trade("k:A", std::to_string(number));
    publish_first();
  }
  hub().serve(now_);
  wait(std::chrono::milliseconds(10));

  std::string all;
  for (const auto& frame : client.socket.take_received()) {
    all += frame;
  }
  EXPECT_THAT(all, Not(HasSubstr("gap")));
  EXPECT_THAT(all, AllOf(HasSubstr(R"("seq":1,)"), HasSubstr(R"("seq":1000,)")));
}

TEST_F(TradesChannel, TellsASlowClientWhatItMissed) {
  options_.trades_ring = 4;
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, kSubscribe);
  client.socket.take_only(0);
  trades(1, 1);
  for (int number = 2; number <= 10; ++number) {
    trades(number, number);
  }
  drain(client);
  const auto frames = client.socket.take_received();
  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_THAT(frames[0], HasSubstr(R"("seq":1,)"));
  EXPECT_EQ(
      frames[1],
      R"({"type":"gap","channel":"trades","symbol":"k:A","from_seq":2,"missed":5,"source":"client"})");
  EXPECT_THAT(frames[2], AllOf(HasSubstr(R"("seq":7,)"), HasSubstr(R"("seq":10,)")));
}

TEST_F(TradesChannel, TellsOfALossOnTheVenuesSideInItsPlace) {
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, kSubscribe);
  trade("k:A", "1");
  trade("k:A", "2", 17);
  trade("k:A", "3", market::Trade::kUnknownMissed);
  publish();
  const auto frames = client.socket.take_received();
  ASSERT_THAT(frames, SizeIs(5));
  EXPECT_THAT(frames[0], HasSubstr(R"("seq":1,)"));
  EXPECT_EQ(
      frames[1],
      R"({"type":"gap","channel":"trades","symbol":"k:A","from_seq":2,"missed":17,"source":"venue"})");
  EXPECT_THAT(frames[2], HasSubstr(R"("seq":2,)"));
  EXPECT_EQ(
      frames[3],
      R"({"type":"gap","channel":"trades","symbol":"k:A","from_seq":3,"missed":null,"source":"venue"})");
  EXPECT_THAT(frames[4], HasSubstr(R"("seq":3,)"));
}

TEST_F(TradesChannel, ResumesWithWhatWasMissed) {
  given({"k:A"});
  hub();
  trades(1, 3);
  TestClient& client = connect();
  const auto frames = ask_for(client, resume_from(2));
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_THAT(frames[0], HasSubstr(R"("resumed":true)"));
  EXPECT_THAT(frames[1], AllOf(Not(HasSubstr(R"("seq":1,)")), HasSubstr(R"("seq":2,)"),
                               HasSubstr(R"("seq":3,)")));
}

TEST_F(TradesChannel, TellsOfAGapWhereTheRingDoesNotReachBack) {
  options_.trades_ring = 2;
  given({"k:A"});
  hub();
  trades(1, 5);
  TestClient& client = connect();
  const auto frames = ask_for(client, resume_from(2));
  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_THAT(frames[1],
              AllOf(HasSubstr(R"("type":"gap")"), HasSubstr(R"("missed":null,"source":"client")")));
  EXPECT_THAT(frames[2], AllOf(HasSubstr(R"("seq":4,)"), HasSubstr(R"("seq":5,)")));
}

TEST_F(TradesChannel, TellsOfTradesThatTheReplicaLost) {
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, kSubscribe);
  trades(1, 1);
  client.socket.take_received();
  trade("k:A", "2");
  trade("k:A", "3");
  lose();
  hub().replace_state(whole(), now_);
  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(
          R"({"type":"gap","channel":"trades","symbol":"k:A","from_seq":2,"missed":2,"source":"client"})"));
  trades(4, 4);
  EXPECT_THAT(client.socket.take_received(), ElementsAre(HasSubstr(R"("seq":4,)")));
}

TEST_F(TradesChannel, EndsWithItsEntry) {
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, kSubscribe);
  ask_for(client, R"({"op":"unsubscribe","channel":"trades","symbols":["k:A"]})");
  trades(1, 1);
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
}

TEST_F(TradesChannel, SendsTheLastTradesOfAnInstrumentThatIsRemoved) {
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, kSubscribe);
  client.socket.take_only(0);
  trades(1, 1);
  trades(2, 2);
  remove("k:A");
  publish();
  drain(client);
  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(HasSubstr(R"("seq":1,)"), HasSubstr(R"("seq":2,)")));
}

TEST_F(TradesChannel, ResumesOverARemovalAsIfTheSymbolHadStayed) {
  given({"k:A"});
  hub();
  trades(1, 2);
  const auto since = version();
  remove("k:A");
  add("k:A");
  publish();
  trades(3, 3);
  const auto frames = ask_for(connect(), resume_from(since));
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_THAT(frames[1], AllOf(HasSubstr(R"("seq":3,"id":"3")"), Not(HasSubstr(R"("seq":2,)"))));
}

TEST_F(TradesChannel, TellsWhatWasMissedBeforeARemovalToo) {
  options_.trades_ring = 2;
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, kSubscribe);
  client.socket.take_only(0);
  trades(1, 1);
  trades(2, 3);
  remove("k:A");
  publish();
  add("k:A");
  publish();
  trades(4, 6);

  drain(client);

  const auto frames = client.socket.take_received();
  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_THAT(frames[1], HasSubstr(R"("from_seq":2,"missed":3,"source":"client")"));
  EXPECT_THAT(frames[2], AllOf(HasSubstr(R"("seq":5,)"), HasSubstr(R"("seq":6,)")));
}

TEST_F(TradesChannel, TellsWhatWasMissedOfASymbolThatIsGone) {
  options_.trades_ring = 2;
  given({"k:A", "k:B"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","channel":"trades","symbols":["k:*"]})");
  client.socket.take_only(0);
  trades(1, 1);
  trades(2, 3);
  remove("k:A");
  trade("k:B", "1");
  trade("k:B", "2");
  publish();

  drain(client);

  const auto frames = client.socket.take_received();
  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_THAT(frames[1], HasSubstr(R"("symbol":"k:A","from_seq":2,"missed":2,"source":"client")"));
  EXPECT_THAT(frames[2], HasSubstr(R"("symbol":"k:B","seq":1,)"));
}

// The trades that the ring still had followed on those that the client had.
TEST_F(TradesChannel, TellsAReturningClientWhatItMissedOfASymbolThatIsGone) {
  options_.trades_ring = 2;
  given({"k:A", "k:B"});
  hub();
  trades(1, 1);
  const auto since = version();
  trades(2, 3);
  remove("k:A");
  trade("k:B", "1");
  publish();
  const auto frames = ask_for(
      connect(),
      R"({"op":"subscribe","channel":"trades","symbols":["k:*"],"since":{"epoch":"e1","version":)" +
          std::to_string(since) + "}}");
  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_THAT(frames[1], HasSubstr(R"("symbol":"k:A","from_seq":0,"missed":null)"));
  EXPECT_THAT(frames[2], AllOf(HasSubstr(R"("symbol":"k:A","seq":3,)"),
                               HasSubstr(R"("symbol":"k:B","seq":1,)")));
}

// The count goes on above all that were forgotten: no old trade is taken for a new one.
TEST_F(TradesChannel, TellsThatACountIsNotKnownAnyMore) {
  market_options_.removals = 1;
  market_ = market::MarketState("e1", market_options_);
  given({"k:A", "x:B"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","channel":"trades","symbols":["k:*"]})");
  trades(1, 2);
  remove("k:A");
  remove("x:B");
  add("k:A");
  publish();
  client.socket.take_received();
  trades(3, 3);

  EXPECT_THAT(client.socket.take_received(), ElementsAre(HasSubstr(R"("seq":3,)")));
  remove("k:A");
  add("x:B");
  remove("x:B");
  publish();
  client.socket.take_received();
  add("k:A");
  publish();
  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(
          R"({"type":"gap","channel":"trades","symbol":"k:A","from_seq":0,"missed":null,"source":"client"})"));
}

// Trades of an instrument that came after the first request, not sent yet, were skipped.
TEST_F(TradesChannel, LosesNothingWhereAPatternIsAskedForAgain) {
  options_.limits.frame_bytes = 150;  // one trade a frame
  given({"k:A"});
  TestClient& client = connect();
  const auto request = R"({"op":"subscribe","channel":"trades","symbols":["k:*"]})";
  ask_for(client, request);
  add("k:B");
  publish();
  for (int number = 0; number < 20; ++number) {
    trade("k:A", "1");
  }
  trade("k:B", "1");
  publish();
  const std::size_t first = client.socket.take_received().size();
  ASSERT_LT(first, 20U);  // the others wait for the loop's next turn
  const auto frames = ask_for(client, request);
  wait(1ms);
  EXPECT_EQ(first + frames.size() - 1 + client.socket.take_received().size(), 21U);
}

TEST_F(TradesChannel, KnowsNoMoreThanThereIsOnceAllIsSent) {
  given({"k:A"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","channel":"trades","symbols":["k:*"]})");
  for (int round = 0; round < 1'000; ++round) {
    const std::string symbol = "k:" + std::to_string(round);
    add(symbol);
    trade(symbol, "1");
    publish();
    remove(symbol);
    publish();
  }
  EXPECT_LE(client.session->trades->known.size(), 2U);
}

// They went on with the newest, and no gap was told.
TEST_F(TradesChannel, GoesOnWhereAClientIsStartedAnewInItsEpoch) {
  market_options_.removals = 1;
  market_ = market::MarketState("e1", market_options_);
  given({"k:A", "x:B", "x:C"});
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","symbols":["x:*"],"interval_ms":0})");
  ask_for(client, kSubscribe);
  client.socket.take_only(0);
  trades(1, 1);
  trades(2, 2);
  remove("x:B");
  publish();
  remove("x:C");
  publish();

  drain(client);

  const auto frames = client.socket.take_received();
  ASSERT_THAT(frames, SizeIs(4));
  EXPECT_THAT(frames[0], HasSubstr(R"("seq":1,)"));
  EXPECT_THAT(frames[1], HasSubstr(R"({"type":"epoch","epoch":"e1"})"));
  EXPECT_THAT(frames[2], HasSubstr(R"("type":"snapshot")"));
  EXPECT_THAT(frames[3], HasSubstr(R"("seq":2,)"));
}

class StatusChannel : public HubFixture {
 protected:
  void feed(std::string_view name, market::FeedState state) {
    market_.set_feed({std::string(name), "simulator", state, kStart, ""});
  }
};

TEST_F(StatusChannel, TellsTheStateOfFeedsAtOnceAndThenChanges) {
  feed("a", market::FeedState::kLive);
  feed("b", market::FeedState::kConnecting);
  TestClient& client = connect();
  const auto frames = ask_for(client, R"({"op":"subscribe","id":1,"channel":"status"})");
  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_THAT(frames[0], HasSubstr(R"("symbols":["*"],"count":2)"));
  EXPECT_THAT(frames[1],
              HasSubstr(R"({"type":"status","feed":"a","state":"live","since_us":1000000000000)"));
  EXPECT_THAT(frames[2], HasSubstr(R"("feed":"b","state":"connecting")"));
  feed("a", market::FeedState::kStale);
  publish();
  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(HasSubstr(R"("feed":"a","state":"stale")")));
}

TEST_F(StatusChannel, TellsABlockedClientTheNewestStateOnly) {
  feed("a", market::FeedState::kLive);
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","channel":"status","symbols":["a"]})");
  client.socket.take_only(0);
  for (const auto state :
       {market::FeedState::kStale, market::FeedState::kDown, market::FeedState::kConnecting}) {
    feed("a", state);
    publish();
  }
  drain(client);
  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(HasSubstr("stale"), HasSubstr("connecting")));
}

TEST_F(StatusChannel, TellsABlockedClientOfAFeedThatIsGone) {
  feed("a", market::FeedState::kLive);
  feed("b", market::FeedState::kLive);
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","channel":"status"})");
  drain(client);
  client.socket.take_received();
  client.socket.take_only(0);
  feed("a", market::FeedState::kStale);
  feed("b", market::FeedState::kStale);
  publish();
  market_.remove_feed("b");
  publish();

  drain(client);

  EXPECT_THAT(client.socket.take_received(), ElementsAre(HasSubstr(R"("feed":"a","state":"stale")"),
                                                         HasSubstr(R"("reason":"removed")")));
}

// The frames of one flush came to more than the memory that they are put together in.
TEST_F(StatusChannel, TellsAReasonOfAnyLength) {
  options_.limits.frame_bytes = 4'096;
  std::string reason = "refused by the venue:";
  for (int symbol = 0; symbol < 5'000; ++symbol) {
    reason += " SYMBOL" + std::to_string(symbol) + "-USDT";
  }
  feed("a", market::FeedState::kConnecting);
  for (std::uint64_t number = 0; number < 40; ++number) {
    ask_for(connect(number), R"({"op":"subscribe","channel":"status"})");
  }
  market_.set_feed({"a", "simulator", market::FeedState::kLive, kStart, reason});
  publish();
  for (const auto& client : clients_) {
    EXPECT_THAT(client->socket.take_received(), ElementsAre(HasSubstr(reason)));
  }
}

TEST_F(StatusChannel, TellsOfAFeedThatWentWhileTheReplicaWasBehind) {
  feed("a", market::FeedState::kLive);
  feed("b", market::FeedState::kLive);
  TestClient& client = connect();
  ask_for(client, R"({"op":"subscribe","channel":"status"})");
  wait(1ms);
  client.socket.take_received();
  market_.remove_feed("a");
  lose();

  hub().replace_state(whole(), now_);

  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(HasSubstr(R"("feed":"a","state":"down")")));
}

TEST_F(StatusChannel, RejectsAFeedThatThereIsNot) {
  TestClient& client = connect();
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","channel":"status","symbols":["a"]})"),
              ElementsAre(HasSubstr("unknown_symbol")));
}

}  // namespace
}  // namespace ticker::hub
