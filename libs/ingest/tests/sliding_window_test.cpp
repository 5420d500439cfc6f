#include <ticker/ingest/sliding_window.hpp>

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include <ticker/ingest/connect_budgets.hpp>

namespace ticker::ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const TimePoint kStart{seconds(1000)};

TEST(SlidingWindow, LetsThroughUpToItsLimitAtOnce) {
  SlidingWindow window(2, seconds(1));

  window.take(kStart);
  EXPECT_EQ(window.free_at(kStart), kStart);
  window.take(kStart);

  EXPECT_EQ(window.free_at(kStart), kStart + seconds(1));
}

TEST(SlidingWindow, FreesOnePlaceAsEachEventLeavesTheWindow) {
  SlidingWindow window(2, seconds(1));
  window.take(kStart);
  window.take(kStart + milliseconds(400));

  const auto next = kStart + seconds(1);
  EXPECT_EQ(window.free_at(next), next);
  window.take(next);
  EXPECT_EQ(window.free_at(next), kStart + milliseconds(1400));
}

TEST(SlidingWindow, HoldsInEveryWindowNotOnlyInAlignedOnes) {
  SlidingWindow window(5, seconds(1));
  std::vector<TimePoint> sent;
  for (auto now = kStart; now < kStart + seconds(10); now += milliseconds(37)) {
    if (window.free_at(now) == now) {
      window.take(now);
      sent.push_back(now);
    }
  }

  for (const auto from : sent) {
    const auto in_window = std::count_if(sent.begin(), sent.end(), [&](TimePoint time) {
      return time >= from && time - from < seconds(1);
    });
    EXPECT_LE(in_window, 5);
  }
  EXPECT_GE(sent.size(), 45U);
}

TEST(SlidingWindow, WithoutALimitIsAlwaysFree) {
  SlidingWindow window(0, seconds(1));
  for (int event = 0; event < 1000; ++event) {
    window.take(kStart);
  }
  EXPECT_EQ(window.free_at(kStart), kStart);
}

TEST(ConnectBudgets, AreSharedByAllWhoConnectToOneHost) {
  ConnectBudgets budgets;
  EXPECT_EQ(budgets.take("ws.kraken.com", 2, minutes(10), kStart), kStart);
  EXPECT_EQ(budgets.take("ws.kraken.com", 2, minutes(10), kStart), kStart);

  EXPECT_EQ(budgets.take("ws.kraken.com", 2, minutes(10), kStart), kStart + minutes(10));
  EXPECT_EQ(budgets.take("ws.bitstamp.net", 2, minutes(10), kStart), kStart);
}

TEST(ConnectBudgets, CountOnlyAttemptsThatWereAllowed) {
  ConnectBudgets budgets;
  budgets.take("host", 1, seconds(10), kStart);
  budgets.take("host", 1, seconds(10), kStart + seconds(5));

  const auto later = kStart + seconds(10);
  EXPECT_EQ(budgets.take("host", 1, seconds(10), later), later);
}

}  // namespace
}  // namespace ticker::ingest
