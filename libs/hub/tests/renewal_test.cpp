// Tokens that follow others on an open connection, and what they leave as it was.
#include <gmock/gmock.h>

#include "tokens_fixture.hpp"

namespace ticker::hub {
namespace {

using market::Field;
using market::FieldSet;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Renewal : public Tokens {
 protected:
  // What a client is served once both fields have changed.
  std::vector<std::string> after_a_change(TestClient& client) {
    bid("k:A", std::to_string(++price_));
    ask("k:A", std::to_string(++price_));
    publish();
    return client.socket.take_received();
  }
  int price_ = 0;
};

TEST_F(Renewal, GivesBackTheFieldsAndIntervalThatWereAskedFor) {
  TestClient& client = with(only("*"));
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"fields":["bid","ask"],"interval_ms":0})");
  after_a_change(client);  // from now on it is not stale
  show(client, "narrow", only("*", Field::kBid, 200ms));
  wait(1'010ms);  // between two points of the grid
  client.socket.take_received();
  EXPECT_THAT(after_a_change(client), IsEmpty());
  wait(200ms);
  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(AllOf(HasSubstr("\"bid\""), Not(HasSubstr("\"ask\"")))));

  show(client, "wide", only("*"));

  client.socket.take_received();
  EXPECT_THAT(after_a_change(client),
              ElementsAre(AllOf(HasSubstr("\"bid\""), HasSubstr("\"ask\""))));
}

TEST_F(Renewal, GivesAllFieldsToWhoAskedForNone) {
  TestClient& client = with(only("*", Field::kBid));
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"interval_ms":0})")[0],
              HasSubstr(R"("fields":["bid"])"));

  show(client, "wide", only("*"));

  client.socket.take_received();
  EXPECT_THAT(after_a_change(client),
              ElementsAre(AllOf(HasSubstr("\"bid\""), HasSubstr("\"ask\""))));
}

TEST_F(Renewal, GivesBackTheTradesThatATokenInBetweenHid) {
  TestClient& client = with(only("*"));
  ask_for(client, R"({"op":"subscribe","channel":"trades","symbols":["k:*"]})");
  show(client, "narrow", only("*", Field::kBid));
  client.socket.take_received();
  trade("k:A", "5");
  publish();
  EXPECT_THAT(client.socket.take_received(), IsEmpty());

  show(client, "wide", only("*"));

  client.socket.take_received();
  trade("k:A", "6");
  publish();
  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(AllOf(HasSubstr(R"("type":"trades")"), HasSubstr(R"("price":"6")"),
                                Not(HasSubstr(R"("price":"5")")))));
}

// A script that asks for a snapshot again and again would have the market as it is at any time.
TEST_F(Tokens, WithALeastIntervalLimitSubscriptionsToo) {
  constexpr const char* kAgain = R"({"op":"subscribe","symbols":["k:A"]})";
  TestClient& client = with(only("*", FieldSet::all(), 500ms));
  for (int i = 0; i < 8; ++i) {
    EXPECT_THAT(ask_for(client, kAgain), SizeIs(2));
  }
  EXPECT_THAT(ask_for(client, kAgain),
              ElementsAre(AllOf(HasSubstr("rate_limited"), HasSubstr("one every 500 ms"))));
  EXPECT_THAT(ask_for(client, R"({"op":"unsubscribe","all":true})"),
              ElementsAre(HasSubstr("unsubscribed")));
  EXPECT_THAT(ask_for(client, kAgain), ElementsAre(HasSubstr("rate_limited")));
  wait(500ms);
  EXPECT_THAT(ask_for(client, kAgain), SizeIs(2));
  EXPECT_THAT(ask_for(client, kAgain), ElementsAre(HasSubstr("rate_limited")));

  show(client, "free", only("*"));
  client.socket.take_received();
  EXPECT_THAT(ask_for(client, kAgain), SizeIs(2));
}

