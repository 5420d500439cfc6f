#include "upstream.hpp"

#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <ticker/base/log.hpp>
#include <ticker/net/server.hpp>
#include <ticker/testing/pace.hpp>

#include "slow_line.hpp"

namespace ticker::ingest {
namespace {

using market::FeedState;
using std::chrono::milliseconds;
using std::chrono::seconds;

// An adapter that the test has no use for, but to know that it was told of new connections.
class NoAdapter final : public feed::Adapter {
 public:
  explicit NoAdapter(int& resets) : resets_(resets) {}
  const feed::VenueRules& rules() const override { return rules_; }
  std::optional<std::string> native_name(std::string_view) const override { return std::nullopt; }
  std::vector<feed::ConnectionPlan> plan(std::string_view,
                                         const std::vector<std::string>&) const override {
    return {};
  }
  void reset() override { ++resets_; }
  void decode(char*, std::size_t, Timestamp, feed::Sink&) override {}

 private:
  int& resets_;
  feed::VenueRules rules_;
};

// A venue that does what the test says, and an upstream that connects to it.
class UpstreamTest : public ::testing::Test, private net::ServerHandler, private Upstream::Owner {
 protected:
  struct Peer final : net::ConnectionHandler {
    explicit Peer(UpstreamTest& owner) : test(owner) {}
    void on_open(net::Connection& opened) override {
      connection = &opened;
      test.peers_.insert(this);
      ++test.opened_;
      if (test.hangs_up_) {
        opened.abort();
      }
      if (!test.greeting_.empty()) {
        EXPECT_EQ(opened.write(test.greeting_), net::WriteResult::kDone);
      }
    }
    void on_message(char* data, std::size_t size) override {
      test.requests_.emplace_back(std::string(data, size), std::chrono::steady_clock::now());
    }
    void on_control(net::ControlKind kind, std::string_view) override {
      test.pings_ += kind == net::ControlKind::kPing ? 1 : 0;
    }
    void on_close(const net::CloseInfo&) override { test.peers_.erase(this); }

    UpstreamTest& test;
    net::Connection* connection = nullptr;
  };

  UpstreamTest()
      : server_(std::make_unique<net::Server>(loop_, static_cast<net::ServerHandler&>(*this),
                                              net::ServerOptions())) {
    log::set_sink([this](log::Level, std::string_view line) { log_.emplace_back(line); });
    EXPECT_FALSE(server_->listen());
    rules_.feed_timeout = seconds(30);
    rules_.keepalive_interval = milliseconds(0);
    rules_.first_retry = milliseconds(10);
    rules_.max_retry = milliseconds(20);
  }
  ~UpstreamTest() override {
    upstream_.reset();
    log::set_sink(nullptr);
  }

  void connect(std::vector<std::string> requests = {}) {
    upstream_ = make_upstream(server_->port(), std::move(requests));
    upstream_->start();
  }
  // As at the test's beginning.
  void begin_anew() {
    upstream_.reset();
    EXPECT_TRUE(wait([&] { return peers_.empty(); }));
    opened_ = pings_ = untrusted_ = reconnects_ = 0;
    messages_.clear();
    log_.clear();
  }
  std::unique_ptr<Upstream> make_upstream(std::uint16_t port,
                                          std::vector<std::string> requests = {}) {
    feed::ConnectionPlan plan{"ws://127.0.0.1:" + std::to_string(port), std::move(requests), {}};
    return std::make_unique<Upstream>(
        loop_, static_cast<Upstream::Owner&>(*this), budgets_, [] { return 0.5; }, std::move(plan),
        std::make_unique<NoAdapter>(resets_),
        Upstream::Settings{"feed", 0, "127.0.0.1", rules_, {}, patience_, recorder_.get(), nullptr,
                           longest_maintenance_, ask_again_after_});
  }
  // Through a line that carries so many bytes a millisecond, until `done`.
  bool wait_on(SlowLine& line, std::size_t bytes_per_ms, const std::function<bool()>& done) {
    const auto start = std::chrono::steady_clock::now();
    const auto before = line.carried();
    return wait([&] {
      const auto passed =
          std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
      const auto due = static_cast<std::size_t>(passed.count()) * bytes_per_ms;
      line.pump(due - std::min(due, line.carried() - before));
      return done();
    });
  }

