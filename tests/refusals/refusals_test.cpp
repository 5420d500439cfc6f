// Wherever the kernel stops within what a flush sends, and however long: clients end with what clients
// hold that were never refused a byte.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>

#include <ticker/testing/refusing_kernel.hpp>

#include "refused_shard.hpp"

namespace ticker::tickerd {
namespace {

namespace fs = std::filesystem;
using market::Decimal;
using market::Field;
using market::FieldSet;
using protocol::Channel;

enum class Way { kSendmsg, kIoUring, kTls };

std::string name_of(Way way) {
  return way == Way::kSendmsg ? "Sendmsg" : way == Way::kIoUring ? "IoUring" : "Tls";
}

// A certificate for 127.0.0.1, by an authority of its own; there for the life of this.
class Certificate {
 public:
  Certificate() : folder_(fs::temp_directory_path() / ("ticker_refusals_test." + std::to_string(getpid()))) {
    fs::create_directory(folder_);
    const std::string make = "sh '" TICKER_SOURCE_DIR "/libs/net/tests/make_certificates.sh' '" + folder_.string() + "' > '" +
                             (folder_ / "log").string() + "' 2>&1";
    EXPECT_EQ(std::system(make.c_str()), 0) << "see " << folder_ / "log";
  }
  ~Certificate() { fs::remove_all(folder_); }

  std::string authority() const { return folder_ / "trusted.pem"; }
  std::shared_ptr<const net::ServerTls> load() const {
    net::Error error;
    auto loaded = net::ServerTls::load({folder_ / "good.pem", folder_ / "good.key", false}, error);
    EXPECT_NE(loaded, nullptr) << error.message;
    return loaded;
  }

 private:
  const fs::path folder_;
};

class Refusals : public ::testing::TestWithParam<Way> {
 protected:
  static constexpr std::size_t kClients = 3;

  void SetUp() override {
    options_.hub.limits.requests_per_s = 0;
    options_.server.io_uring = GetParam() == Way::kIoUring;
    if (GetParam() == Way::kTls) {
      certificate_ = std::make_unique<Certificate>();
      options_.server.tls = certificate_->load();
    }
    RefusedShard probe(options_, market_);
    if (const std::string& why = probe->io_uring_refusal(); !why.empty()) {
      const std::string missing = "skipped: no io_uring (" + why + ")";
      ASSERT_EQ(std::getenv("TICKER_REQUIRE_ALL"), nullptr) << missing;
      GTEST_SKIP() << missing;
    }
  }
  void TearDown() override { testing::allow_sending(); }

  // Two shards that serve the same market, one of which will be refused bytes, and clients of each: of all there is, of a
  // field, of trades.
  void start(std::size_t instruments) {
    for (std::size_t i = 0; i < instruments; ++i) {
      const std::string name = "S" + std::to_string(100 + i);
      market_.add({"a:" + name, "a", name, "", ""});
    }
    market_.take_batch();
    refused_ = std::make_unique<RefusedShard>(options_, market_);
    calm_ = std::make_unique<RefusedShard>(options_, market_);
    for (std::size_t i = 0; i < kClients; ++i) {
      refused_clients_.push_back(connect(*refused_));
      calm_clients_.push_back(connect(*calm_));
      subscribe(i);
    }
    settle();
  }

  std::unique_ptr<ShardClient> connect(RefusedShard& shard) {
    return std::make_unique<ShardClient>(shard, certificate_ ? certificate_->authority() : std::string());
  }

  // The same of both shards.
  void subscribe(std::size_t client) {
    protocol::Subscribe request;
    request.symbols = {"a:*"};
    if (client == 2) {
      request.channel = Channel::kTrades;
    } else {
      request.channel = Channel::kTicker;
      request.lane = "l";
      request.interval_ms = 0;
      request.fields = client == 0 ? FieldSet::all() : FieldSet(Field::kBid);
    }
    ++requests_;
    refused_clients_[client]->send(request);
    calm_clients_[client]->send(request);
  }

  // Every instrument changes, and one trades; the shard that is refused serves that at once.
  void change() {
    ++changes_;
    const Timestamp now = (*refused_)->now();
    for (market::InstrumentId id = 0; id < market_.end_id(); ++id) {
      market::Update update;
      update.instrument = id;
      update.receive_time = now;
      update.values.set(Field::kBid, *Decimal::from_text(std::to_string(10'000 + (changes_ * 7 + id) % 90'000)));
      if (changes_ % 2 == 0) {
        update.values.set(Field::kAsk, *Decimal::from_text(std::to_string(10'000 + (changes_ * 11 + id) % 90'000)));
      }
      market_.apply(update);
    }
    market::Trade trade;
    trade.price = *Decimal::from_text(std::to_string(market_.find(market::InstrumentId{0})->trades + 1));
    trade.size = *Decimal::from_text("1");
    trade.id = market::TradeId("t");
    trade.receive_time = now;
    market_.apply(trade, FieldSet());
    batches_.push_back(market_.take_batch());
    refused_->apply(batches_.back());
  }

