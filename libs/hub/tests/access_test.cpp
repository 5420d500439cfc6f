// Who may see what, and until when.
#include <ticker/hub/access.hpp>

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

TEST_F(Tokens, GiveNothingBeforeOneIsShown) {
  hub();
  clients_.push_back(std::make_unique<TestClient>(sockets_));
  TestClient& client = *clients_.back();
  protocol::Subscribe first;
  first.symbols = {"*"};
  client.session = hub().open(client.socket, {1, first, nullptr, std::nullopt}, now_);

  EXPECT_THAT(client.socket.take_received(), ElementsAre(HasSubstr(R"("auth":"required")"),
                                                         HasSubstr(R"("code":"unauthorised")")));
  for (const auto* request : {R"({"op":"subscribe","id":1,"symbols":["*"]})",
                              R"({"op":"subscribe","id":1,"channel":"status"})",
                              R"({"op":"unsubscribe","id":1,"all":true})"}) {
    EXPECT_THAT(
        ask_for(client, request),
        ElementsAre(
            R"({"type":"error","id":1,"code":"unauthorised","message":"a token is required: send auth first"})"));
  }
  EXPECT_THAT(ask_for(client, R"({"op":"ping","id":1})"), ElementsAre(HasSubstr("pong")));
  bid("k:A", "1");
  publish();
  wait(5s);
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
}

TEST_F(Tokens, MustBeShownInTime) {
  TestClient& late = connect();
  TestClient& good = with(only("*"));
  wait(9'999ms);
  EXPECT_EQ(late.socket.close_code(), 0);
  wait(1ms);
  EXPECT_EQ(late.socket.close_code(), 4500);
  EXPECT_EQ(good.socket.close_code(), 0);
}

TEST_F(Tokens, MustBeShownWithinSoManyBytes) {
  TestClient& client = connect();
  const std::string request = R"({"op":"ping","x":")" + std::string(4'000, 'x') + "\"}";
  send(client, request);
  send(client, request);
  EXPECT_EQ(client.socket.close_code(), 0);
  send(client, request);
  EXPECT_EQ(client.socket.close_code(), 4500);
  TestClient& good = with(only("*"));
  for (int i = 0; i < 3; ++i) {
    send(good, request);
  }
  EXPECT_EQ(good.socket.close_code(), 0);
}

TEST_F(Tokens, OpenTheConnectionForAsLongAsTheyLast) {
  TestClient& client = connect();
  client.socket.tokens["good"] = Grant{only("k:*"), now_ + 1h};
  EXPECT_THAT(
      ask_for(client, R"({"op":"auth","id":7,"token":"bad"})"),
      ElementsAre(
          R"({"type":"error","id":7,"code":"unauthorised","message":"the token's signature is wrong"})"));
  EXPECT_THAT(ask_for(client, R"({"op":"auth","id":8,"token":"good"})"),
              ElementsAre(R"({"type":"authenticated","id":8,"expires_in_ms":3600000})"));
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","symbols":["*"]})")[0],
              HasSubstr(R"("count":2)"));
}

TEST_F(Tokens, OfTheHandshakeAreAnsweredLikeARequestWithoutId) {
  hub();
  clients_.push_back(std::make_unique<TestClient>(sockets_));
  TestClient& client = *clients_.back();
  client.session = hub().open(
      client.socket, {1, std::nullopt, only("k:*", FieldSet::all(), 250ms), now_ + 90s}, now_);
  EXPECT_THAT(
      client.socket.take_received(),
      ElementsAre(AllOf(HasSubstr(R"("auth":"none")"), HasSubstr(R"("min_interval_ms":250)")),
                  R"({"type":"authenticated","expires_in_ms":90000})"));
}

TEST_F(Tokens, WhoseOwnerHasTooManyConnectionsCloseThisOne) {
  TestClient& client = connect();
  client.socket.tokens["good"] = Denial{"enough", Denial::Why::kLimitReached};
  send(client, R"({"op":"auth","token":"good"})");
  EXPECT_EQ(client.socket.close_code(), 4002);
}

