#include "line.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ticker/net/server.hpp>

#include "allocations.hpp"
#include "stats.hpp"

namespace ticker::ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Knows the one instrument, and keeps nothing.
class NoMarket final : public feed::Sink {
 public:
  std::optional<market::InstrumentId> find(std::string_view) override { return 0; }
  void ticker(const market::Update&) override {}
  void trade(const market::Trade&, market::FieldSet) override {}
  void notice(const feed::Notice&) override {}
  void rejected(feed::Rejected) override { ADD_FAILURE(); }
  void skipped(feed::Skipped) override {}
};

// A venue that takes one connection and no other for an hour, and a line to it.
class LineTest : public testing::Test, private net::ServerHandler, private Line::Owner {
 protected:
  struct Peer final : net::ConnectionHandler {
    explicit Peer(LineTest& owner) : test(owner) {}
    void on_open(net::Connection& opened) override { test.venue_ = &opened; }
    void on_message(char*, std::size_t) override {}
    void on_control(net::ControlKind, std::string_view) override {}
    void on_close(const net::CloseInfo&) override { test.venue_ = nullptr; }

    LineTest& test;
  };

  LineTest() {
    EXPECT_FALSE(server_.listen());
    plan_ = {"ws://127.0.0.1:" + std::to_string(server_.port()), {}, {"BTCUSDT"}};
    rules_.feed_timeout = seconds(30);
    Line::Settings settings;
    settings.upstream.feed = "feed";
    settings.upstream.host = "127.0.0.1";
    settings.upstream.rules = rules_;
    settings.plan = plan_;
    settings.make_adapter = [] {
      return feed::make_adapter("binance-spot", {.trades = "trade"}).value();
    };
    Line::Owner& owner = *this;
    line_ = std::make_unique<Line>(
        loop_, owner, budgets_, [] { return 0.5; }, stats_, std::move(settings));
    line_->start();
    EXPECT_TRUE(wait([&] { return venue_ != nullptr; }));
  }

  bool wait(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(30);
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      loop_.run_one(milliseconds(5));
    }
    return done();
  }
  // So many quotes come over the old connection.
  bool quote(int count) {
    const auto expected = messages_ + count;
    for (int i = 0; i < count; ++i) {
      const auto number = std::to_string(++quotes_);
      EXPECT_NE(
          venue_->write(R"({"stream":"s@bookTicker","data":{"u":)" + number +
                        R"(,"s":"BTCUSDT","b":")" + number + R"(","B":"1","a":"99999","A":"1"}})"),
          net::WriteResult::kBlocked);
    }
    return wait([&] { return messages_ == expected; });
  }

  net::UpgradeDecision on_upgrade(const net::HttpRequest&,
                                  const std::vector<std::string>&) override {
    return venue_ == nullptr
               ? net::UpgradeDecision::accept(std::make_unique<Peer>(*this))
               : net::UpgradeDecision::refuse({503, {{"Retry-After", "3600"}}, nullptr});
  }
  void on_http_request(const net::HttpRequest&, net::HttpResponder) override {}

  void on_message(Line& line, Upstream& from, char* data, std::size_t size) override {
    const auto before = allocations();
    line.decode(from, data, size, from.received(), market_);
    allocated_ += allocations() - before;
    ++messages_;
  }
  void on_take_over(Line&, Upstream&) override { ADD_FAILURE(); }
  void on_binary(std::size_t) override {}
  void on_untrusted(Line&) override {}
  void on_state(Line&) override {}
  void on_reconnect() override {}

  net::EventLoop loop_;
  ConnectBudgets budgets_;
  metrics::FeedStats stats_{rejected_reasons(), skipped_reasons()};
  feed::VenueRules rules_;
  feed::ConnectionPlan plan_;
  NoMarket market_;
  net::Connection* venue_ = nullptr;
  int quotes_ = 0;
  int messages_ = 0;
  std::size_t allocated_ = 0;  // while messages were decoded
  net::Server server_{loop_, static_cast<net::ServerHandler&>(*this), net::ServerOptions()};
  std::unique_ptr<Line> line_;
};

using Lines = LineTest;

// For as long as it waited, each message was kept account of for a handover.
TEST_F(Lines, AllocateNothingWhileTheNextConnectionCannotBeMade) {
  ASSERT_TRUE(quote(3));
  plan_.natives.emplace_back("ETHUSDT");
  line_->renew(plan_);
  ASSERT_TRUE(wait([&] { return stats_.handovers_failed.value() == 1; }));
  allocated_ = 0;

  ASSERT_TRUE(quote(100));

  EXPECT_EQ(allocated_, 0U);
}

}  // namespace
}  // namespace ticker::ingest