  bool wait(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(30);
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      loop_.run_one(milliseconds(5));
    }
    return done();
  }

  void send(std::string_view text) {
    for (auto* peer : peers_) {
      const auto result = peer->connection->write(text);
      EXPECT_TRUE(result == net::WriteResult::kDone || result == net::WriteResult::kKept);
    }
  }
  void cut() {
    for (auto* peer : peers_) {
      peer->connection->abort();
    }
  }
  std::ptrdiff_t times_logged(std::string_view text) const {
    return std::count_if(log_.begin(), log_.end(), [&](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  }
  bool logged(std::string_view text) const { return times_logged(text) > 0; }

  net::UpgradeDecision on_upgrade(const net::HttpRequest&,
                                  const std::vector<std::string>&) override {
    upgrades_.push_back(std::chrono::steady_clock::now());
    if (refuse_first_ && upgrades_.size() == 1) {
      return net::UpgradeDecision::refuse(refusal_);
    }
    return net::UpgradeDecision::accept(std::make_unique<Peer>(*this));
  }
  void on_http_request(const net::HttpRequest&, net::HttpResponder) override {}

  void on_message(Upstream& upstream, char* data, std::size_t size) override {
    const std::string text(data, size);
    messages_.push_back(text);
    if (text == "bye") upstream.on_planned_close();
    if (text == "maintenance") upstream.on_unavailable(text);
    if (text == "online") upstream.on_available();
    if (text == "subscribed") upstream.on_answer();
    if (text == "too much") upstream.on_asked_too_much();
    had_subscribed_ = upstream.has_subscribed();
  }
  void on_binary(std::size_t) override {}
  void on_untrusted(Upstream&) override { ++untrusted_; }
  void on_state(Upstream& upstream) override {
    states_.emplace_back(upstream.state(), upstream.reason());
  }
  void on_reconnect() override { ++reconnects_; }
  void on_renewal_due(Upstream&, std::string_view why) override { renewals_.emplace_back(why); }
  bool on_lost(Upstream&) override { return makes_another_; }

  net::EventLoop loop_;
  ConnectBudgets budgets_;
  feed::VenueRules rules_;
  milliseconds longest_maintenance_{180'000};
  milliseconds ask_again_after_{30'000};
  Patience patience_;
  std::unique_ptr<recording::Recorder> recorder_;
  std::string greeting_;
  bool refuse_first_ = false;
  net::HttpResponse refusal_{503, {{"Retry-After", "1"}}, nullptr};
  bool hangs_up_ = false;

  std::set<Peer*> peers_;
  std::vector<std::pair<std::string, TimePoint>> requests_;
  std::vector<TimePoint> upgrades_;
  std::vector<std::string> messages_;
  bool had_subscribed_ = false;  // once the latest of them was taken
  std::vector<std::pair<FeedState, std::string>> states_;
  std::vector<std::string> log_;
  int opened_ = 0;
  int pings_ = 0;
  int untrusted_ = 0;
  int reconnects_ = 0;
  int resets_ = 0;
  std::vector<std::string> renewals_;
  bool makes_another_ = true;

  std::unique_ptr<net::Server> server_;
  std::unique_ptr<Upstream> upstream_;
};

using Upstreams = UpstreamTest;

TEST_F(Upstreams, SendRequestsInOrderAndNeverMoreThanAllowedInAnyWindow) {
  rules_.requests_per_window = 2;
  rules_.request_window = milliseconds(400);
  connect({"1", "2", "3", "4", "5"});

  ASSERT_TRUE(wait([&] { return requests_.size() == 5; }));

  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(requests_[i].first, std::to_string(i + 1));
  }
  // From before the first: requests come late on a busy machine, so that they may come close
  // together.
  EXPECT_GE(requests_[2].second - upgrades_[0], milliseconds(400));
  EXPECT_GE(requests_[4].second - upgrades_[0], milliseconds(800));
}

TEST_F(Upstreams, AreLiveOnceDataCameAndNotBefore) {
  connect();
  ASSERT_TRUE(wait([&] { return opened_ == 1; }));
  EXPECT_EQ(upstream_->state(), FeedState::kConnecting);

  send("data");

  ASSERT_TRUE(wait([&] { return upstream_->state() == FeedState::kLive; }));
  EXPECT_EQ(upstream_->reason(), "");
}

TEST_F(Upstreams, AreLiveOnceTheVenueAnsweredAPing) {
  rules_.keepalive_interval = milliseconds(20);
  rules_.keepalive_is_ping_frame = true;
  connect();

  EXPECT_TRUE(wait([&] { return upstream_->state() == FeedState::kLive; }));
  EXPECT_GE(pings_, 1);
}

TEST_F(Upstreams, KeepAliveWithTheVenuesText) {
  rules_.keepalive_interval = milliseconds(20);
  rules_.keepalive_text = "ping me";
  connect();

  ASSERT_TRUE(wait([&] { return requests_.size() >= 2; }));
  EXPECT_EQ(requests_[1].first, "ping me");
}

TEST_F(Upstreams, CountKeepAlivesInTheBudgetOfRequests) {
  rules_.keepalive_interval = milliseconds(1);
  rules_.keepalive_text = "ping";
  rules_.requests_per_window = 1;
  rules_.request_window = milliseconds(200);
  connect({"subscribe"});

  ASSERT_TRUE(wait([&] { return requests_.size() == 3; }));
  EXPECT_GE(requests_[2].second - upgrades_[0], milliseconds(400));
}

TEST_F(Upstreams, TellALossAtOnceAndStartAdaptersAnew) {
  connect();
  ASSERT_TRUE(wait([&] { return opened_ == 1; }));
  send("data");
  ASSERT_TRUE(wait([&] { return upstream_->state() == FeedState::kLive; }));

  cut();

  ASSERT_TRUE(wait([&] { return upstream_->state() == FeedState::kConnecting; }));
  EXPECT_NE(upstream_->reason(), "");
  ASSERT_TRUE(wait([&] { return opened_ == 2; }));
  EXPECT_EQ(resets_, 2);
  EXPECT_EQ(reconnects_, 1);
}

TEST_F(Upstreams, StayWithinTheConnectBudgetOfTheirHost) {
  rules_.connects_per_window = 3;
  rules_.connect_window = std::chrono::minutes(10);
  connect();
  ASSERT_TRUE(wait([&] {
    cut();
    return logged("allows no further connection");
  }));

  EXPECT_EQ(opened_, 3);
}

TEST_F(Upstreams, StayAwayForAsLongAsTheVenueAsks) {
  refuse_first_ = true;
  connect();

  ASSERT_TRUE(wait([&] { return opened_ == 1; }));

  ASSERT_EQ(upgrades_.size(), 2U);
  EXPECT_GE(upgrades_[1] - upgrades_[0], milliseconds(990));
  EXPECT_EQ(states_[0].first, FeedState::kDown);
  EXPECT_NE(states_[0].second.find("503"), std::string::npos) << states_[0].second;
}

TEST_F(Upstreams, StayAwayForAMinuteWhereTheyAreTurnedAwayAndNotToldForHowLong) {
  for (const int status : {403, 418, 429}) {
    SCOPED_TRACE(status);
    log_.clear();
    upgrades_.clear();
    refuse_first_ = true;
    refusal_ = {status, {}, nullptr};

    connect();

    EXPECT_TRUE(wait([&] { return logged("next attempt in 60000 ms"); }));
  }
}

TEST_F(Upstreams, StayAwayForAMinuteWhereTheyAreTurnedAwayForNoTime) {
  refuse_first_ = true;
  refusal_ = {429, {{"Retry-After", "0"}}, nullptr};

  connect();

  EXPECT_TRUE(wait([&] { return logged("next attempt in 60000 ms"); }));
}

TEST_F(Upstreams, TellThatTheirConnectionComesOfAgeAndKeepIt) {
  rules_.max_age = milliseconds(50);
  connect();

  ASSERT_TRUE(wait([&] { return !renewals_.empty(); }));

  EXPECT_NE(renewals_[0].find("age limit"), std::string::npos) << renewals_[0];
  EXPECT_EQ(peers_.size(), 1U);
}

TEST_F(Upstreams, TellAPlannedCloseAndKeepTheConnection) {
  greeting_ = "bye";
  connect();

  ASSERT_TRUE(wait([&] { return !renewals_.empty(); }));

  EXPECT_NE(renewals_[0].find("announced"), std::string::npos) << renewals_[0];
  EXPECT_EQ(upstream_->state(), FeedState::kLive);
  EXPECT_EQ(peers_.size(), 1U);
}

TEST_F(Upstreams, MakeNoOtherConnectionWhenTheirOwnerHasOne) {
  makes_another_ = false;
  connect();
  ASSERT_TRUE(wait([&] { return opened_ == 1; }));
  send("data");
  ASSERT_TRUE(wait([&] { return upstream_->state() == FeedState::kLive; }));

  cut();

  EXPECT_TRUE(wait([&] { return logged("the next connection is there"); }));
  EXPECT_EQ(states_.size(), 1U);
  EXPECT_FALSE(logged("next attempt"));
}

TEST_F(Upstreams, HaveSubscribedWhenAllIsAskedAndTheVenueAnswers) {
  rules_.requests_per_window = 1;
  rules_.request_window = milliseconds(100);
  greeting_ = "subscribed";
  connect({"1", "2"});
  ASSERT_TRUE(wait([&] { return messages_.size() == 1; }));
  EXPECT_FALSE(had_subscribed_);

  EXPECT_TRUE(wait([&] { return upstream_->has_subscribed(); }));
}

TEST_F(Upstreams, AskAgainForAllThatTheVenueDidNotTakeForNow) {
  ask_again_after_ = milliseconds(20);
  greeting_ = "subscribed";
  connect({"1", "2"});
  ASSERT_TRUE(wait([&] { return requests_.size() == 2 && upstream_->has_subscribed(); }));

  send("too much");
  send("too much");

  ASSERT_TRUE(wait([&] { return requests_.size() >= 4; }));
  EXPECT_FALSE(had_subscribed_);
  EXPECT_EQ(requests_[2].first, "1");
  EXPECT_EQ(requests_[3].first, "2");
  EXPECT_GE(requests_[2].second - requests_[1].second, milliseconds(20));
  EXPECT_EQ(opened_, 1);
}

// A venue that counts requests by the hour was asked all of them each half minute.
TEST_F(Upstreams, AskEverMoreSeldomWhereTheVenueGoesOnRefusing) {
  ask_again_after_ = milliseconds(20);
  connect({"1"});

  for (std::size_t asked = 1; asked <= 3; ++asked) {
    ASSERT_TRUE(wait([&] { return requests_.size() == asked; }));
    send("too much");
  }

  ASSERT_TRUE(wait([&] { return requests_.size() == 4; }));
  EXPECT_GE(requests_[1].second - requests_[0].second, milliseconds(20));
  EXPECT_GE(requests_[2].second - requests_[1].second, milliseconds(40));
  EXPECT_GE(requests_[3].second - requests_[2].second, milliseconds(80));
}

TEST_F(Upstreams, AskForTheRestBeforeTheyAskAgain) {
  rules_.requests_per_window = 1;
  rules_.request_window = milliseconds(40);
  ask_again_after_ = milliseconds(5);
  connect({"1", "2", "3"});
  ASSERT_TRUE(wait([&] { return requests_.size() == 1; }));

  send("too much");

  ASSERT_TRUE(wait([&] { return requests_.size() >= 4; }));
  EXPECT_EQ(requests_[1].first, "2");
  EXPECT_EQ(requests_[2].first, "3");
  EXPECT_EQ(requests_[3].first, "1");
}

TEST_F(Upstreams, DistrustAVenueInMaintenanceAndDoNotPressIt) {
  connect();
  ASSERT_TRUE(wait([&] { return opened_ == 1; }));
  send("data");
  send("maintenance");
  ASSERT_TRUE(wait([&] { return upstream_->state() == FeedState::kStale; }));
  EXPECT_EQ(untrusted_, 1);
  EXPECT_NE(upstream_->reason().find("maintenance"), std::string::npos);

  send("still here");
  send("maintenance");
  ASSERT_TRUE(wait([&] { return messages_.size() == 4; }));
  EXPECT_EQ(upstream_->state(), FeedState::kStale);
  EXPECT_EQ(untrusted_, 1) << "said again, it is nothing new";

  cut();
  ASSERT_TRUE(wait([&] { return logged("next attempt in 5000 ms"); }));
}

// They were live until the message had been read: ready, and stale since then only.
TEST_F(Upstreams, AreNotLiveForAMomentWhereTheyConnectIntoMaintenance) {
  greeting_ = "maintenance";
  connect();

  ASSERT_TRUE(wait([&] { return !messages_.empty(); }));

  ASSERT_EQ(states_.size(), 1U);
  EXPECT_EQ(states_[0].first, FeedState::kStale);
}

TEST_F(Upstreams, ConnectAnewWhereMaintenanceDoesNotEnd) {
  longest_maintenance_ = milliseconds(50);
  connect();
  ASSERT_TRUE(wait([&] { return opened_ == 1; }));
  send("maintenance");
  send("heartbeat");

  ASSERT_TRUE(wait([&] { return logged("unavailable for 50 ms; next attempt in 5000 ms"); }));

  EXPECT_EQ(upstream_->state(), FeedState::kStale);
  EXPECT_FALSE(upstream_->has_subscribed());
}

TEST_F(Upstreams, TrustAVenueAgainAfterMaintenance) {
  connect();
  ASSERT_TRUE(wait([&] { return opened_ == 1; }));
  send("maintenance");
  send("online");

  EXPECT_TRUE(
      wait([&] { return upstream_->state() == FeedState::kLive && messages_.size() == 2; }));
}

TEST_F(Upstreams, TellSilenceAndConnectAnew) {
  rules_.feed_timeout = milliseconds(50);
  connect();

  ASSERT_TRUE(wait([&] { return opened_ == 2; }));

  EXPECT_GE(untrusted_, 1);
  EXPECT_EQ(states_[0].first, FeedState::kStale);
  EXPECT_EQ(states_[0].second, "no bytes for 50 ms");
}

TEST_F(Upstreams, WaitForALargeMessageOnASlowLine) {
  constexpr std::size_t kSize = 3 << 20;
  EXPECT_TRUE(testing::holds_at_some_pace(milliseconds(200), [&](milliseconds timeout) {
    begin_anew();
    rules_.feed_timeout = timeout;
    SlowLine line(server_->port());
    upstream_ = make_upstream(line.port());
    upstream_->start();
    EXPECT_TRUE(wait_on(line, 65536, [&] { return opened_ == 1; }));

    send(std::string(kSize, 'x'));

    const auto bytes_per_ms = kSize / static_cast<std::size_t>(3 * timeout.count());
    EXPECT_TRUE(wait_on(line, bytes_per_ms, [&] { return !messages_.empty() || untrusted_ > 0; }));
    return untrusted_ == 0 && reconnects_ == 0 && !messages_.empty() &&
           messages_[0].size() == kSize;
  }));
}

TEST_F(Upstreams, TellSilenceInTheMiddleOfAMessage) {
  EXPECT_TRUE(testing::holds_at_some_pace(milliseconds(100), [&](milliseconds timeout) {
    begin_anew();
    rules_.feed_timeout = timeout;
    SlowLine line(server_->port());
    upstream_ = make_upstream(line.port());
    upstream_->start();
    EXPECT_TRUE(wait_on(line, 65536, [&] { return opened_ == 1; }));

    send(std::string(3 << 20, 'x'));
    EXPECT_TRUE(wait_on(line, 65536, [&] { return line.carried() > 1 << 20 || untrusted_ > 0; }));
    const bool was_trusted = untrusted_ == 0;

    EXPECT_TRUE(
        wait([&] { return logged("no bytes for " + std::to_string(timeout.count()) + " ms"); }));
    return was_trusted && untrusted_ == 1;
  }));
}

TEST_F(Upstreams, DoNotWaitForEverForAMessageThatTrickles) {
  rules_.feed_timeout = milliseconds(50);
  SlowLine line(server_->port());
  upstream_ = make_upstream(line.port());
  upstream_->start();
  ASSERT_TRUE(wait_on(line, 65536, [&] { return opened_ == 1; }));

  send(std::string(1 << 20, 'x'));

  EXPECT_TRUE(wait_on(line, 10, [&] { return untrusted_ == 1; }));
  EXPECT_TRUE(messages_.empty());
}

TEST_F(Upstreams, DoNotTakeAHandshakeForALifeSign) {
  rules_.feed_timeout = milliseconds(200);
  hangs_up_ = true;
  connect();

  EXPECT_TRUE(wait([&] { return untrusted_ == 1 && opened_ >= 2; }));
}

TEST_F(Upstreams, ConnectAnewWhenSubscriptionsStayUnanswered) {
  EXPECT_TRUE(testing::holds_at_some_pace(milliseconds(200), [&](milliseconds timeout) {
    begin_anew();
    rules_.feed_timeout = timeout;
    rules_.keepalive_interval = timeout / 10;
    rules_.keepalive_is_ping_frame = true;
    connect({"subscribe"});

    EXPECT_TRUE(wait([&] { return opened_ == 2; }));

    return untrusted_ == 1 && logged("does not answer our subscriptions");
  }));
}

TEST_F(Upstreams, StayWithAVenueThatAnsweredAndHasNothingToSay) {
  greeting_ = "subscribed";
  EXPECT_TRUE(testing::holds_at_some_pace(milliseconds(100), [&](milliseconds timeout) {
    begin_anew();
    rules_.feed_timeout = timeout;
    rules_.keepalive_interval = timeout / 5;
    rules_.keepalive_is_ping_frame = true;
    connect({"subscribe"});

    EXPECT_TRUE(wait([&] { return pings_ >= 25; }));

    return opened_ == 1;
  }));
}

TEST_F(Upstreams, SayOnceThatTheyWaitForTheConnectBudget) {
  rules_.connects_per_window = 1;
  rules_.connect_window = milliseconds(100);
  std::vector<std::unique_ptr<Upstream>> herd;
  for (int i = 0; i < 4; ++i) {
    herd.push_back(make_upstream(server_->port()));
    herd.back()->start();
  }

  ASSERT_TRUE(wait([&] { return opened_ == 4; }));

  EXPECT_EQ(times_logged("allows no further connection"), 3);
}

TEST_F(Upstreams, ReadAtOnceWhatIsRecorded) {
  int asked = 0;
  patience_ = [&asked] {
    ++asked;
    return milliseconds(1);
  };
  const auto read_one = [this](int connection) {
    connect();
    ASSERT_TRUE(wait([&] { return opened_ == connection && peers_.size() == 1; }));
    const auto before = messages_.size();
    send("text");
    ASSERT_TRUE(wait([&] { return messages_.size() > before; }));
  };

  read_one(1);
  EXPECT_GT(std::exchange(asked, 0), 0);

  const auto file = ::testing::TempDir() + "upstream_test.recording";
  std::remove(file.c_str());
  recorder_ = std::make_unique<recording::Recorder>(
      recording::Recorder::Storage{{}, file}, recording::Header{},
      std::make_shared<metrics::RecordingStats>());
  read_one(2);
  EXPECT_EQ(asked, 0);
}

TEST_F(Upstreams, MayBeDestroyedAtAnyTime) {
  connect();
  upstream_.reset();
  connect();
  ASSERT_TRUE(wait([&] { return opened_ >= 1; }));
  upstream_.reset();

  EXPECT_TRUE(wait([&] { return peers_.empty(); }));
}

}  // namespace
}  // namespace ticker::ingest
