#include <ticker/ingest/backoff.hpp>

#include <gtest/gtest.h>

namespace ticker::ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kStart{seconds(1000)};

double highest() { return 0.999999; }
double lowest() { return 0.0; }

TEST(Backoff, DoublesItsCeilingUpToTheLimit) {
  Backoff backoff(milliseconds(1000), milliseconds(6000), highest);

  EXPECT_EQ(backoff.next(), milliseconds(1000));
  EXPECT_EQ(backoff.next(), milliseconds(2000));
  EXPECT_EQ(backoff.next(), milliseconds(4000));
  EXPECT_EQ(backoff.next(), milliseconds(6000));
  EXPECT_EQ(backoff.next(), milliseconds(6000));
}

TEST(Backoff, JittersDownToNoWaitAtAll) {
  Backoff backoff(milliseconds(1000), milliseconds(60000), lowest);

  backoff.next();
  EXPECT_EQ(backoff.next(), milliseconds(0));
}

TEST(Backoff, NeverPassesItsLimitHoweverManyAttempts) {
  Backoff backoff(milliseconds(1), milliseconds(60000), highest);

  for (int attempt = 0; attempt < 10'000; ++attempt) {
    ASSERT_LE(backoff.next(), milliseconds(60000));
  }
}

TEST(Backoff, FallsBackAfterAMinuteOfHealth) {
  Backoff backoff(milliseconds(1000), milliseconds(60000), highest);
  backoff.next();
  backoff.next();

  backoff.healthy(kStart);
  backoff.closed(kStart + seconds(60));

  EXPECT_EQ(backoff.next(), milliseconds(1000));
}

TEST(Backoff, KeepsItsCeilingWhenTheConnectionWasShortLived) {
  Backoff backoff(milliseconds(1000), milliseconds(60000), highest);
  backoff.next();
  backoff.next();

  backoff.healthy(kStart);
  backoff.closed(kStart + milliseconds(59'999));

  EXPECT_EQ(backoff.next(), milliseconds(4000));
}

// An open socket without data is no health: alpaca-trade-api-js #173, a storm of reconnects.
TEST(Backoff, CountsHealthOnlyFromTheFirstData) {
  Backoff backoff(milliseconds(1000), milliseconds(60000), highest);
  backoff.next();

  backoff.closed(kStart + seconds(3600));

  EXPECT_EQ(backoff.next(), milliseconds(2000));
}

TEST(Backoff, MeasuresHealthOfEachConnectionApart) {
  Backoff backoff(milliseconds(1000), milliseconds(60000), highest);
  backoff.next();
  backoff.healthy(kStart);
  backoff.closed(kStart + seconds(40));

  backoff.healthy(kStart + seconds(41));
  backoff.closed(kStart + seconds(81));

  EXPECT_EQ(backoff.next(), milliseconds(2000));
}

}  // namespace
}  // namespace ticker::ingest
