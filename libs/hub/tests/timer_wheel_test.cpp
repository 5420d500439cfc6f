#include "timer_wheel.hpp"

#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace ticker::hub {
namespace {

using namespace std::chrono_literals;  // NOLINT: tests

constexpr Timestamp kStart = Timestamp(std::chrono::hours(500'000));

TEST(TimerWheel, KeepsQuietUntilATimerIsDue) {
  TimerWheel wheel(kStart);
  TimerNode node(TimerNode::Kind::kUpkeep);
  wheel.arm(node, kStart + 5ms);
  EXPECT_EQ(wheel.next(), kStart + 5ms);
  EXPECT_EQ(wheel.pop(kStart + 4'999us), nullptr);
  EXPECT_EQ(wheel.pop(kStart + 5ms), &node);
  EXPECT_FALSE(node.armed());
  EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST(TimerWheel, NeverRunsATimerBeforeItsMicrosecond) {
  TimerWheel wheel(kStart);
  TimerNode node(TimerNode::Kind::kUpkeep);
  wheel.arm(node, kStart + 5'001us);
  EXPECT_EQ(wheel.pop(kStart + 5'500us), nullptr);
  EXPECT_EQ(wheel.pop(kStart + 6ms), &node);
}

TEST(TimerWheel, RunsATimerWhoseTimeHasGoneByAtOnce) {
  TimerWheel wheel(kStart);
  TimerNode node(TimerNode::Kind::kUpkeep);
  wheel.arm(node, kStart - 1h);
  EXPECT_EQ(wheel.pop(kStart), &node);
}

TEST(TimerWheel, ForgetsACancelledTimerAndOneThatIsDestroyed) {
  TimerWheel wheel(kStart);
  TimerNode node(TimerNode::Kind::kUpkeep);
  wheel.arm(node, kStart + 5ms);
  node.cancel();
  {
    TimerNode gone(TimerNode::Kind::kUpkeep);
    wheel.arm(gone, kStart + 6ms);
  }
  EXPECT_EQ(wheel.pop(kStart + 1s), nullptr);
}

TEST(TimerWheel, RunsRandomTimersNeitherEarlyNorLateNorTwice) {
  std::mt19937 random(1);
  TimerWheel wheel(kStart);
  std::vector<std::unique_ptr<TimerNode>> nodes;
  std::vector<Timestamp> due;
  for (int i = 0; i < 2'000; ++i) {
    nodes.push_back(std::make_unique<TimerNode>(TimerNode::Kind::kUpkeep));
    // From now to past the far wheel's end, a quarter of an hour and more.
    due.push_back(kStart + std::chrono::milliseconds(random() % (i % 2 == 0 ? 3'000 : 3'000'000)));
    wheel.arm(*nodes.back(), due.back());
  }
  std::size_t run = 0;
  while (const auto next = wheel.next()) {
    while (const TimerNode* node = wheel.pop(*next)) {
      std::size_t index = 0;
      while (nodes[index].get() != node) {
        ++index;
      }
      EXPECT_EQ(due[index], *next);
      ++run;
    }
  }
  EXPECT_EQ(run, nodes.size());
}

}  // namespace
}  // namespace ticker::hub
