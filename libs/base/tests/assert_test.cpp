#include <ticker/base/assert.hpp>

#include <gtest/gtest.h>

namespace ticker {
namespace {

TEST(TickerAssert, EndsTheProcessInEveryBuildAndNamesTheCondition) {
  const int parts = 3;

  TICKER_ASSERT(parts == 3);
  EXPECT_DEATH(TICKER_ASSERT(parts < 3), "parts < 3");
}

}  // namespace
}  // namespace ticker
