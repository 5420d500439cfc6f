#include "options.hpp"

#include <gtest/gtest.h>

namespace ticker::tickerd {
namespace {

TEST(Options, KeepDescriptorsFromClientsHoweverManyAreAllowed) {
  config::Limits limits;
  limits.connections = 0;
  EXPECT_EQ(admission_limits(limits, 20'000).connections, 20'000U - 256U);
  limits.connections = 100'000;
  EXPECT_EQ(admission_limits(limits, 20'000).connections, 20'000U - 256U);
  limits.connections = 1'000;
  EXPECT_EQ(admission_limits(limits, 20'000).connections, 1'000U);
}

TEST(Options, GiveClientsHalfOfVeryFewDescriptors) {
  EXPECT_EQ(admission_limits({}, 64).connections, 32U);
}

}  // namespace
}  // namespace ticker::tickerd
