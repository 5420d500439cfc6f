// Clients that another hub serves for a while.
#include <ticker/hub/replayer.hpp>

#include "hub_fixture.hpp"

namespace ticker::hub {
namespace {

using protocol::ErrorCode;
using protocol::RequestError;

// Answers as the test says, and remembers what it was asked.
class ScriptedReplayer final : public Replayer {
 public:
  bool offers_replay() const override { return offers; }
  std::optional<protocol::Message> start(const protocol::Replay& request,
                                         const std::shared_ptr<const Access>&) override {
    asked.push_back("replay " + request.recording);
    return reply;
  }
  std::optional<protocol::Message> control(const protocol::ReplayControl&) override {
    asked.emplace_back("control");
    return reply;
  }
  void pass_on(std::string_view text, const protocol::Request&) override { asked.emplace_back(text); }
  void set_access(std::shared_ptr<const Access> access) override {
    asked.push_back("access " + access->key());
  }
  Timestamp time() const override { return from_us(5'000'000); }

  bool offers = true;
  std::optional<protocol::Message> reply;
  std::vector<std::string> asked;
};

class ReplayTest : public HubFixture {
 protected:
  static constexpr std::string_view kStart = R"({"op":"replay","id":1,"recording":"a"})";
  static constexpr std::string_view kPause =
      R"({"op":"replay_control","id":2,"action":"pause"})";

  TestClient& come() {
    hub();
    clients_.push_back(std::make_unique<TestClient>(sockets_));
    TestClient& client = *clients_.back();
    client.socket.replays = &replayer_;
    client.session = hub_->open(client.socket, {}, now_);
    return client;
  }
  TestClient& come_and_subscribe() {
    given({"a:X", "a:Y", "b:Z"});
    TestClient& client = come();
    send(client, R"({"op":"subscribe","symbols":["a:*"],"lane":"l","fields":["bid"],"interval_ms":0})");
    send(client, R"({"op":"subscribe","symbols":["a:Y","b:Z"],"interval_ms":50})");
    client.socket.take_received();
    return client;
  }

  ScriptedReplayer replayer_;
};

TEST_F(ReplayTest, IsOfferedInHelloWhereThereIsOne) {
  EXPECT_NE(come().socket.take_received().front().find(R"("replay":true)"), std::string::npos);
  replayer_.offers = false;
  TestClient& client = come();
  EXPECT_EQ(client.socket.take_received().front().find("replay"), std::string::npos);
  EXPECT_NE(ask_for(client, kStart).front().find("unknown_op"), std::string::npos);
  EXPECT_NE(ask_for(connect(), kStart).front().find("unknown_op"), std::string::npos);
  EXPECT_TRUE(replayer_.asked.empty());
}

TEST_F(ReplayTest, AnswersARequestWhoseAnswerIsThereAtOnce) {
  TestClient& client = come();
  client.socket.take_received();
  replayer_.reply = RequestError{{"1"}, ErrorCode::kTooManyReplays, "full"};

  EXPECT_EQ(ask_for(client, kStart),
            std::vector<std::string>{
                R"({"type":"error","id":1,"code":"too_many_replays","message":"full"})"});

  EXPECT_FALSE(client.socket.paused());
  EXPECT_NE(ask_for(client, kPause).front().find("not_replaying"), std::string::npos);
}

TEST_F(ReplayTest, TakesNoRequestUntilOneIsAnswered) {
  TestClient& client = come();
  client.socket.take_received();
  EXPECT_TRUE(ask_for(client, kStart).empty());
  EXPECT_TRUE(client.socket.paused());

  hub().answer(client.session, RequestError{{"1"}, ErrorCode::kUnknownRecording, "no"}, now_);

  EXPECT_EQ(client.socket.take_received().size(), 1U);
  EXPECT_FALSE(client.socket.paused());
}

TEST_F(ReplayTest, ServesALentClientNothingOfTheMarket) {
  TestClient& client = come_and_subscribe();
  send(client, R"({"op":"subscribe","channel":"trades","symbols":["*"]})");
  send(client, R"({"op":"subscribe","channel":"status"})");
  client.socket.take_received();

  const auto entries = hub().lend(client.session);
  bid("a:X", "1");
  trade("a:X", "1");
  publish();
  market_ = market::MarketState("e2");
  batches_ = {market_.take_batch()};
  hub().replace_state(whole(), now_);
  wait(1s);

  EXPECT_TRUE(client.socket.take_received().empty());
  ASSERT_EQ(entries.size(), 5U);
  EXPECT_EQ(entries[0].symbols, std::vector<std::string>{"a:*"});
  EXPECT_EQ(entries[0].lane, "l");
  EXPECT_EQ(entries[0].fields, market::FieldSet(market::Field::kBid));
  EXPECT_EQ(entries[0].interval_ms, 0U);
  EXPECT_EQ(entries[2].symbols, std::vector<std::string>{"b:Z"});
  EXPECT_EQ(entries[2].interval_ms, 50U);
  EXPECT_EQ(entries[3].channel, protocol::Channel::kTrades);
  EXPECT_EQ(entries[4].channel, protocol::Channel::kStatus);
}

TEST_F(ReplayTest, PassesOnWhatALentClientAsks) {
  TestClient& client = come_and_subscribe();
  hub().lend(client.session);
  constexpr std::string_view kPing = R"({"op":"ping","id":3})";

  send(client, kPing);
  send(client, R"({"op":"unsubscribe","all":true})");
  send(client, kPause);
  EXPECT_NE(ask_for(client, kStart).size(), 1U);  // the control's answer is still to come
  hub().answer(client.session, protocol::Replaying{{"2"}, "e", "a", now_, {}, 0}, now_);

  EXPECT_EQ(client.socket.take_received().front(),
            R"({"type":"replaying","id":2,"epoch":"e","recording":"a","from_us":1000000000000,)"
            R"("to_us":null,"speed":"max"})");
  EXPECT_EQ(replayer_.asked, (std::vector<std::string>{
                                 std::string(kPing), R"({"op":"unsubscribe","all":true})", "control"}));
}

// On the recording's clock they would be as many as its speed allows, and none while it stands.
TEST_F(ReplayTest, HoldsSubscriptionsAgainstTheTokensIntervalInRealTime) {
  given({"a:X"});
  auto access = std::make_shared<Access>();
  access->min_interval = 1s;
  hub();
  TestClient client(sockets_);
  client.socket.replays = &replayer_;
  client.session = hub_->open(client.socket, {1, std::nullopt, access, std::nullopt}, now_);
  hub().lend(client.session);
  client.socket.take_received();
  const auto subscribe = [&](std::string_view channel) {
    send(client, R"({"op":"subscribe","id":2,"symbols":["*"],"channel":")" + std::string(channel) + "\"}");
    return client.socket.take_received();
  };
  for (std::int64_t i = 0; i < Access::kReadsAtOnce; ++i) {
    EXPECT_TRUE(subscribe("ticker").empty());
  }

