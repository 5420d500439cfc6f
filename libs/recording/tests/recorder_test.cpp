#include <ticker/recording/recorder.hpp>

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include <ticker/base/log.hpp>
#include <ticker/recording/reader.hpp>
#include <ticker/recording/segment.hpp>

#include "temporary_folder.hpp"

namespace ticker::recording {
namespace {

using ReadResult = Reader::ReadResult;
using Lines = std::vector<std::string>;

Header header_of(const std::string& feed) {
  Header header;
  header.feed = feed;
  header.adapter = "okx";
  return header;
}

Recorder::Storage storage_in(const TemporaryFolder& folder) {
  Recorder::Storage storage;
  storage.folder = folder.path("okx");
  return storage;
}

Record received(std::int64_t ns, std::string_view bytes) { return {ns, Kind::kReceived, 0, bytes}; }

// Messages as `17 text`, losses as `17 lost 3`.
Lines read_all(const std::string& path) {
  auto reader = Reader::open(path);
  Lines lines;
  Reader::Message message;
  for (auto result = reader.ok() ? reader->next(message) : ReadResult::kEnd;
       result != ReadResult::kEnd; result = reader->next(message)) {
    lines.push_back(result == ReadResult::kDamaged
                        ? "damaged: " + reader->damage().what
                        : std::to_string(message.receive_ns) +
                              (message.kind == Kind::kLost ? " lost " : " ") +
                              std::string(message.data, message.size));
  }
  return lines;
}

// Until it holds, ten seconds at most.
bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return holds();
}

// No file of this process may grow beyond `bytes`: a full disk, as far as who writes can see.
class FullDisk {
 public:
  explicit FullDisk(std::uint64_t bytes) {
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() { EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before_), 0); }

 private:
  rlimit before_{};
};

class RecorderTest : public testing::Test {
 protected:
  std::unique_ptr<Recorder> start(const Recorder::Storage& storage) {
    return std::make_unique<Recorder>(storage, header_of("okx"), stats_);
  }

  TemporaryFolder folder_;
  std::shared_ptr<metrics::RecordingStats> stats_ = std::make_shared<metrics::RecordingStats>();
};

