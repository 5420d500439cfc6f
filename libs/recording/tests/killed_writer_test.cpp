#include <ticker/recording/recorder.hpp>

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <new>
#include <random>
#include <thread>

#include <ticker/recording/reader.hpp>
#include <ticker/recording/segment.hpp>

#include "temporary_folder.hpp"

namespace ticker::recording {
namespace {

constexpr int kRounds = 100;
constexpr std::chrono::microseconds kLongest{60'000};

// What the writer that is going to be killed says of itself.
struct Told {
  std::atomic<std::uint64_t> given{0};          // messages handed over
  std::atomic<std::uint64_t> written_bytes{0};  // that the system has taken
};

// Memory that outlives the process that writes it.
class SharedMemory {
 public:
  SharedMemory()
      : memory_(mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                     0)) {
    EXPECT_NE(memory_, MAP_FAILED);
    told_ = new (memory_) Told();
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory() { munmap(memory_, sizeof(Told)); }
  Told* operator->() { return told_; }
  Told& operator*() { return *told_; }

 private:
  void* memory_;
  Told* told_;
};

std::string message(std::uint64_t number) {
  return "message " + std::to_string(number) + std::string(number * 7919 % 400, 'x');
}

// Records message 1, 2, … until it is killed.
[[noreturn]] void write_for_ever(const std::string& folder, Told& told) {
  const auto stats = std::make_shared<metrics::RecordingStats>();
  Recorder::Storage storage;
  storage.folder = folder;
  storage.flush_interval = std::chrono::milliseconds(2);
  storage.segment_bytes = 10'000;
  Header header;
  header.feed = "killed";
  Recorder recorder(storage, header, stats);
  for (std::uint64_t number = 1;; ++number) {
    recorder.record({static_cast<std::int64_t>(number), Kind::kReceived, 0, message(number)});
    told.written_bytes.store(stats->written_bytes.value());
    told.given.store(number);
    if (number % 50 == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

TEST(KilledWriter, LeavesEveryMessageThatTheSystemHasTaken) {
  std::mt19937 random(20'240'808);
  std::uint64_t messages = 0;
  for (int round = 0; round < kRounds; ++round) {
    const TemporaryFolder folder;
    SharedMemory told;
    const pid_t writer = fork();
    ASSERT_GE(writer, 0);
    if (writer == 0) {
      write_for_ever(folder.path("feed"), *told);
    }
    std::this_thread::sleep_for(
        std::chrono::microseconds(random() % static_cast<unsigned>(kLongest.count())));
    ASSERT_EQ(kill(writer, SIGKILL), 0);
    ASSERT_EQ(waitpid(writer, nullptr, 0), writer);

    auto reader = Reader::open(folder.path("feed"));
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    std::size_t cuts = 0;
    if (reader.ok()) {
      Reader::Message read;
      for (auto result = reader->next(read); result != Reader::ReadResult::kEnd;
           result = reader->next(read)) {
        if (result == Reader::ReadResult::kDamaged) {
          // Only the block that was being written when it happened.
          EXPECT_EQ(reader->damage().file, reader->files().back());
          ++cuts;
          continue;
        }
        ++number;
        ASSERT_EQ(read.receive_ns, static_cast<std::int64_t>(number));
        ASSERT_EQ(std::string(read.data, read.size), message(number));
      }
      for (const auto& file : reader->files()) {
        const auto segment = read_segment(file);
        bytes += segment->file_bytes;
        EXPECT_TRUE(segment->is_ended || file == reader->files().back());
      }
    }
    EXPECT_LE(cuts, 1U);
    EXPECT_GE(bytes, told->written_bytes.load());
    EXPECT_LE(number, told->given.load() + 1);
    messages += number;
  }
  EXPECT_GT(messages, 1'000U);
}

}  // namespace
}  // namespace ticker::recording
