#include "paces.hpp"

#include <gtest/gtest.h>

namespace ticker::tickerd {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = from_us(1'000'000'000);

TEST(Paces, LetSoManyGoAtOnceAndThenOneAtATime) {
  Paces<int> paces;
  const Pace pace{500ms, 2};
  EXPECT_TRUE(paces.take(1, pace, kNow));
  EXPECT_TRUE(paces.take(1, pace, kNow));
  EXPECT_FALSE(paces.take(1, pace, kNow));
  EXPECT_TRUE(paces.take(2, pace, kNow)) << "another's";
  EXPECT_FALSE(paces.take(1, pace, kNow + 499ms));
  EXPECT_TRUE(paces.take(1, pace, kNow + 500ms));
  EXPECT_FALSE(paces.take(1, pace, kNow + 999ms));
  EXPECT_TRUE(paces.take(1, pace, kNow + 10s));
  EXPECT_TRUE(paces.take(1, pace, kNow + 10s));
  EXPECT_FALSE(paces.take(1, pace, kNow + 10s));
}

TEST(Paces, RefuseForOneBurstAtMostHoweverMuchWasDone) {
  Paces<int> paces;
  const Pace pace{500ms, 2};
  for (int i = 0; i < 1'000; ++i) {
    paces.note(1, pace, kNow);
  }
  EXPECT_FALSE(paces.allows(1, pace, kNow));
  EXPECT_TRUE(paces.allows(1, pace, kNow + 500ms));
}

TEST(Paces, WithoutALimitKeepNothing) {
  Paces<int> paces;
  paces.note(1, {500ms, 1}, kNow);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(paces.take(1, Pace::per_second(0), kNow));
  }
}

TEST(Paces, HoldAtARateOfAnyHeight) {
  Paces<int> paces;
  const Pace pace = Pace::per_second(1'000'000);
  int done = 0;
  while (done < 2'000'000 && paces.take(1, pace, kNow)) {
    ++done;
  }
  EXPECT_EQ(done, 1'000'000);
  EXPECT_TRUE(paces.take(1, pace, kNow + 1us));
  EXPECT_FALSE(paces.take(1, pace, kNow + 1us));
}

// A botnet's addresses must not fill the memory, nor take the places of those that are limited.
TEST(Paces, ForgetWhoCouldDoAllAgainAndOnlyThose) {
  Paces<std::size_t> paces;
  const Pace pace{1s, 1};
  for (std::size_t key = 0; key < Paces<std::size_t>::kMost; ++key) {
    ASSERT_TRUE(paces.take(key, pace, kNow));
  }
  const std::size_t late = Paces<std::size_t>::kMost;
  EXPECT_TRUE(paces.take(late, pace, kNow));
  EXPECT_TRUE(paces.take(late, pace, kNow)) << "there is no room to remember it";
  EXPECT_FALSE(paces.take(0, pace, kNow));
  EXPECT_TRUE(paces.take(late, pace, kNow + 1s));
  EXPECT_FALSE(paces.take(late, pace, kNow + 1s));
}

}  // namespace
}  // namespace ticker::tickerd