  const auto refused = subscribe("ticker");
  EXPECT_TRUE(subscribe("trades").empty());
  wait(1s);
  EXPECT_TRUE(subscribe("ticker").empty());

  ASSERT_EQ(refused.size(), 1U);
  EXPECT_NE(refused[0].find("rate_limited"), std::string::npos) << refused[0];
  EXPECT_EQ(replayer_.asked.size(), static_cast<std::size_t>(Access::kReadsAtOnce) + 2);
  hub().on_closed(client.session, 1000);
}

TEST_F(ReplayTest, AdoptsAClientWhoseSubscriptionsAreHeldAgainstItsTokenElsewhere) {
  options_.limits_subscriptions = false;
  auto access = std::make_shared<Access>();
  access->min_interval = 1h;
  given({"a:X"});
  hub();
  TestClient client(sockets_);
  client.session = hub_->open(client.socket, {1, std::nullopt, access, std::nullopt}, now_);
  client.socket.take_received();

  for (std::int64_t i = 0; i < 2 * Access::kReadsAtOnce; ++i) {
    send(client, R"({"op":"subscribe","id":2,"symbols":["*"]})");
  }

  for (const auto& text : client.socket.take_received()) {
    EXPECT_EQ(text.find("rate_limited"), std::string::npos) << text;
  }
  hub().on_closed(client.session, 1000);
}

TEST_F(ReplayTest, RefusesASecondReplay) {
  TestClient& client = come_and_subscribe();
  hub().lend(client.session);

  EXPECT_NE(ask_for(client, kStart).front().find("too_many_replays"), std::string::npos);
}

TEST_F(ReplayTest, RelaysAsTheSocketAllows) {
  TestClient& client = come_and_subscribe();
  hub().lend(client.session);
  client.socket.take_only(1);

  EXPECT_EQ(hub().relay(client.session, {"one", 3}, now_), WriteResult::kDone);
  EXPECT_EQ(hub().relay(client.session, {"two", 3}, now_), WriteResult::kKept);
  EXPECT_FALSE(hub().is_writable(client.session));
  EXPECT_TRUE(client.socket.paused());
  EXPECT_EQ(hub().relay(client.session, {"three", 5}, now_), WriteResult::kBlocked);
  drain(client);

  EXPECT_TRUE(hub().is_writable(client.session));
  EXPECT_EQ(client.socket.take_received(), (std::vector<std::string>{"one", "two"}));
}

TEST_F(ReplayTest, CutsALentClientThatTakesNothing) {
  TestClient& client = come_and_subscribe();
  hub().lend(client.session);
  client.socket.take_only(0);
  EXPECT_EQ(hub().relay(client.session, {"one", 3}, now_), WriteResult::kKept);

  wait(options_.no_progress + 30s);

  EXPECT_EQ(client.socket.close_code(), 4000);
  EXPECT_EQ(hub().relay(client.session, {"two", 3}, now_), WriteResult::kClosed);
}

TEST_F(ReplayTest, TellsALentClientTheRecordingsTime) {
  TestClient& client = come_and_subscribe();
  hub().lend(client.session);

  wait(options_.heartbeat + 1s);

  EXPECT_EQ(client.socket.take_received(),
            std::vector<std::string>{R"({"type":"heartbeat","time_us":5000000})"});
}

TEST_F(ReplayTest, ServesAClientThatIsGivenBackAnew) {
  TestClient& client = come_and_subscribe();
  const auto entries = hub().lend(client.session);
  bid("a:X", "1");
  bid("a:Y", "2");
  publish();

  hub().take_back(client.session, entries, now_);

  const auto frames = client.socket.take_received();
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[0], R"({"type":"epoch","epoch":"e1"})");
  EXPECT_EQ(frames[1].rfind(R"({"type":"snapshot","lane":"l",)", 0), 0U) << frames[1];
  EXPECT_NE(frames[1].find(R"([{"symbol":"a:X","bid":"1","stale":false}]})"), std::string::npos);
  EXPECT_NE(frames[2].find(R"({"symbol":"a:Y","bid":"2")"), std::string::npos) << frames[2];
  // The first lane's interval is what it was.
  bid("a:X", "3");
  publish();
  EXPECT_EQ(client.socket.take_received().size(), 1U);
}