TEST_F(Tokens, HideWhatTheyDontNameHoweverItIsAskedFor) {
  TestClient& client = with(only("k:*"));
  const auto frames = ask_for(
      client, R"({"op":"subscribe","symbols":["*","*:A","x:A"],"fields":["bid"],"interval_ms":0})");
  EXPECT_THAT(frames[0],
              AllOf(HasSubstr(R"("count":2)"),
                    HasSubstr(R"("rejected":[{"symbol":"x:A","code":"unknown_symbol"}])")));
  EXPECT_THAT(frames[1], Not(HasSubstr("x:")));
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","symbols":["x:A"],"wait":true})")[0],
              HasSubstr(R"("count":0)"));
  const std::string since = R"("since":{"epoch":"e1","version":0})";
  EXPECT_THAT(
      ask_for(client, R"({"op":"subscribe","channel":"trades","symbols":["*"],)" + since + "}")[0],
      HasSubstr(R"("count":2)"));
  client.socket.take_received();
  bid("x:A", "1");
  add("x:C");
  trade("x:A", "5");
  remove("x:C");
  publish();
  wait(1s);
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
}

TEST_F(Tokens, HideTheFeedsOfWhatTheyDontName) {
  market::FeedStatus status;
  status.state = market::FeedState::kLive;
  status.reason = "left out: x:A";
  for (const char* feed : {"k", "x"}) {
    status.feed = feed;
    market_.set_feed(status);
  }
  publish();
  TestClient& client = with(only("k:*"));
  const auto frames = ask_for(client, R"({"op":"subscribe","channel":"status"})");
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_THAT(frames[0], HasSubstr(R"("count":1)"));
  EXPECT_THAT(frames[1], HasSubstr(R"("feed":"k")"));
  EXPECT_THAT(frames[1], HasSubstr(R"("reason":"")")) << "which names instruments of others";
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","channel":"status","symbols":["x"]})"),
              ElementsAre(HasSubstr("unknown_symbol")));
  status.state = market::FeedState::kDown;
  market_.set_feed(status);
  publish();
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
}

TEST_F(Tokens, LimitFields) {
  TestClient& client = with(only("*", FieldSet(Field::kBid) | Field::kAsk));
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","symbols":["*"]})")[0],
              HasSubstr(R"("fields":["bid","ask"])"));
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","symbols":["*"],"fields":["bid","stale"]})")[0],
              HasSubstr(R"("fields":["bid","stale"])"));
  EXPECT_THAT(
      ask_for(client, R"({"op":"subscribe","id":1,"symbols":["*"],"fields":["bid","last"]})"),
      ElementsAre(
          R"({"type":"error","id":1,"code":"unknown_field","message":"no field \"last\""})"));
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","channel":"trades","symbols":["*"]})"),
              ElementsAre(HasSubstr("unknown_channel")));
}

TEST_F(Tokens, LimitHowOftenALaneIsServed) {
  TestClient& client = with(only("*", FieldSet::all(), 500ms));
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","symbols":["k:A"]})")[0],
              HasSubstr(R"("interval_ms":500)"));
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"interval_ms":0})")[0],
              HasSubstr(R"("interval_ms":500)"));
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"interval_ms":700})")[0],
              HasSubstr(R"("interval_ms":700)"));
}

TEST_F(Tokens, EndTheConnectionWhenTheyRunOutAndSayItBefore) {
  TestClient& client = with(only("*"), now_ + 10min);
  wait(9min - 1ms);
  client.socket.take_received();
  wait(1ms);
  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(R"({"type":"auth_expiring","expires_in_ms":60000})"));
  wait(1min - 1ms);
  EXPECT_EQ(client.socket.close_code(), 0);
  wait(1ms);
  EXPECT_EQ(client.socket.close_code(), 4501);
}

// Else a client that renews at each notice would do nothing else.
TEST_F(Tokens, ThatLiveShortlyAreToldOfHalfWay) {
  TestClient& client = with(only("*"), now_ + 10s);
  wait(4'999ms);
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
  wait(1ms);
  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(R"({"type":"auth_expiring","expires_in_ms":5000})"));
}

TEST_F(Tokens, EndABlockedConnectionToo) {
  TestClient& client = with(only("*"), now_ + 2min);
  client.socket.take_only(0);
  send(client, R"({"op":"ping"})");
  wait(59s);
  client.socket.progress(1);
  wait(59s);
  EXPECT_EQ(client.socket.close_code(), 0);
  wait(2s);
  EXPECT_EQ(client.socket.close_code(), 4501);
}

