#include "inbox.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace ticker::tickerd {
namespace {

constexpr Timestamp kNow = from_us(1'000'000);
constexpr std::chrono::milliseconds kHurried{0};

TEST(Inbox, RunsWorkInTheOrderInWhichItCame) {
  Inbox inbox;
  std::vector<int> ran;

  for (int i = 1; i <= 3; ++i) {
    (void)inbox.push([&ran, i] { ran.push_back(i); }, kNow);
  }
  inbox.run(kNow, kHurried);

  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
}

TEST(Inbox, WakesOnceWhoeverWouldNotLook) {
  Inbox inbox;

  EXPECT_TRUE(inbox.push([] {}, kNow));
  EXPECT_FALSE(inbox.push([] {}, kNow));

  inbox.run(kNow, kHurried);
  EXPECT_FALSE(inbox.will_look(Inbox::kNever));
  EXPECT_TRUE(inbox.push([] {}, kNow));
}

TEST(Inbox, WakesNobodyWhoLooksWithinItsPatience) {
  Inbox inbox;

  EXPECT_FALSE(inbox.will_look(kNow + Inbox::kPatience));

  EXPECT_FALSE(inbox.push([] {}, kNow));
}

TEST(Inbox, WakesWhoeverLooksLater) {
  Inbox inbox;

  EXPECT_FALSE(inbox.will_look(kNow + Inbox::kPatience + std::chrono::microseconds(1)));

  EXPECT_TRUE(inbox.push([] {}, kNow));
}

TEST(Inbox, IsLookedIntoInARhythmWhileWorkKeepsComing) {
  using std::chrono::milliseconds;
  Inbox inbox;
  const auto run_with_work = [&inbox](Timestamp now, milliseconds patience) {
    (void)inbox.push([] {}, now);
    return inbox.run(now, patience);
  };

  EXPECT_EQ(run_with_work(kNow, milliseconds(5)), Inbox::kNever);
  EXPECT_EQ(run_with_work(kNow + milliseconds(9), milliseconds(5)), kNow + milliseconds(14));
  EXPECT_EQ(inbox.run(kNow + milliseconds(14), milliseconds(5)), Inbox::kNever);
  EXPECT_EQ(run_with_work(kNow + milliseconds(19), milliseconds(5)), Inbox::kNever);
  EXPECT_EQ(run_with_work(kNow + milliseconds(20), kHurried), Inbox::kNever);
}

// It was handed over while it was said to be looked at soon, so nobody is woken for it.
TEST(Inbox, TellsOfWorkThatCameBeforeALaterLook) {
  Inbox inbox;
  EXPECT_FALSE(inbox.will_look(kNow));
  EXPECT_FALSE(inbox.push([] {}, kNow));

  EXPECT_TRUE(inbox.will_look(Inbox::kNever));
}

TEST(Inbox, LetsGoOfWorkThatNobodyRan) {
  const auto held = std::make_shared<int>();
  {
    Inbox inbox;
    (void)inbox.push([held] {}, kNow);
    (void)inbox.push([held] {}, kNow);
    EXPECT_EQ(held.use_count(), 3);
  }
  EXPECT_EQ(held.use_count(), 1);
}

// The sleeper changes between looking soon, which it then does, and never: work must neither be lost nor lie there while it
// sleeps unwoken.
TEST(Inbox, LosesNoWakeUpBetweenThreads) {
  constexpr int kWork = 20'000;
  Inbox inbox;
  std::mutex mutex;
  std::condition_variable woken;
  bool wake = false;
  int ran = 0;

  std::thread publisher([&] {
    for (int i = 0; i < kWork; ++i) {
      if (inbox.push([&ran] { ++ran; }, kNow)) {
        const std::lock_guard lock(mutex);
        wake = true;
        woken.notify_one();
      }
    }
  });
  bool lost = false;
  for (int turn = 0; ran < kWork && !lost; ++turn) {
    inbox.run(kNow, kHurried);
    const bool soon = turn % 2 == 0;
    if (!inbox.will_look(soon ? kNow : Inbox::kNever) && !soon && ran < kWork) {
      std::unique_lock lock(mutex);
      lost = !woken.wait_for(lock, std::chrono::seconds(10), [&] { return std::exchange(wake, false); });
    }
  }
  publisher.join();

  EXPECT_FALSE(lost);
  EXPECT_EQ(ran, kWork);
}

}  // namespace
}  // namespace ticker::tickerd
