#include "poll_schedule.hpp"

#include <gtest/gtest.h>

namespace ticker::ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kStart{std::chrono::hours(1)};

// When the next request goes out; it does, and is answered at once.
TimePoint send_next(PollSchedule& schedule, TimePoint now) {
  const auto next = schedule.next(now);
  EXPECT_TRUE(next.has_value());
  schedule.sent(next->request, next->when);
  schedule.answered(next->request);
  return next->when;
}

TEST(PollSchedule, SendsEachRequestOnceAnInterval) {
  PollSchedule schedule(2, seconds(10), 0);
  schedule.start(kStart);
  EXPECT_EQ(send_next(schedule, kStart), kStart);
  EXPECT_EQ(send_next(schedule, kStart), kStart);
  EXPECT_EQ(send_next(schedule, kStart), kStart + seconds(10));
  EXPECT_EQ(send_next(schedule, kStart), kStart + seconds(10));
  EXPECT_EQ(send_next(schedule, kStart), kStart + seconds(20));
}

// A timer that comes late must not move all that follow.
TEST(PollSchedule, KeepsItsGrid) {
  PollSchedule schedule(1, seconds(10), 0);
  schedule.start(kStart);
  schedule.sent(0, kStart + milliseconds(3));
  schedule.answered(0);
  EXPECT_EQ(schedule.next(kStart)->when, kStart + seconds(10));
}

TEST(PollSchedule, AsksOnceAfterAPause) {
  PollSchedule schedule(1, seconds(10), 0);
  schedule.start(kStart);
  send_next(schedule, kStart);
  const auto end_of_pause = kStart + seconds(65);
  schedule.pause_until(end_of_pause);
  schedule.pause_until(kStart + seconds(20));

  EXPECT_EQ(send_next(schedule, kStart), end_of_pause);
  // It came for a second time at once, as the request that the pause had swallowed.
  EXPECT_EQ(schedule.next(end_of_pause)->when, end_of_pause + seconds(10));
}

TEST(PollSchedule, PausesOneRequestWhileTheOthersGoOn) {
  PollSchedule schedule(2, seconds(10), 0);
  schedule.start(kStart);
  schedule.sent(0, kStart);
  schedule.answered(0);
  schedule.pause_until(0, kStart + seconds(25));
  schedule.pause_until(0, kStart + seconds(15));

  EXPECT_EQ(send_next(schedule, kStart), kStart);
  EXPECT_EQ(send_next(schedule, kStart), kStart + seconds(10));
  EXPECT_EQ(send_next(schedule, kStart), kStart + seconds(20));
  EXPECT_EQ(schedule.next(kStart)->request, 0U);
  EXPECT_EQ(send_next(schedule, kStart), kStart + seconds(25));
}

TEST(PollSchedule, StretchesTheIntervalToTheBudget) {
  PollSchedule schedule(3, seconds(1), 60);
  EXPECT_EQ(schedule.interval(), seconds(3));
  schedule.start(kStart);
  for (int request = 0; request < 7; ++request) {
    EXPECT_EQ(send_next(schedule, kStart + seconds(request)), kStart + seconds(request));
  }
}

TEST(PollSchedule, HasFewUnderWay) {
  PollSchedule schedule(PollSchedule::kMostUnderWay + 1, seconds(10), 0);
  schedule.start(kStart);
  for (std::size_t sent = 0; sent < PollSchedule::kMostUnderWay; ++sent) {
    schedule.sent(schedule.next(kStart)->request, kStart);
  }
  EXPECT_FALSE(schedule.next(kStart).has_value());

  schedule.answered(2);

  EXPECT_EQ(schedule.next(kStart)->request, PollSchedule::kMostUnderWay);
}

TEST(PollSchedule, DoesNotSendARequestThatIsUnderWay) {
  PollSchedule schedule(1, seconds(10), 0);
  schedule.start(kStart);
  schedule.sent(0, kStart);
  EXPECT_FALSE(schedule.next(kStart + seconds(60)).has_value());
}

}  // namespace
}  // namespace ticker::ingest