TEST_F(RecorderTest, KeepsWhatItWasGivenInOneEndedSegment) {
  auto recorder = start(storage_in(folder_));
  recorder->record(received(1'000, "a"));
  recorder->record(received(1'001, "b"));
  recorder->stop();
  EXPECT_EQ(read_all(folder_.path("okx")), (Lines{"1000 a", "1001 b"}));
  const auto segment = read_segment(folder_.path("okx/19700101T000000.000001000Z.rec.zst"));
  ASSERT_TRUE(segment.ok()) << segment.error().message;
  EXPECT_TRUE(segment->is_ended);
  EXPECT_EQ(segment->header.feed, "okx");
  EXPECT_EQ(stats_->messages.value(), 2U);
  EXPECT_EQ(stats_->bytes.value(), 2U);
  EXPECT_EQ(stats_->dropped.value(), 0U);
  EXPECT_GT(stats_->last_write_us.value(), 0);
}

TEST_F(RecorderTest, CanBeReadWhileItGoesOn) {
  auto recorder = start(storage_in(folder_));
  recorder->record(received(1, "a"));
  EXPECT_TRUE(eventually([&] { return read_all(folder_.path("okx")) == Lines{"1 a"}; }));
  recorder->record(received(2, "b"));
  EXPECT_TRUE(eventually([&] { return read_all(folder_.path("okx")) == Lines{"1 a", "2 b"}; }));
}

TEST_F(RecorderTest, MakesNoFileOfNothing) {
  start(storage_in(folder_))->stop();
  EXPECT_FALSE(std::filesystem::exists(folder_.path("okx")));
}

TEST_F(RecorderTest, BeginsANewSegmentWhenOneIsLargeEnough) {
  auto storage = storage_in(folder_);
  storage.segment_bytes = 1;
  storage.flush_interval = std::chrono::milliseconds(0);
  auto recorder = start(storage);
  Lines expected;
  for (int number = 1; number <= 5; ++number) {
    recorder->record(received(number, "x"));
    expected.push_back(std::to_string(number) + " x");
    ASSERT_TRUE(eventually([&] { return read_all(folder_.path("okx")) == expected; }));
  }
  recorder->stop();
  const auto reader = Reader::open(folder_.path("okx"));
  EXPECT_EQ(reader->files().size(), 5U);
  for (const auto& file : reader->files()) {
    EXPECT_TRUE(read_segment(file)->is_ended);
  }
}

TEST_F(RecorderTest, BeginsANewSegmentWhenOneIsOldEnough) {
  auto storage = storage_in(folder_);
  storage.segment_age = std::chrono::milliseconds(0);
  storage.flush_interval = std::chrono::milliseconds(0);
  auto recorder = start(storage);
  recorder->record(received(1, "x"));
  ASSERT_TRUE(eventually([&] { return read_all(folder_.path("okx")).size() == 1; }));
  recorder->record(received(2, "x"));
  recorder->stop();
  EXPECT_EQ(Reader::open(folder_.path("okx"))->files().size(), 2U);
}

// Nothing more comes that could be written.
TEST_F(RecorderTest, EndsTheSegmentOfAQuietFeedWhenItIsOldEnough) {
  auto storage = storage_in(folder_);
  storage.segment_age = std::chrono::milliseconds(100);
  storage.flush_interval = std::chrono::milliseconds(0);
  auto recorder = start(storage);
  recorder->record(received(1, "x"));
  const auto path = folder_.path("okx/19700101T000000.000000001Z.rec.zst");
  EXPECT_TRUE(eventually([&] {
    const auto segment = read_segment(path);
    return segment.ok() && segment->is_ended;
  }));
  recorder->record(received(2, "x"));
  recorder->stop();
  EXPECT_EQ(Reader::open(folder_.path("okx"))->files().size(), 2U);
}

TEST_F(RecorderTest, BeginsANewSegmentWhenOneWasTakenAway) {
  auto storage = storage_in(folder_);
  storage.flush_interval = std::chrono::milliseconds(0);
  auto recorder = start(storage);
  recorder->record(received(1, "a"));
  ASSERT_TRUE(eventually([&] { return read_all(folder_.path("okx")) == Lines{"1 a"}; }));
  std::filesystem::remove_all(folder_.path("okx"));
  recorder->record(received(2, "b"));
  recorder->stop();
  EXPECT_EQ(read_all(folder_.path("okx")), Lines{"2 b"});
}

TEST_F(RecorderTest, DeletesTheOldestSegmentsBeyondItsBound) {
  auto storage = storage_in(folder_);
  storage.segment_bytes = 1'000;
  storage.keep_bytes = 3'000;
  storage.flush_interval = std::chrono::milliseconds(0);
  auto recorder = start(storage);
  for (int number = 1; number <= 60; ++number) {
    const auto before = stats_->written_bytes.value();
    recorder->record(received(number, std::to_string(number)));
    ASSERT_TRUE(eventually([&] { return stats_->written_bytes.value() > before; }));
  }
  recorder->stop();
  std::uint64_t bytes = 0;
  const auto reader = Reader::open(folder_.path("okx"));
  for (const auto& file : reader->files()) {
    bytes += std::filesystem::file_size(file);
  }
  EXPECT_LT(bytes, 3'300U);  // the last block and the mark of the end come on top
  EXPECT_GT(bytes, 1'000U);
  EXPECT_EQ(read_all(folder_.path("okx")).back(), "60 60");
}

TEST_F(RecorderTest, GoesOnWhereAnotherOneOfTheFeedWas) {
  auto first = start(storage_in(folder_));
  first->record(received(1, "a"));
  EXPECT_EQ(first->next_connection(), 0U);
  Recorder second(storage_in(folder_), header_of("other"), stats_, std::move(first));
  second.record(received(1, "b"));
  EXPECT_EQ(second.next_connection(), 1U);
  second.stop();
  EXPECT_EQ(read_all(folder_.path("okx")), (Lines{"1 a", "1 b"}));
}

TEST_F(RecorderTest, TellsOfWhatFoundNoRoom) {
  auto storage = storage_in(folder_);
  storage.buffer_bytes = 1'000;
  auto recorder = start(storage);
  recorder->record(received(1, "a"));
  recorder->record(received(2, std::string(2'000, 'x')));
  recorder->record(received(3, std::string(2'000, 'x')));
  recorder->record(received(4, "b"));
  recorder->record(received(5, std::string(2'000, 'x')));
  recorder->stop();
  EXPECT_EQ(read_all(folder_.path("okx")), (Lines{"1 a", "2 lost 2", "4 b", "5 lost 1"}));
  EXPECT_EQ(stats_->messages.value(), 2U);
  EXPECT_EQ(stats_->dropped.value(), 3U);
}

TEST_F(RecorderTest, GoesOnWhenAFullDiskHasRoomAgain) {
  std::atomic<int> errors{0};
  log::set_sink([&](log::Level level, std::string_view) { errors += level == log::Level::kError; });
  auto storage = storage_in(folder_);
  storage.flush_interval = std::chrono::milliseconds(0);
  storage.buffer_bytes = 4'000;
  auto recorder = start(storage);
  std::size_t given = 0;
  const auto record = [&] {
    const auto number = static_cast<std::int64_t>(++given);
    recorder->record(received(number, std::string(400, static_cast<char>('a' + number % 26))));
  };
  {
    const FullDisk full(100);
    record();
    ASSERT_TRUE(eventually([&] { return stats_->write_errors.value() > 0; }));
    // Nobody waits for it, and what there is no room for is counted.
    for (int count = 0; count < 100'000 && stats_->dropped.value() == 0; ++count) {
      record();
    }
    EXPECT_GT(stats_->dropped.value(), 0U);
    ASSERT_TRUE(eventually([&] { return stats_->write_errors.value() > 1; }));
  }
  ASSERT_TRUE(eventually([&] { return stats_->last_write_us.value() > 0; }));
  record();
  recorder->stop();
  log::set_sink(nullptr);
  EXPECT_EQ(errors, 1);

  std::size_t kept = 0;
  std::size_t lost = 0;
  for (const auto& line : read_all(folder_.path("okx"))) {
    const auto at = line.find(" lost ");
    at == std::string::npos ? ++kept : lost += std::stoul(line.substr(at + 6));
  }
  EXPECT_EQ(lost, stats_->dropped.value());
  EXPECT_EQ(kept, stats_->messages.value());
  EXPECT_EQ(kept + lost, given);
  EXPECT_EQ(stats_->lost.value(), 0U);
}

TEST_F(RecorderTest, CountsWhatTheDiskDidNotTakeUntilTheEnd) {
  log::set_sink([](log::Level, std::string_view) {});
  auto storage = storage_in(folder_);
  storage.file = folder_.path("no/such/folder");
  auto recorder = start(storage);
  recorder->record(received(1, "a"));
  recorder->record(received(2, "b"));
  recorder->stop();
  log::set_sink(nullptr);
  EXPECT_EQ(stats_->lost.value(), 2U);
  EXPECT_GT(stats_->write_errors.value(), 0U);
}

// Five feeds on a disk that hangs: the service stops after one's patience, not after all of theirs.
TEST_F(RecorderTest, WaitsForAHungDiskOnceThoughManyRecord) {
  constexpr std::size_t kFeeds = 5;
  std::atomic<std::size_t> hung{0};
  std::atomic<bool> is_released{false};
  const auto stopping_thread = std::this_thread::get_id();
  // To its thread, the log that does not return is a disk that does not.
  log::set_sink([&](log::Level, std::string_view) {
    if (std::this_thread::get_id() != stopping_thread) {
      ++hung;
      is_released.wait(false);
      --hung;
    }
  });
  auto storage = storage_in(folder_);
  storage.file = folder_.path("no/such/folder");
  storage.flush_interval = std::chrono::milliseconds(0);
  std::vector<std::unique_ptr<Recorder>> recorders;
  for (std::size_t feed = 0; feed < kFeeds; ++feed) {
    recorders.push_back(start(storage));
    recorders.back()->record(received(1, "a"));
  }
  ASSERT_TRUE(eventually([&] { return hung == kFeeds; }));

  const auto begun = std::chrono::steady_clock::now();
  for (const auto& recorder : recorders) {
    recorder->begin_stop();
  }
  recorders.clear();
  const auto took = std::chrono::steady_clock::now() - begun;

  is_released = true;
  is_released.notify_all();
  EXPECT_TRUE(eventually([&] { return hung == 0; }));
  log::set_sink(nullptr);
  EXPECT_GE(took, Recorder::kPatience);
  EXPECT_LT(took, 2 * Recorder::kPatience);
}

TEST_F(RecorderTest, WritesOneFileIfThatIsWanted) {
  auto storage = storage_in(folder_);
  storage.file = folder_.path("one");
  storage.segment_bytes = 1;
  auto recorder = start(storage);
  recorder->record(received(1, "a"));
  ASSERT_TRUE(eventually([&] { return stats_->last_write_us.value() > 0; }));
  recorder->record(received(2, "b"));
  recorder->stop();
  EXPECT_EQ(read_all(folder_.path("one")), (Lines{"1 a", "2 b"}));
}

}  // namespace
}  // namespace ticker::recording