TEST_F(ReplayTest, TakesTheNextRequestOfAClientOnceItIsGivenBack) {
  TestClient& client = come_and_subscribe();
  const auto entries = hub().lend(client.session);
  send(client, R"({"op":"replay_control","id":2,"action":"stop"})");
  send(client, kStart);  // it came along with the one before
  EXPECT_EQ(hub().relay(client.session, {"stopped", 7}, now_), WriteResult::kDone);
  EXPECT_EQ(replayer_.asked, std::vector<std::string>{"control"});

  hub().take_back(client.session, entries, now_);

  EXPECT_EQ(replayer_.asked, (std::vector<std::string>{"control", "replay a"}));
}

TEST_F(ReplayTest, AdoptsAClientWithinWhatItMaySee) {
  TestClient& from = come_and_subscribe();
  const auto entries = hub().lend(from.session);
  auto access = std::make_shared<Access>();
  access->symbols = SymbolFilter({protocol::Pattern("a:*")});
  access->fields = market::Field::kAsk;
  access->min_interval = 1s;
  market_ = market::MarketState("recorded");
  batches_.clear();
  given({"a:X", "b:Z"});
  bid("a:X", "1");
  ask("a:X", "2");
  Hub other(whole(), sockets_, options_);
  TestClient to(sockets_);

  Session* const session = other.adopt(to.socket, {7, std::nullopt, access, std::nullopt}, entries, now_);

  const auto frames = to.socket.take_received();
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[0], R"({"type":"epoch","epoch":"recorded"})");
  EXPECT_NE(frames[1].find(R"("data":[{"symbol":"a:X","stale":false}])"), std::string::npos) << frames[1];
  EXPECT_NE(frames[2].find(R"("data":[])"), std::string::npos) << frames[2];
  EXPECT_EQ(other.lend(session).front().interval_ms, 0U);  // what it asked for is not forgotten
  other.on_closed(session, 1000);
}

TEST_F(ReplayTest, HoldsPatternsThatAnotherHubMatchedAgainstAClientsRequests) {
  options_.limits.requests_per_s = 5;
  TestClient& from = come_and_subscribe();
  wait(10s);
  const auto entries = hub().lend(from.session);
  Hub other(whole(), sockets_, options_);
  TestClient to(sockets_);
  Session* const session = other.adopt(to.socket, {}, entries, now_);
  EXPECT_EQ(other.take_matched_patterns(), 1);  // `a:*`
  EXPECT_EQ(other.take_matched_patterns(), 0);
  other.on_message(session, R"({"op":"subscribe","channel":"trades","symbols":["a*","b*","a:X"]})", now_);
  EXPECT_EQ(other.take_matched_patterns(), 2);

  hub().charge(from.session, 1'000);
  from.socket.take_received();

  EXPECT_NE(ask_for(from, kPause).front().find("rate_limited"), std::string::npos);
  wait(2s);  // of debt, of which there is a second's at most, and the refused request
  EXPECT_TRUE(ask_for(from, kPause).empty());
  other.on_closed(session, 1000);
}

}  // namespace
}  // namespace ticker::hub
