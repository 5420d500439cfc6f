#include <ticker/recording/record.hpp>

#include <gtest/gtest.h>

namespace ticker::recording {
namespace {

TEST(ConnectedText, SaysWhichConnectionItFollowsOn) {
  EXPECT_EQ(connected_text("wss://venue", std::nullopt), "wss://venue");
  EXPECT_EQ(connected_text("wss://venue", 7), "wss://venue after 7");
  EXPECT_EQ(connected_after("wss://venue after 7"), 7U);
}

TEST(ConnectedText, OfAnyWordsSaysNothing) {
  for (const char* text : {"", "wss://venue", " after ", "wss://venue after", "x after -1",
                           "x after 7 ", "x after 4294967296", "x after 1x"}) {
    EXPECT_EQ(connected_after(text), std::nullopt) << text;
  }
}

TEST(TookOverText, SaysWhetherBothWereSubscribed) {
  EXPECT_TRUE(took_over_overlapped(took_over_text(true)));
  EXPECT_FALSE(took_over_overlapped(took_over_text(false)));
  EXPECT_FALSE(took_over_overlapped("anything"));
}

}  // namespace
}  // namespace ticker::recording
