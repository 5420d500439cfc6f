#include "shard.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include <ticker/testing/raw_client.hpp>

namespace ticker::tickerd {
namespace {

using market::Decimal;
using market::Field;
using market::MarketState;
using testing::RawClient;

class NoFeeds final : public FeedDirectory {
 public:
  Timestamp last_message(std::string_view) const override { return kNoTime; }
};

// A writer of one instrument, and a shard that serves it. The test is the publishing thread.
class ShardTest : public ::testing::Test {
 protected:
  ShardTest() : market_("e1") {
    instrument_ = market_.add({"demo:BTC-USD", "demo", "BTC-USD", "BTC", "USD"});
    market_.take_batch();
  }

  void make_shard(Shard::Options options = {}) {
    auto made = Shard::create(options, market_.serialise(), shared_, [this](Shard&) {
      const std::lock_guard lock(mutex_);
      state_requests_ += 1;
      requested_.notify_all();
    });
    ASSERT_TRUE(made.ok());
    shard_ = std::move(made).value();
    placement_.add([this](int fd, const net::Address& peer) { shard_->adopt(fd, peer); });
    ASSERT_TRUE(shard_->listen().ok());
  }

  // One change, published.
  void change_bid(int bid) {
    market::Update update;
    update.instrument = instrument_;
    update.receive_time = from_us(1'000'000 + bid);
    update.values.set(Field::kBid, Decimal::from_text(std::to_string(bid)).value());
    market_.apply(update);
    shard_->publish(std::make_shared<const market::Batch>(market_.take_batch()));
  }

  bool wait_for_state_request() {
    std::unique_lock lock(mutex_);
    return requested_.wait_for(lock, std::chrono::seconds(10), [this] { return state_requests_ > 0; });
  }

