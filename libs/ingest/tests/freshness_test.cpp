#include <ticker/ingest/freshness.hpp>

#include <gtest/gtest.h>

namespace ticker::ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kStart{seconds(1000)};

TEST(Freshness, ExpiresNobodyWhoNeverHadData) {
  Freshness freshness(3, seconds(1));

  EXPECT_EQ(freshness.next_expiry(), std::nullopt);
  EXPECT_EQ(freshness.take_expired(kStart + seconds(100)), std::nullopt);
}

TEST(Freshness, ExpiresTheLongestSilentFirst) {
  Freshness freshness(3, seconds(1));
  freshness.touch(2, kStart);
  freshness.touch(0, kStart + milliseconds(10));

  EXPECT_EQ(freshness.next_expiry(), kStart + seconds(1));
  EXPECT_EQ(freshness.take_expired(kStart + milliseconds(999)), std::nullopt);
  EXPECT_EQ(freshness.take_expired(kStart + milliseconds(1000)), 2U);
  EXPECT_EQ(freshness.take_expired(kStart + milliseconds(1000)), std::nullopt);
  EXPECT_EQ(freshness.take_expired(kStart + milliseconds(1010)), 0U);
  EXPECT_EQ(freshness.next_expiry(), std::nullopt);
}

TEST(Freshness, DataPutsTheExpiryOff) {
  Freshness freshness(2, seconds(1));
  freshness.touch(0, kStart);
  freshness.touch(1, kStart + milliseconds(100));
  freshness.touch(0, kStart + milliseconds(500));

  EXPECT_EQ(freshness.take_expired(kStart + milliseconds(1200)), 1U);
  EXPECT_EQ(freshness.take_expired(kStart + milliseconds(1200)), std::nullopt);
  EXPECT_EQ(freshness.next_expiry(), kStart + milliseconds(1500));
}

TEST(Freshness, KnowsWhenDataCameLast) {
  Freshness freshness(2, seconds(1));
  freshness.touch(0, kStart);
  freshness.touch(0, kStart + milliseconds(200));

  EXPECT_EQ(freshness.last(0), kStart + milliseconds(200));
  EXPECT_EQ(freshness.last(1), std::nullopt);
  EXPECT_EQ(freshness.take_expired(kStart + seconds(2)), 0U);
  EXPECT_EQ(freshness.last(0), std::nullopt);
}

TEST(Freshness, TakesBackWhatExpiredWhenDataComesAgain) {
  Freshness freshness(1, seconds(1));
  freshness.touch(0, kStart);
  EXPECT_EQ(freshness.take_expired(kStart + seconds(1)), 0U);

  freshness.touch(0, kStart + seconds(2));

  EXPECT_EQ(freshness.next_expiry(), kStart + seconds(3));
}

}  // namespace
}  // namespace ticker::ingest
