#include "venue_wait.hpp"

#include <gtest/gtest.h>

namespace ticker::ingest {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(VenueWait, IsWhatTheVenueAsksFor) {
  EXPECT_EQ(wait_after(429, seconds(2)), seconds(2));
  EXPECT_EQ(wait_after(503, seconds(3)), seconds(3));
  EXPECT_EQ(wait_after(418, minutes(30)), minutes(30));
  EXPECT_EQ(wait_after(429, hours(24)), hours(1));
}

TEST(VenueWait, IsAMinuteWhereTheVenueTurnsUsAwayAndDoesNotSayForHowLong) {
  for (const int status : {403, 418, 429}) {
    EXPECT_EQ(wait_after(status, seconds(0)), seconds(60)) << status;
    EXPECT_EQ(wait_after(status, seconds(-5)), seconds(60)) << status;
  }
  EXPECT_EQ(wait_after(503, seconds(0)), seconds(0));
}

// Who comes back after a second is banned for longer.
TEST(VenueWait, IsAMinuteAtLeastOfABan) {
  EXPECT_EQ(wait_after(418, seconds(1)), seconds(60));
  EXPECT_EQ(wait_after(403, seconds(1)), seconds(60));
}

}  // namespace
}  // namespace ticker::ingest
