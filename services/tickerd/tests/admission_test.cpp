#include "admission.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace ticker::tickerd {
namespace {

using std::chrono::milliseconds;

using Entry = Admission::Entry;

AddressKey key(std::string_view text) { return AddressKey::of(parse_address(text).value()); }

TEST(Admission, RefusesTheConnectionAfterTheLastUntilOneLeaves) {
  Admission admission({2, 0, 0});

  EXPECT_EQ(admission.enter(key("10.0.0.1")), Entry::kAdmitted);
  EXPECT_EQ(admission.enter(key("10.0.0.2")), Entry::kAdmitted);
  EXPECT_EQ(admission.enter(key("10.0.0.3")), Entry::kTooMany);
  admission.leave(key("10.0.0.1"));
  EXPECT_EQ(admission.enter(key("10.0.0.3")), Entry::kAdmitted);
  EXPECT_EQ(admission.connections(), 2U);
}

TEST(Admission, RefusesTheConnectionAfterTheLastOfItsAddress) {
  Admission admission({0, 1, 0});

  EXPECT_EQ(admission.enter(key("10.0.0.1")), Entry::kAdmitted);
  EXPECT_EQ(admission.enter(key("10.0.0.1")), Entry::kTooManyFromAddress);
  EXPECT_EQ(admission.enter(key("10.0.0.2")), Entry::kAdmitted);
  admission.leave(key("10.0.0.1"));
  EXPECT_EQ(admission.enter(key("10.0.0.1")), Entry::kAdmitted);
}

TEST(Admission, CountsClientsBehindAProxyByTicketAndTakesTicketsBack) {
  Admission admission({0, 1, 0});
  ASSERT_EQ(admission.enter(std::nullopt), Entry::kAdmitted);
  ASSERT_EQ(admission.enter(std::nullopt), Entry::kAdmitted);

  auto first = admission.admit_behind_proxy(key("10.0.0.1"));
  EXPECT_TRUE(first.has_value());
  EXPECT_FALSE(admission.admit_behind_proxy(key("10.0.0.1")).has_value());
  EXPECT_TRUE(admission.admit_behind_proxy(key("10.0.0.2")).has_value());
  first.reset();
  EXPECT_TRUE(admission.admit_behind_proxy(key("10.0.0.1")).has_value());
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

TEST(Admission, LetsAnAddressBeginTlsAtItsRateAndNoMore) {
  Admission admission({0, 0, 0, 2, 0});
  const Timestamp start = from_us(1'000'000);

  EXPECT_TRUE(admission.admit_handshake(key("10.0.0.1"), start));
  EXPECT_TRUE(admission.admit_handshake(key("10.0.0.1"), start));
  EXPECT_FALSE(admission.admit_handshake(key("10.0.0.1"), start));
  EXPECT_TRUE(admission.admit_handshake(key("10.0.0.2"), start));
  EXPECT_TRUE(admission.admit_handshake(key("10.0.0.1"), start + milliseconds(500)));
}

TEST(Admission, LooksAtNoTokenOfAnAddressAfterTooManyBadOnes) {
  Admission admission({0, 0, 0, 0, 2});
  const Timestamp start = from_us(1'000'000);

  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(admission.may_show_token(key("10.0.0.1"), start)) << "good ones cost nothing";
  }
  admission.note_bad_token(key("10.0.0.1"), start);
  EXPECT_TRUE(admission.may_show_token(key("10.0.0.1"), start));
  admission.note_bad_token(key("10.0.0.1"), start);
  EXPECT_FALSE(admission.may_show_token(key("10.0.0.1"), start));
  EXPECT_TRUE(admission.may_show_token(key("10.0.0.2"), start));
  EXPECT_TRUE(admission.may_show_token(key("10.0.0.1"), start + milliseconds(500)));
}

TEST(Admission, TakesNewLimitsForWhoComesNext) {
  Admission admission({1, 0, 0});
  ASSERT_EQ(admission.enter(std::nullopt), Entry::kAdmitted);
  ASSERT_EQ(admission.enter(std::nullopt), Entry::kTooMany);

  admission.set_limits({2, 0, 0});

  EXPECT_EQ(admission.enter(std::nullopt), Entry::kAdmitted);
}

}  // namespace
}  // namespace ticker::tickerd
