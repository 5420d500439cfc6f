#include <ticker/base/ids.hpp>

#include <gtest/gtest.h>

namespace ticker {
namespace {

TEST(RandomEpoch, IsSixteenHexDigitsAndNeverTheSameTwice) {
  const std::string first = random_epoch();
  const std::string second = random_epoch();

  EXPECT_EQ(first.size(), 16U);
  EXPECT_EQ(first.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace ticker