// Each unsubscribe would give all of the other lane a turn out of its time.
TEST_F(Tokens, WithALeastIntervalHoldForWhatFallsBackToo) {
  bid("k:A", "0");
  bid("k:B", "0");
  TestClient& client = with(only("*", FieldSet::all(), 500ms));
  ask_for(client, R"({"op":"subscribe","symbols":["k:*"],"lane":"list"})");
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"lane":"focus"})");
  wait(1'010ms);  // between two points of the grid
  bid("k:A", "1");
  bid("k:B", "2");
  publish();

  EXPECT_THAT(ask_for(client, R"({"op":"unsubscribe","lane":"focus"})"),
              ElementsAre(HasSubstr("unsubscribed")));

  wait(500ms);
  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(AllOf(HasSubstr(R"("lane":"list")"), HasSubstr(R"("bid":"1")"),
                                HasSubstr(R"("bid":"2")"))));
}

// In a replay that is paused there is no next turn.
TEST_F(Tokens, WithoutALeastIntervalGiveWhatFallsBackAtOnce) {
  bid("k:A", "0");
  TestClient& client = with(only("*"));
  ask_for(client, R"({"op":"subscribe","symbols":["k:*"],"lane":"list"})");
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"lane":"focus"})");
  wait(1'010ms);
  bid("k:A", "1");
  publish();

  EXPECT_THAT(ask_for(client, R"({"op":"unsubscribe","lane":"focus"})"),
              ElementsAre(HasSubstr("unsubscribed"), AllOf(HasSubstr(R"("lane":"list")"), HasSubstr(R"("bid":"1")"))));
}

// Two good tokens shown in turn would have the market as it is at any time.
TEST_F(Tokens, WithALeastIntervalLimitHowOftenTheyChange) {
  TestClient& client = with(only("k:*", FieldSet::all(), 500ms));
  ask_for(client, R"({"op":"subscribe","symbols":["*"]})");
  for (int i = 1; i < 8; ++i) {
    show(client, "other", only(i % 2 == 0 ? "k:*" : "x:*", FieldSet::all(), 500ms));
    EXPECT_THAT(client.socket.take_received(),
                ElementsAre(HasSubstr("authenticated"), HasSubstr("epoch"), HasSubstr("snapshot")));
  }
  show(client, "same", only("x:*", FieldSet::all(), 500ms), now_ + 1h);
  EXPECT_THAT(client.socket.take_received(), ElementsAre(HasSubstr("authenticated")));
  wait(500ms);
  show(client, "other", only("k:*", FieldSet::all(), 500ms));
  EXPECT_EQ(client.socket.close_code(), 0);
  client.socket.take_received();

  show(client, "other", only("x:*", FieldSet::all(), 500ms));

  EXPECT_THAT(client.socket.take_received(), IsEmpty());
  EXPECT_EQ(client.socket.close_code(), 4001);
}

// One that allows more must not end the connection, one that allows less not be had for nothing.
TEST_F(Tokens, OfDifferentIntervalsCountByTheLongerOne) {
  const auto slow = only("*", FieldSet::all(), 10s);
  const auto fast = only("k:*", FieldSet::all(), 10ms);
  TestClient& client = with(slow);
  ask_for(client, R"({"op":"subscribe","symbols":["*"]})");
  int changes = 0;
  while (client.socket.close_code() == 0 && changes < 100) {
    show(client, "next", ++changes % 2 == 0 ? slow : fast);
    wait(100ms);
  }
  EXPECT_EQ(client.socket.close_code(), 4001);
  EXPECT_EQ(changes, 16);
}

// Its token is answered while the greeting is still on its way.
TEST_F(Tokens, OfASocketThatIsBlockedFromTheStartCountItOnce) {
  hub();
  clients_.push_back(std::make_unique<TestClient>(sockets_));
  TestClient& client = *clients_.back();
  client.socket.take_only(0);
  client.session = hub().open(client.socket, {1, std::nullopt, only("*"), now_ + 90s}, now_);
  EXPECT_EQ(hub().stats().blocked.value(), 1);

  drain(client);

  EXPECT_EQ(hub().stats().blocked.value(), 0);
  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(HasSubstr("hello"), HasSubstr("authenticated")));
}

}  // namespace
}  // namespace ticker::hub