  // A client asks for what it has anew, or the market changes, and a reply, or what all are to have, is written.
  enum class What { kReply, kChange };
  void cause(What what) {
    if (what == What::kChange) {
      change();
      return;
    }
    const auto asked = [this] { return (*refused_)->stats().requests[hub::HubStats::kSubscribe].value(); };
    ASSERT_TRUE(refused_->run_until([&] { return asked() == requests_; }));
  }

  // The kernel takes this many bytes of what is written, the rest by and by; meanwhile the market changes.
  void refuse_at(std::size_t offset, What what) {
    if (what == What::kReply) {
      subscribe(0);
    }
    testing::refuse_sending(offset);
    cause(what);
    refused_->run_a_little();
    change();
    blocked_ += (*refused_)->stats().blocked.value() > 0 ? 1U : 0U;
    testing::refuse_sending(1);
    refused_->run_a_little();
    change();
    testing::allow_sending();
    settle();
  }

  // Until all have what the market has, of both shards the same.
  void settle() {
    for (const market::Batch& batch : std::exchange(batches_, {})) {
      calm_->apply(batch);
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    for (;;) {
      calm_->run_all();
      refused_->run_all();
      const std::string difference = differs();
      if (difference.empty()) {
        return;
      }
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << difference;
    }
  }
  std::string differs() const {
    for (std::size_t i = 0; i < kClients; ++i) {
      for (const auto* client : {calm_clients_[i].get(), refused_clients_[i].get()}) {
        if (auto difference = client->differs_from(market_); !difference.empty()) {
          return "client " + std::to_string(i) + ": " + difference;
        }
      }
      if (!refused_clients_[i]->holds_what(*calm_clients_[i])) {
        return "client " + std::to_string(i) + " holds what was never so";
      }
    }
    return {};
  }

  // What is then written, headers included, at most.
  std::size_t bytes_of(What what) {
    const std::uint64_t before = (*refused_)->stats().bytes.value();
    if (what == What::kReply) {
      subscribe(0);
    }
    cause(what);
    const std::size_t texts = (*refused_)->stats().bytes.value() - before;
    settle();
    constexpr std::size_t kFrame = 10;
    constexpr std::size_t kRecord = 22;
    return texts + kClients * (GetParam() == Way::kTls ? kFrame + kRecord : kFrame);
  }

  std::unique_ptr<Certificate> certificate_;
  Shard::Options options_;
  market::MarketState market_{"e1"};
  std::unique_ptr<RefusedShard> refused_;
  std::unique_ptr<RefusedShard> calm_;
  std::vector<std::unique_ptr<ShardClient>> refused_clients_;
  std::vector<std::unique_ptr<ShardClient>> calm_clients_;
  std::vector<market::Batch> batches_;  // that the calm shard has not got yet
  std::uint64_t requests_ = 0;  // that were sent to the shard that is refused
  std::uint32_t changes_ = 0;
  std::size_t blocked_ = 0;  // times that somebody was
};

INSTANTIATE_TEST_SUITE_P(Over, Refusals, ::testing::Values(Way::kSendmsg, Way::kIoUring, Way::kTls),
                         [](const auto& test) { return name_of(test.param); });

TEST_P(Refusals, AtEveryOffsetOfAFlushLeaveClientsWithTheSameState) {
  ASSERT_NO_FATAL_FAILURE(start(2));
  const std::size_t bytes = bytes_of(What::kChange);

  for (std::size_t offset = 0; offset <= bytes; ++offset) {
    ASSERT_NO_FATAL_FAILURE(refuse_at(offset, What::kChange)) << offset;
  }

  EXPECT_GE(blocked_, bytes * 3 / 4);
}

TEST_P(Refusals, AtEveryOffsetOfAReplyAndItsSnapshotLeaveClientsWithTheSameState) {
  ASSERT_NO_FATAL_FAILURE(start(2));
  const std::size_t bytes = bytes_of(What::kReply);

  for (std::size_t offset = 0; offset <= bytes; ++offset) {
    ASSERT_NO_FATAL_FAILURE(refuse_at(offset, What::kReply)) << offset;
  }

  EXPECT_GE(blocked_, bytes * 3 / 4);
}

// Most of it one frame: longer than what goes through a ring (8 KiB), than what is copied behind a reply and than a record of
// TLS (16 KiB).
TEST_P(Refusals, OfLongFramesLeaveClientsWithTheSameState) {
  ASSERT_NO_FATAL_FAILURE(start(250));
  const std::size_t bytes = bytes_of(What::kChange);
  ASSERT_GT(bytes, 2 * 16'384U);
  std::set<std::size_t> offsets;
  for (const std::size_t edge : {std::size_t{0}, std::size_t{8192}, std::size_t{16'384}, bytes - 30}) {
    offsets.insert({edge, edge + 1, edge + 4, edge + 9, edge + 22});
  }
  for (std::size_t offset = 0; offset < bytes; offset += bytes / 10 + 1) {
    offsets.insert(offset);
  }

  for (const std::size_t offset : offsets) {
    ASSERT_NO_FATAL_FAILURE(refuse_at(offset, offset % 2 == 0 ? What::kChange : What::kReply)) << offset;
  }

  EXPECT_GE(blocked_, offsets.size() / 2);
}

}  // namespace
}  // namespace ticker::tickerd
