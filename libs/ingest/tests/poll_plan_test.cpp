#include "poll_plan.hpp"

#include <gtest/gtest.h>

namespace ticker::ingest {
namespace {

using Natives = std::vector<std::string>;

TEST(PollPlan, AsksForEachByItself) {
  const auto polls = poll_plan("https://h/q?s={symbol}&again={symbol}", {"A", "B/C D"}, 100);

  ASSERT_EQ(polls.size(), 2U);
  EXPECT_EQ(polls[0].url, "https://h/q?s=A&again=A");
  EXPECT_EQ(polls[1].url, "https://h/q?s=B%2FC%20D&again=B%2FC%20D");
  EXPECT_EQ(polls[1].natives, Natives{"B/C D"});
}

TEST(PollPlan, AsksForManyAtOnceAsFarAsOneRequestMay) {
  const auto polls = poll_plan("https://h/q?ids={symbols}", {"a", "b", "c,d"}, 2);

  ASSERT_EQ(polls.size(), 2U);
  EXPECT_EQ(polls[0].url, "https://h/q?ids=a,b");
  EXPECT_EQ(polls[0].natives, (Natives{"a", "b"}));
  EXPECT_EQ(polls[1].url, "https://h/q?ids=c%2Cd");
}

TEST(PollPlan, AsksOnceWhereTheUrlNamesNone) {
  const auto polls = poll_plan("https://h/all", {"a", "b", "c"}, 2);

  ASSERT_EQ(polls.size(), 1U);
  EXPECT_EQ(polls[0].url, "https://h/all");
  EXPECT_EQ(polls[0].natives, (Natives{"a", "b", "c"}));
}

}  // namespace
}  // namespace ticker::ingest
