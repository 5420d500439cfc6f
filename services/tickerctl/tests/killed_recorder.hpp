#pragma once

#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <thread>

#include <ticker/recording/recorder.hpp>

#include "recording_file.hpp"

namespace ticker::tickerctl {

// A process that records messages at a steady rate with a recorder's own settings, until it is
// killed. What the recorder was given, and when, stands in memory that outlives it.
class KilledRecorder {
 public:
  using Steady = std::chrono::steady_clock;

  // After the first message. Within the first flush interval there is nothing to be found yet.
  static constexpr std::chrono::milliseconds kSoonestKill{400};
  static constexpr std::chrono::milliseconds kLatestKill{2'500};
  static constexpr std::chrono::milliseconds kMayBeLost{1'000};

  // `seed`: of the messages, and of the moment of the kill.
  explicit KilledRecorder(unsigned seed)
      : seed_(seed),
        memory_(mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                     0)) {
    EXPECT_NE(memory_, MAP_FAILED);
    told_ = new (memory_) Told();
    process_ = ::fork();
    EXPECT_GE(process_, 0);
    if (process_ == 0) {
      record_until_killed();
    }
  }
  KilledRecorder(const KilledRecorder&) = delete;
  KilledRecorder& operator=(const KilledRecorder&) = delete;
  ~KilledRecorder() {
    kill();
    munmap(memory_, sizeof(Told));
  }

  bool has_begun() const { return told_->given > 0; }
  Steady::time_point kill_at() const {
    std::mt19937 random(seed_);
    std::uniform_int_distribution<std::int64_t> after(Nanoseconds(kSoonestKill).count(),
                                                      Nanoseconds(kLatestKill).count());
    return Steady::time_point(Nanoseconds(told_->given_at[0].load() + after(random)));
  }
  void kill() {
    if (process_ > 0) {
      killed_at_ = now_ns();
      EXPECT_EQ(::kill(process_, SIGKILL), 0);
      EXPECT_EQ(::waitpid(process_, nullptr, 0), process_);
      process_ = 0;
    }
  }

  unsigned seed() const { return seed_; }
  std::string recording() const { return folder_.path() + "/feed"; }
  // They are numbered from 1.
  std::string message(std::uint64_t number) const {
    std::mt19937_64 random(seed_ * kMessages + number);
    return R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":)" +
           std::to_string(number) + R"(,"p":")" + std::to_string(random()) +
           R"(","q":"0.006","m":false,"noise":")" + std::to_string(random()) +
           std::string(random() % 100, 'x') + R"("}})";
  }
  static std::int64_t receive_ns(std::uint64_t number) {
    return kFirstNs + static_cast<std::int64_t>(number) * Nanoseconds(kEvery).count();
  }

  std::uint64_t given() const { return told_->given; }
  // Of those, how many were given long enough before the kill.
  std::uint64_t must_be_there() const {
    const auto last = killed_at_ - Nanoseconds(kMayBeLost).count() - machine_late_ns();
    return static_cast<std::uint64_t>(
        std::count_if(told_->given_at.begin(), told_->given_at.begin() + given(),
                      [&](const auto& given_at) { return given_at <= last; }));
  }
  std::string text() const {
    return "seed " + std::to_string(seed_) + ", killed " +
           std::to_string((killed_at_ - told_->given_at[0]) / 1'000'000) +
           " ms after its first message, on a machine that was " +
           std::to_string(machine_late_ns() / 1'000'000) + " ms late";
  }

 private:
  using Nanoseconds = std::chrono::nanoseconds;

  static constexpr std::chrono::milliseconds kEvery{2};  // a message
  static constexpr std::size_t kMessages = 30'000;
  static constexpr std::chrono::milliseconds kTurn{20};  // as often as a recorder looks for more
  static constexpr std::int64_t kFirstNs = 1'723'161'256'000'000'000;
  // Of each second recorder: a few in a second.
  static constexpr std::uint64_t kSmallSegment = 50'000;

  struct Told {
    std::atomic<std::uint64_t> given{0};
    std::array<std::atomic<std::int64_t>, kMessages> given_at{};
    std::atomic<std::int64_t> last_turn{0};  // of take_turns()
    std::atomic<std::int64_t> longest_turn{0};
  };

  static std::int64_t now_ns() { return Nanoseconds(Steady::now().time_since_epoch()).count(); }

  // How late a thread was at most that takes turns as the recorder's own does: by so much the
  // machine may have held up that one too.
  std::int64_t machine_late_ns() const {
    const auto longest = std::max(told_->longest_turn.load(), killed_at_ - told_->last_turn);
    return std::max<std::int64_t>(longest - Nanoseconds(kTurn).count(), 0);
  }
  [[noreturn]] void take_turns() {
    const int scratch =
        ::open((folder_.path() + "/scratch").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    for (;;) {
      std::this_thread::sleep_for(kTurn);
      [[maybe_unused]] const auto written = ::pwrite(scratch, "x", 1, 0);
      const auto turn = now_ns();
      told_->longest_turn = std::max(told_->longest_turn.load(), turn - told_->last_turn);
      told_->last_turn = turn;
    }
  }

  [[noreturn]] void record_until_killed() {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    recording::Recorder::Storage storage;
    storage.folder = recording();
    if (seed_ % 2 != 0) {
      storage.segment_bytes = kSmallSegment;
    }
    recording::Header header;
    header.feed = "killed";
    header.adapter = "binance-spot";
    recording::Recorder recorder(storage, header, std::make_shared<metrics::RecordingStats>());
    told_->last_turn = now_ns();
    std::thread([this] { take_turns(); }).detach();
    const auto begin = Steady::now();
    for (std::uint64_t number = 1; number <= kMessages; ++number) {
      std::this_thread::sleep_until(begin + number * kEvery);
      recorder.record({receive_ns(number), recording::Kind::kReceived, 0, message(number)});
      told_->given_at[number - 1] = now_ns();
      told_->given = number;
    }
    for (;;) {
      ::pause();
    }
  }

  const unsigned seed_;
  const TemporaryFolder folder_;
  void* const memory_;
  Told* told_ = nullptr;
  pid_t process_ = 0;
  std::int64_t killed_at_ = 0;
};

}  // namespace ticker::tickerctl
