#include "admission.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace ticker::tickerd {
namespace {

using std::chrono::milliseconds;

AddressKey key(std::string_view text) { return AddressKey::of(parse_address(text).value()); }

TEST(Admission, RefusesTheConnectionAfterTheLastUntilOneLeaves) {
  Admission admission({2, 0, 0});

  EXPECT_TRUE(admission.enter());
  EXPECT_TRUE(admission.enter());
  EXPECT_FALSE(admission.enter());
  admission.leave();
  EXPECT_TRUE(admission.enter());
  EXPECT_EQ(admission.connections(), 2U);
}

TEST(Admission, CountsStreamsPerAddressAndTakesTicketsBack) {
  Admission admission({0, 1, 0});

  auto first = admission.admit_stream(key("10.0.0.1"));
  EXPECT_TRUE(first.has_value());
  EXPECT_FALSE(admission.admit_stream(key("10.0.0.1")).has_value());
  EXPECT_TRUE(admission.admit_stream(key("10.0.0.2")).has_value());
  first.reset();
  EXPECT_TRUE(admission.admit_stream(key("10.0.0.1")).has_value());
}

TEST(Admission, LetsAnAddressRequestItsRateAndNoMore) {
  Admission admission({0, 0, 2});
  const Timestamp start = from_us(1'000'000);

  EXPECT_TRUE(admission.admit_request(key("10.0.0.1"), start));
  EXPECT_TRUE(admission.admit_request(key("10.0.0.1"), start));
  EXPECT_FALSE(admission.admit_request(key("10.0.0.1"), start));
  EXPECT_TRUE(admission.admit_request(key("10.0.0.2"), start));
  EXPECT_TRUE(admission.admit_request(key("10.0.0.1"), start + milliseconds(500)));
  EXPECT_FALSE(admission.admit_request(key("10.0.0.1"), start + milliseconds(501)));
}

TEST(Admission, TakesNewLimitsForWhoComesNext) {
  Admission admission({1, 0, 0});
  ASSERT_TRUE(admission.enter());
  ASSERT_FALSE(admission.enter());

  admission.set_limits({2, 0, 0});

  EXPECT_TRUE(admission.enter());
}

}  // namespace
}  // namespace ticker::tickerd