  std::string get(const std::string& target) {
    RawClient client(shard_->port());
    client.send("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    return client.read_to_end();
  }

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
  MarketState market_;
  market::InstrumentId instrument_;

  std::mutex mutex_;
  std::condition_variable requested_;
  int state_requests_ = 0;

  std::unique_ptr<Shard> shard_;
};

TEST_F(ShardTest, ServesWhatIsPublished) {
  make_shard();
  shard_->start();
  change_bid(61'800);
  RawClient client(shard_->port());
  client.upgrade("/v1/stream?symbols=demo:*&fields=bid&interval_ms=0");

  std::set<std::string> seen;
  while (auto frame = client.read_frame()) {
    seen.insert(frame->payload);
    if (frame->payload.find(R"("bid":"61800")") != std::string::npos) {
      break;
    }
  }

  EXPECT_TRUE(std::any_of(seen.begin(), seen.end(), [](const std::string& frame) {
    return frame.find(R"("bid":"61800")") != std::string::npos;
  }));
}

TEST_F(ShardTest, WhileFrozenHoldsNoMoreThanItsInboxBound) {
  Shard::Options options;
  options.inbox_bytes = 100'000;
  make_shard(options);

  for (int bid = 1; bid <= 5'000; ++bid) {
    change_bid(bid);
  }

  EXPECT_GT(shard_->inbox_bytes(), 0U);
  EXPECT_LE(shard_->inbox_bytes(), options.inbox_bytes);
}

TEST_F(ShardTest, AfterAFreezeCatchesUpByTheWholeState) {
  Shard::Options options;
  options.inbox_bytes = 100'000;
  make_shard(options);
  for (int bid = 1; bid <= 5'000; ++bid) {
    change_bid(bid);
  }

  shard_->start();
  ASSERT_TRUE(wait_for_state_request());
  shard_->deliver_state(std::make_shared<const std::string>(market_.serialise()));
  change_bid(5'001);

  RawClient client(shard_->port());
  client.upgrade("/v1/stream?symbols=demo:*&fields=bid&interval_ms=0");
  std::string last;
  while (auto frame = client.read_frame()) {
    last = frame->payload;
    if (last.find(R"("bid":"5001")") != std::string::npos) {
      break;
    }
  }
  EXPECT_NE(last.find(R"("bid":"5001")"), std::string::npos) << last;
  EXPECT_EQ(shard_->stats().resyncs.value(), 1U);
}

TEST_F(ShardTest, WhatCameWhileItStoodStillIsMergedForThoseServedAtOnce) {
  make_shard();
  shard_->start();
  RawClient client(shard_->port());
  client.upgrade("/v1/stream?symbols=demo:*&fields=bid&interval_ms=0");
  while (auto frame = client.read_frame()) {
    if (frame->payload.find(R"("type":"snapshot")") != std::string::npos) {
      break;
    }
  }
  shard_->stop();
  for (int bid = 1; bid <= 1'000; ++bid) {
    change_bid(bid);
  }
  shard_->start();

  int frames = 0;
  while (auto frame = client.read_frame()) {
    ++frames;
    if (frame->payload.find(R"("bid":"1000")") != std::string::npos) {
      break;
    }
  }
  EXPECT_EQ(frames, 1);
}

TEST_F(ShardTest, TakesOtherLimitsWhileItRuns) {
  Shard::Options options;
  options.server.handshake_timeout = std::chrono::minutes(5);
  make_shard(options);
  shard_->start();
  Shard::Options other;
  other.hub.limits.request_bytes = 2'000;
  other.hub.limits.frame_bytes = 5'000;
  other.server.max_message_bytes = 2'000;
  other.server.handshake_timeout = std::chrono::milliseconds(50);
  other.inbox_bytes = 0;
  shard_->set_limits(other);

  RawClient slow(shard_->port());
  slow.send("GET /v1/stream HTTP/1.1\r\n");
  EXPECT_TRUE(slow.at_end()) << "of the time for a handshake";
  RawClient client(shard_->port());
  client.upgrade("/v1/stream");
  const auto hello = client.read_frame();
  ASSERT_TRUE(hello.has_value());
  EXPECT_NE(hello->payload.find(R"("request_bytes":2000,"frame_bytes":5000)"), std::string::npos) << hello->payload;
  client.send_text(std::string(2'001, ' '));
  const auto close = client.read_frame();
  EXPECT_EQ(close ? close->close_code() : 0, 1009);
  change_bid(1);
  EXPECT_TRUE(wait_for_state_request()) << "nothing fits the inbox";
}

TEST_F(ShardTest, HasAsMuchPatienceAsItsClients) {
  make_shard();
  shard_->start();
  const auto becomes = [this](std::chrono::milliseconds expected) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (shard_->patience() != expected && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    return shard_->patience() == expected;
  };
  EXPECT_TRUE(becomes(Inbox::kPatience));
  {
    RawClient client(shard_->port());
    client.upgrade("/v1/stream?symbols=demo:*&interval_ms=39");
    EXPECT_TRUE(becomes(std::chrono::milliseconds(3)));
    client.send_text(R"({"op":"subscribe","symbols":["demo:*"],"interval_ms":0})");
    EXPECT_TRUE(becomes(std::chrono::milliseconds(0)));
  }
  EXPECT_TRUE(becomes(Inbox::kPatience));
}

TEST_F(ShardTest, RefusesWhatIsNoStreamRequest) {
  make_shard();
  shard_->start();

  RawClient elsewhere(shard_->port());
  EXPECT_NE(elsewhere.upgrade("/v2/stream").find(" 404 "), std::string::npos);
  RawClient wrong_query(shard_->port());
  EXPECT_NE(wrong_query.upgrade("/v1/stream?symbols=a&interval_ms=soon").find(" 400 "), std::string::npos);
  RawClient wrong_protocol(shard_->port());
  EXPECT_NE(wrong_protocol.upgrade("/v1/stream", "Sec-WebSocket-Protocol: mqtt\r\n").find(" 400 "), std::string::npos);
}

TEST_F(ShardTest, CountsIdleConnectionsAgainstTheirAddressToo) {
  admission_.set_limits({0, 1, 0});
  make_shard();
  shard_->start();
  RawClient idle(shard_->port());
  idle.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_NE(idle.read_until("alive"), "");

  EXPECT_NE(get("/healthz").find("HTTP/1.1 429 "), std::string::npos);
}

TEST_F(ShardTest, CountsHandshakesThatTookTooLong) {
  Shard::Options options;
  options.server.handshake_timeout = std::chrono::milliseconds(50);
  make_shard(options);
  shard_->start();
  RawClient slow(shard_->port());
  slow.send("GET /v1/stream HTTP/1.1\r\n");

  EXPECT_TRUE(slow.at_end());

  EXPECT_EQ(shard_->refused().counts().count("handshake_timeout"), 1U);
}

TEST_F(ShardTest, AnswersAPlainRequestForTheStreamWithUpgradeRequired) {
  make_shard();
  shard_->start();

  EXPECT_NE(get("/v1/stream").find("HTTP/1.1 426 "), std::string::npos);
}

TEST_F(ShardTest, AnswersTheSameTagWithNotModified) {
  make_shard();
  shard_->start();
  const std::string first = get("/v1/tickers");
  const auto tag_at = first.find("ETag: ") + 6;
  const std::string tag = first.substr(tag_at, first.find("\r\n", tag_at) - tag_at);

  RawClient client(shard_->port());
  client.send("GET /v1/tickers HTTP/1.1\r\nHost: x\r\nConnection: close\r\nIf-None-Match: " + tag + "\r\n\r\n");

  EXPECT_EQ(client.read_to_end().substr(0, 13), "HTTP/1.1 304 ");
}

}  // namespace
}  // namespace ticker::tickerd
