#include "placement.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace ticker::tickerd {
namespace {

struct Shards {
  explicit Shards(std::size_t count) : connections(count) {
    for (std::size_t shard = 0; shard < count; ++shard) {
      placement.add([this, shard](int, const net::Address&) {
        ++connections[shard];
        ++handed_on;
      });
    }
  }
  void accept(std::size_t shard) {
    if (!placement.hand_on(shard, 7, {})) {
      ++connections[shard];
    }
  }
  double most_to_least() const {
    const auto [least, most] = std::minmax_element(connections.begin(), connections.end());
    return static_cast<double>(*most) / static_cast<double>(*least);
  }

  Placement placement;
  std::vector<std::size_t> connections;
  std::size_t handed_on = 0;
};

TEST(Placement, LeavesFewConnectionsWhereTheyCame) {
  Shards shards(2);

  for (int i = 0; i < 4; ++i) {
    shards.accept(1);
  }

  EXPECT_EQ(shards.connections, (std::vector<std::size_t>{0, 4}));
}

TEST(Placement, HandsOnWhatWouldBeClearlyMore) {
  Shards shards(2);

  for (int i = 0; i < 1'000; ++i) {
    shards.accept(1);
  }

  EXPECT_LE(shards.most_to_least(), 1.1);
  EXPECT_EQ(shards.connections[0] + shards.connections[1], 1'000U);
}

// As the kernel spreads them: by chance.
TEST(Placement, EvensOutAThousandAndMovesFew) {
  for (const std::size_t count : {2U, 4U, 8U, 16U}) {
    Shards shards(count);
    std::mt19937 random(1);
    for (int i = 0; i < 1'000; ++i) {
      shards.accept(random() % count);
    }
    EXPECT_LE(shards.most_to_least(), 1.25) << count;
    EXPECT_LE(shards.handed_on, 250U) << count;
  }
}

TEST(Placement, CountsThoseThatLeft) {
  Shards shards(2);
  for (int i = 0; i < 1'000; ++i) {
    shards.accept(0);
  }

  for (int i = 0; i < 400; ++i) {
    shards.placement.left(1);
  }
  const std::size_t before = shards.connections[1];
  for (int i = 0; i < 300; ++i) {
    shards.accept(0);
  }

  EXPECT_EQ(shards.connections[1] - before, 300U);
}

}  // namespace
}  // namespace ticker::tickerd
