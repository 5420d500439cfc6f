#include <ticker/base/clock.hpp>

#include <gtest/gtest.h>

namespace ticker {
namespace {

TEST(SteadyWallClock, StartsAtTheWallClockAndNeverGoesBack) {
  const Timestamp before = wall_now();
  const SteadyWallClock clock;
  const Timestamp first = clock.now();
  const Timestamp second = clock.now();

  EXPECT_GE(first, before);
  EXPECT_GE(second, first);
}

}  // namespace
}  // namespace ticker
