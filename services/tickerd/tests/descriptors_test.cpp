#include "descriptors.hpp"

#include <gtest/gtest.h>

namespace ticker::tickerd {
namespace {

// What is left when clients and those who are being refused have all that they may.
std::size_t left(std::size_t descriptors, std::size_t shards) {
  const DescriptorShares shares = share_descriptors(descriptors, shards);
  return descriptors - shares.connections - shards * shares.refused_at_once;
}

TEST(Descriptors, AreLeftForTheServiceHoweverManyShardsRefuseConnections) {
  for (const std::size_t shards : {1U, 4U, 8U, 64U, 1024U}) {
    EXPECT_EQ(left(200'000, shards), 256 + 8 * shards) << shards;
    EXPECT_EQ(share_descriptors(200'000, shards).refused_at_once, 64U) << shards;
  }
}

TEST(Descriptors, AreSharedInHalvesWhereThereAreFew) {
  for (const std::size_t descriptors : {64U, 500U, 1000U}) {
    for (const std::size_t shards : {1U, 4U, 8U}) {
      EXPECT_GE(share_descriptors(descriptors, shards).connections, descriptors / 2) << descriptors << " " << shards;
      EXPECT_GE(left(descriptors, shards), descriptors / 4) << descriptors << " " << shards;
    }
  }
  EXPECT_EQ(share_descriptors(1'000, 8).connections, 500U);
  EXPECT_EQ(share_descriptors(1'000, 8).refused_at_once, 22U);
}

}  // namespace
}  // namespace ticker::tickerd
