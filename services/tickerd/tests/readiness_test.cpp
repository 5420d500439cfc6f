#include "readiness.hpp"

#include <gtest/gtest.h>

namespace ticker::tickerd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ManualClock final : public Clock {
 public:
  Timestamp now() const override { return now_; }
  void advance(milliseconds by) { now_ += by; }

 private:
  Timestamp now_ = from_us(1'000'000);
};

TEST(Readiness, IsGivenAtOnceWhereNoFeedIsRequired) {
  const ManualClock clock;
  const Readiness readiness(clock);

  EXPECT_EQ(readiness.why_not(), "");
}

TEST(Readiness, WaitsUntilEveryRequiredFeedWasLive) {
  const ManualClock clock;
  Readiness readiness(clock);
  readiness.require({"kraken", "binance"}, seconds(30));

  EXPECT_EQ(readiness.why_not(), "not live yet: binance kraken");
  readiness.feed_live("kraken");
  EXPECT_EQ(readiness.why_not(), "not live yet: binance");
  readiness.feed_live("binance");
  EXPECT_EQ(readiness.why_not(), "");
}

TEST(Readiness, GivesUpWaitingWhenTheTimeIsOver) {
  ManualClock clock;
  Readiness readiness(clock);
  readiness.require({"kraken"}, seconds(30));

  clock.advance(milliseconds(29'999));
  EXPECT_NE(readiness.why_not(), "");
  clock.advance(milliseconds(1));
  EXPECT_EQ(readiness.why_not(), "");
}

TEST(Readiness, IsNotTakenBackByAReload) {
  ManualClock clock;
  Readiness at_once(clock);
  at_once.require({}, seconds(30));
  at_once.require({"kraken"}, seconds(30));
  EXPECT_EQ(at_once.why_not(), "");

  Readiness in_time(clock);
  in_time.require({"kraken"}, seconds(30));
  clock.advance(seconds(30));
  in_time.require({"kraken", "binance"}, seconds(30));
  EXPECT_EQ(in_time.why_not(), "");
}

TEST(Readiness, IsWaitedForNoLongerAfterAReload) {
  ManualClock clock;
  Readiness readiness(clock);
  readiness.require({"kraken"}, seconds(30));
  clock.advance(seconds(20));

  readiness.require({"binance"}, seconds(30));

  EXPECT_EQ(readiness.why_not(), "not live yet: binance");
  clock.advance(seconds(10));
  EXPECT_EQ(readiness.why_not(), "");
}

TEST(Readiness, EndsWithDraining) {
  const ManualClock clock;
  Readiness readiness(clock);

  readiness.start_draining();

  EXPECT_EQ(readiness.why_not(), "draining: the service is stopping");
}

}  // namespace
}  // namespace ticker::tickerd
