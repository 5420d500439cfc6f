#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <ticker/net/web_socket_client.hpp>

#include "model/model_client.hpp"
#include "shard.hpp"

namespace ticker::tickerd {

// A shard without a thread: its loop, and those of its clients, run when the test says so.
class RefusedShard {
 public:
  RefusedShard(Shard::Options options, const market::MarketState& market) {
    shard_ = Shard::create(std::move(options), market.serialise(), shared_, [](Shard&) {
               ADD_FAILURE() << "the shard fell behind";
             }).value();
    placement_.add([this](int fd, const net::Address& peer) { shard_->adopt(fd, peer); });
    EXPECT_TRUE(shard_->listen().ok());
  }

  Shard& operator*() { return *shard_; }
  Shard* operator->() { return shard_.get(); }

  // Serves whoever is to have it at once, in one flush.
  void apply(const market::Batch& batch) {
    EXPECT_EQ(shard_->hub().apply(batch, shard_->now()), market::MarketState::ApplyResult::kApplied);
    shard_->arm();
  }
  // Some of what is ready; sockets that are refused always are.
  void run_a_little() {
    for (int i = 0; i < 10 && shard_->loop().run_one(std::chrono::milliseconds(0)); ++i) {
    }
  }
  void run_all() {
    while (shard_->loop().run_one(std::chrono::milliseconds(0))) {
    }
  }
  bool run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      shard_->loop().run_one(std::chrono::milliseconds(10));
    }
    return done();
  }

 private:
  class NoFeeds final : public FeedDirectory {
   public:
    Timestamp last_message(std::string_view) const override { return kNoTime; }
  };

  const SteadyWallClock clock_;
  const NoFeeds feeds_;
  const TrustedProxies proxies_;
  const Assets assets_;
  const std::vector<std::string> origins_;
  Readiness readiness_{clock_};
  Admission admission_{{}};
  Placement placement_;
  TokenGate tokens_{nullptr};
  Replays replays_{clock_, {}};
  const Shared shared_{clock_, readiness_, feeds_, admission_, placement_, proxies_, assets_, tokens_, replays_, origins_};
  std::unique_ptr<Shard> shard_;
};

// A client that follows the protocol to the letter, and complains about every frame that is wrong.
class ShardClient final : private net::ClientHandler {
 public:
  // `ca_file`: empty: without TLS.
  ShardClient(RefusedShard& shard, const std::string& ca_file)
      : client_(shard->loop(), *this, with(ca_file)), model_(shard->hub().options().limits.frame_bytes) {
    model_.connected(false);
    const std::string scheme = ca_file.empty() ? "ws" : "wss";
    EXPECT_FALSE(client_.connect(scheme + "://127.0.0.1:" + std::to_string(shard->port()) + "/v1/stream"));
    EXPECT_TRUE(shard.run_until([this] { return greeted_ || !wrong_.empty(); }));
  }

  // Is on its way when this returns.
  void send(const protocol::Subscribe& request) { EXPECT_TRUE(client_.send_text(model_.subscribe(request))); }

  // Empty: it holds the market's state, and was told nothing wrong.
  std::string differs_from(const market::MarketState& market) const {
    return wrong_.empty() ? model_.compare(market) : wrong_;
  }
  bool holds_what(const ShardClient& other) const { return model_.holds_what(other.model_); }

 private:
  static net::ClientOptions with(const std::string& ca_file) {
    net::ClientOptions options;
    options.ca_file = ca_file;
    return options;
  }

  void on_open(const std::string&) override {}
  void on_message(net::MessageKind, char* data, std::size_t size) override {
    greeted_ = true;
    if (wrong_.empty()) {
      wrong_ = model_.take({data, size});
    }
  }
  void on_close(const net::ClientClose& close) override { wrong_ = "closed: " + close.text; }

  net::WebSocketClient client_;
  hub::model::ModelClient model_;
  bool greeted_ = false;
  std::string wrong_;
};

}  // namespace ticker::tickerd
