#include "replay_clock.hpp"

#include <chrono>

#include <gtest/gtest.h>

#include "change_rate.hpp"

namespace ticker::tickerd {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kRecorded = from_us(1'000'000'000);
constexpr Timestamp kNow = from_us(9'000'000'000);

TEST(ReplayClock, GoesAtAMultipleOfTheRealPace) {
  ReplayClock clock(10);
  EXPECT_FALSE(clock.goes());

  clock.go_on(kRecorded, kNow);

  EXPECT_EQ(clock.at(kNow + 3s), kRecorded + 30s);
  EXPECT_EQ(clock.until(kRecorded + 50s, kNow + 3s), 2s);
  EXPECT_EQ(clock.until(kRecorded + 20s, kNow + 3s), 0s);
}

TEST(ReplayClock, GoesOnFromWhereItStood) {
  ReplayClock clock(0.1);
  clock.go_on(kRecorded, kNow);
  clock.stand();
  clock.set_speed(1);

  clock.go_on(kRecorded + 1s, kNow + 60s);

  EXPECT_EQ(clock.at(kNow + 61s), kRecorded + 2s);
}

TEST(ReplayClock, FallsBehindByASecondOfRealTimeAtMost) {
  ReplayClock clock(10);
  clock.go_on(kRecorded, kNow);

  clock.wait_for(kRecorded, kNow + 1s);
  EXPECT_EQ(clock.at(kNow + 1s), kRecorded + 10s);
  clock.wait_for(kRecorded, kNow + 2s);

  EXPECT_EQ(clock.at(kNow + 2s), kRecorded);
}

TEST(ChangeRate, AllowsATenthOfASecondsAtOnce) {
  ChangeRate rate(100);
  int taken = 0;
  while (rate.take(kNow)) {
    ++taken;
  }
  EXPECT_EQ(taken, 10);

  EXPECT_TRUE(rate.take(kNow + 10ms));
  EXPECT_FALSE(rate.take(kNow + 10ms));
}

TEST(ChangeRate, OfNoneIsNoLimit) {
  ChangeRate rate(0);
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_TRUE(rate.take(kNow));
  }
}

}  // namespace
}  // namespace ticker::tickerd
