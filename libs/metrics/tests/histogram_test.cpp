#include <ticker/metrics/histogram.hpp>

#include <gtest/gtest.h>

namespace ticker::metrics {
namespace {

using namespace std::chrono_literals;

TEST(Histogram, PutsABoundIntoItsOwnBucket) {
  Histogram histogram;

  histogram.observe(2us);
  histogram.observe(2001ns);

  EXPECT_EQ(histogram.read().counts[1], 1u);  // up to 2 us
  EXPECT_EQ(histogram.read().counts[2], 1u);  // up to 5 us
}

TEST(Histogram, KeepsWhatIsLongerThanItsLastBound) {
  Histogram histogram;

  histogram.observe(10s);
  histogram.observe(10s + 1ns);

  const Histogram::Reading reading = histogram.read();
  EXPECT_EQ(reading.counts[Histogram::kBounds.size() - 1], 1u);
  EXPECT_EQ(reading.counts[Histogram::kBounds.size()], 1u);
}

TEST(Histogram, SumsExactly) {
  Histogram histogram;

  histogram.observe(3ns);
  histogram.observe(1h);

  EXPECT_EQ(histogram.read().sum, 1h + 3ns);
}

TEST(Histogram, CountsANegativeDurationAsZero) {
  Histogram histogram;

  histogram.observe(-5ms);

  EXPECT_EQ(histogram.read().counts[0], 1u);
  EXPECT_EQ(histogram.read().sum, 0ns);
}

// A recording of two years ago played as a feed: a hundred messages' ages passed the type's end.
TEST(Histogram, StopsItsSumBeforeItOverflows) {
  Histogram histogram;

  for (int message = 0; message < 1000; ++message) {
    histogram.observe(24h * 365 * 2);
  }

  EXPECT_EQ(histogram.read().counts.back(), 1000U);
  EXPECT_GT(histogram.read().sum, 24h * 100);
  EXPECT_LT(histogram.read().sum, 24h * 365);
}

TEST(Histogram, HasRisingBounds) {
  for (std::size_t i = 1; i < Histogram::kBounds.size(); ++i) {
    EXPECT_LT(Histogram::kBounds[i - 1], Histogram::kBounds[i]);
  }
}

}  // namespace
}  // namespace ticker::metrics
