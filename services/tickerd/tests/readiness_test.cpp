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

TEST(Readiness, EndsWithDraining) {
  const ManualClock clock;
  Readiness readiness(clock);

  readiness.start_draining();

  EXPECT_EQ(readiness.why_not(), "draining: the service is stopping");
}

}  // namespace
}  // namespace ticker::tickerd
