#include "reply_bodies.hpp"

#include <gtest/gtest.h>

namespace ticker::tickerd {
namespace {

ReplyBodies::Body text(std::size_t size) { return std::make_shared<const std::string>(size, 'x'); }

TEST(ReplyBodies, HoldNoMoreThanTheirBytesUntilAReaderIsDone) {
  ReplyBodies bodies(100);
  auto first = bodies.hold(text(60));
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(*first, std::string(60, 'x'));

  EXPECT_EQ(bodies.hold(text(41)), nullptr);
  const auto second = bodies.hold(text(40));
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(bodies.bytes(), 100U);
  first.reset();
  EXPECT_EQ(bodies.bytes(), 40U);
  EXPECT_NE(bodies.hold(text(60)), nullptr);
}

TEST(ReplyBodies, CountABodyOnceHoweverManyReadIt) {
  ReplyBodies bodies(100);
  const auto shared = text(100);
  auto one = bodies.hold(shared);
  auto other = bodies.hold(shared);

  EXPECT_EQ(other.get(), shared.get());
  EXPECT_EQ(bodies.bytes(), 100U);
  one.reset();
  EXPECT_EQ(bodies.bytes(), 100U);
  other.reset();
  EXPECT_EQ(bodies.bytes(), 0U);
}

TEST(ReplyBodies, HoldOneThatIsLargerThanAllMayBe) {
  ReplyBodies bodies(100);
  const auto large = bodies.hold(text(500));

  EXPECT_NE(large, nullptr);
  EXPECT_EQ(bodies.hold(text(1)), nullptr);
}

}  // namespace
}  // namespace ticker::tickerd
