#include "replay_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <ticker/recording/block.hpp>
#include <ticker/recording/segment_file.hpp>

namespace ticker::tickerd {
namespace {

// Each look at it takes a millisecond.
class TickingClock final : public Clock {
 public:
  Timestamp now() const override { return from_us(1'000 * ++looks_); }

 private:
  mutable std::atomic<std::int64_t> looks_{0};
};

// A recording of 100 messages, a second apart, each of which changes something.
class ReplaySourceTest : public ::testing::Test {
 protected:
  static constexpr int kMessages = 100;
  static Timestamp time_of(int message) { return from_us(1'000'000 * (1'000 + message)); }

  ReplaySourceTest() : folder_((std::filesystem::temp_directory_path() / "replay_source_XXXXXX").string()) {
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    recording::Header header;
    header.feed = "venue";
    header.adapter = "binance-spot";
    auto file = recording::SegmentFile::create(folder_ + "/venue.rec.zst", header);
    EXPECT_TRUE(file.ok());
    recording::Block block;
    for (int message = 0; message < kMessages; ++message) {
      const std::string price = std::to_string(message + 1);
      const std::string text =
          R"({"stream":"s@bookTicker","data":{"u":)" + price + R"(,"s":"BTCUSDT","b":")" + price + R"(","B":"1","a":"999","A":"1"}})";
      block.append({to_us(time_of(message)) * 1'000, recording::Kind::kReceived, 0, text});
    }
    EXPECT_TRUE(file->write(block).ok());
    EXPECT_TRUE(file->end().ok());
  }
  ~ReplaySourceTest() override {
    if (source_) {
      source_->cancel();
    }
    replays_.stop();
    std::filesystem::remove_all(folder_);
  }

  void begin(std::optional<Timestamp> position = {}, const std::string& recording = "venue") {
    source_ = std::make_shared<ReplaySource>(replays_, ReplaySource::Options{folder_, recording, "epoch", position, {}},
                                             [this](std::shared_ptr<ReplaySource::Piece> piece) {
                                               const std::lock_guard lock(mutex_);
                                               piece_ = std::move(piece);
                                               has_delivered_ = true;
                                               delivered_.notify_one();
                                             });
    source_->begin();
  }
  ReplaySource::Piece piece() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(delivered_.wait_for(lock, std::chrono::seconds(60), [this] { return piece_ != nullptr; }));
    return std::move(*std::exchange(piece_, nullptr));
  }
  // Goes to the end of the queue, again and again, until the first piece is delivered.
  void wait_in_line() {
    replays_.reading()->run([this] {
      {
        const std::lock_guard lock(mutex_);
        if (has_delivered_) {
          return;
        }
        ++turns_of_others_;
      }
      wait_in_line();
    });
  }

  const TickingClock clock_;
  std::string folder_;
  std::mutex mutex_;
  std::condition_variable delivered_;
  std::shared_ptr<ReplaySource::Piece> piece_;
  bool has_delivered_ = false;  // not changed any more, once piece() has returned
  int turns_of_others_ = 0;     // likewise
  Replays replays_{clock_, {}};
  std::shared_ptr<ReplaySource> source_;
};

TEST_F(ReplaySourceTest, GivesEveryChangeOnce) {
  begin();
  auto now = piece();
  ASSERT_TRUE(now.beginning);
  EXPECT_EQ(now.beginning->position, time_of(0));
  int changes = 0;
  while (!now.is_last || !now.changes.empty()) {
    for (const auto& change : now.changes) {
      EXPECT_EQ(change.time, time_of(changes++));
    }
    if (now.is_last) {
      break;
    }
    source_->read();
    now = piece();
  }

  EXPECT_EQ(changes, kMessages);
  EXPECT_EQ(now.ends_at, time_of(kMessages - 1));
}

TEST_F(ReplaySourceTest, EndsAPieceWhenItsTimeIsOver) {
  begin();

  const auto first = piece();

  EXPECT_GE(first.changes.size(), 1U);
  EXPECT_LE(first.changes.size(), 5U);  // of a millisecond each
}

// A pipe that nobody writes to stands for a disk that hangs.
TEST_F(ReplaySourceTest, IsLeftToItsDiskAtTheEnd) {
  std::filesystem::create_directory(folder_ + "/held");
  const auto pipe = folder_ + "/held/0.rec.zst";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  begin({}, "held");
  int held = -1;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (held < 0 && std::chrono::steady_clock::now() < deadline) {
    held = open(pipe.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);  // not before somebody reads
    std::this_thread::yield();
  }
  ASSERT_GE(held, 0);

  replays_.stop();

  // The disk comes back: the reader finds that all has ended, and goes.
  const std::weak_ptr<ReplaySource> reading = std::exchange(source_, nullptr);
  EXPECT_FALSE(reading.expired());
  close(held);
  while (!reading.expired() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(reading.expired());
  EXPECT_EQ(piece_, nullptr);
}

TEST_F(ReplaySourceTest, LetsOthersReadWhileItGoesToAPosition) {
  // Both on the reading thread: nothing is read before the other one stands in line.
  replays_.reading()->run([this] {
    begin(time_of(kMessages - 10));
    wait_in_line();
  });

  const auto first = piece();

  EXPECT_EQ(first.beginning->position, time_of(kMessages - 10));
  EXPECT_EQ(first.beginning->state.find("venue:BTCUSDT")->values.decimal(market::Field::kBid).text(), "90");
  EXPECT_GE(turns_of_others_, (kMessages - 10) / 5);
}

}  // namespace
}  // namespace ticker::tickerd