TEST_F(Tokens, AreRenewedWithoutAnyoneNoticing) {
  TestClient& client = with(only("*"), now_ + 1min);
  ask_for(client, R"({"op":"subscribe","symbols":["k:A"],"fields":["bid"],"interval_ms":0})");
  wait(45s);
  client.socket.take_received();
  show(client, "next", only("*"), now_ + 1h);
  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(R"({"type":"authenticated","id":1,"expires_in_ms":3600000})"));
  wait(1min);
  EXPECT_EQ(client.socket.close_code(), 0);
  client.socket.take_received();
  bid("k:A", "1");
  publish();
  EXPECT_THAT(client.socket.take_received(), ElementsAre(HasSubstr(R"("type":"delta")")));
}

TEST_F(Tokens, RefusedWhileAnotherIsGoodChangeNothing) {
  TestClient& client = with(only("*"), now_ + 1min);
  EXPECT_THAT(ask_for(client, R"({"op":"auth","token":"bad"})"),
              ElementsAre(HasSubstr("unauthorised")));
  EXPECT_THAT(ask_for(client, R"({"op":"subscribe","symbols":["k:A"]})")[0],
              HasSubstr("subscribed"));
  wait(1min);
  EXPECT_EQ(client.socket.close_code(), 4501);
}

TEST_F(Tokens, ThatAllowOthersServeEntriesAnew) {
  bid("k:A", "1");
  bid("x:A", "1");
  publish();
  TestClient& client = with(only("k:*"));
  ask_for(client, R"({"op":"subscribe","symbols":["*"],"fields":["bid","ask"],"interval_ms":0})");
  ask_for(client, R"({"op":"subscribe","channel":"trades","symbols":["*"]})");
  client.socket.take_received();

  show(client, "next", only("x:*", FieldSet(Field::kBid) | market::kLastFields, 100ms));

  const auto frames = client.socket.take_received();
  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_THAT(frames[0], HasSubstr("authenticated"));
  EXPECT_EQ(frames[1], R"({"type":"epoch","epoch":"e1"})");
  EXPECT_THAT(frames[2],
              AllOf(HasSubstr(R"("type":"snapshot")"), HasSubstr("x:A"), Not(HasSubstr("k:"))));
  bid("k:A", "2");
  trade("k:A", "5");
  ask("x:A", "7");
  publish();
  wait(1s);
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
  trade("x:A", "5");
  publish();
  wait(1s);
  EXPECT_THAT(client.socket.take_received(),
              ElementsAre(AllOf(HasSubstr(R"("type":"trades")"), HasSubstr("x:A"))));
  show(client, "less", only("x:*", FieldSet(Field::kBid)));
  client.socket.take_received();
  trade("x:A", "5");
  publish();
  EXPECT_THAT(client.socket.take_received(), IsEmpty());
}

TEST_F(Tokens, OfOthersHaveTagsOfTheirOwnOverHttp) {
  bid("k:A", "1");
  ask("k:A", "2");
  publish();
  const protocol::TickersQuery all{{"*"}, FieldSet::all()};
  const Access everything;
  const auto whole = hub().read_tickers(all, everything);
  const auto some = hub().read_tickers(all, *only("k:*"));
  const auto bids = hub().read_tickers(all, *only("k:*", Field::kBid));
  EXPECT_THAT(*some.text, AllOf(HasSubstr("k:A"), Not(HasSubstr("x:A"))));
  EXPECT_THAT(*bids.text, AllOf(HasSubstr("\"bid\""), Not(HasSubstr("\"ask\""))));
  EXPECT_NE(whole.etag, some.etag);
  EXPECT_NE(some.etag, bids.etag);
  EXPECT_EQ(hub().read_tickers(all, *only("k:*")).etag, some.etag);
  EXPECT_NE(hub().read_symbols().etag, hub().read_symbols(only("k:*")->symbols).etag);
  EXPECT_EQ(hub().count_feed("x", only("k:*")->symbols).symbols, 0U);
}

}  // namespace
}  // namespace ticker::hub
