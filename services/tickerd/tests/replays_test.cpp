#include "replays.hpp"

#include <gtest/gtest.h>

namespace ticker::tickerd {
namespace {

using Seat = Replays::Seat;
using Full = Replays::Full;

class Seats : public ::testing::Test {
 protected:
  static Replays::Owner owner(unsigned char address, const std::string& subject = {}) {
    AddressKey key;
    key.bytes[0] = address;
    return {key, subject};
  }
  // Empty: it was given.
  std::optional<Full> refused(const Replays::Owner& owner) {
    const auto seat = replays_.take_seat(owner);
    const auto* const full = std::get_if<Full>(&seat);
    return full != nullptr ? std::optional(*full) : std::nullopt;
  }

  const SteadyWallClock clock_;
  Replays replays_{clock_, {.folder = "recordings", .most = 3, .most_each = 1}};
};

TEST_F(Seats, AreCountedByAddress) {
  const auto seat = replays_.take_seat(owner(1));
  ASSERT_TRUE(std::holds_alternative<Seat>(seat));

  EXPECT_EQ(refused(owner(1)), Full::kAddress);
  EXPECT_EQ(refused(owner(2)), std::nullopt);
}

TEST_F(Seats, AreCountedByTheSubjectOfTokensFromAnyAddress) {
  const auto seat = replays_.take_seat(owner(1, "alice"));

  EXPECT_EQ(refused(owner(2, "alice")), Full::kSubject);
  EXPECT_EQ(refused(owner(2, "bob")), std::nullopt);
  EXPECT_EQ(refused(owner(2)), std::nullopt);
}

TEST_F(Seats, AreCountedInAll) {
  const auto one = replays_.take_seat(owner(1));
  const auto two = replays_.take_seat(owner(2));
  const auto three = replays_.take_seat(owner(3));

  EXPECT_EQ(refused(owner(4)), Full::kService);
}

TEST_F(Seats, AreGivenBack) {
  {
    const auto given = replays_.take_seat(owner(1, "alice"));
    ASSERT_TRUE(std::holds_alternative<Seat>(given));
  }
  auto seat = replays_.take_seat(owner(1, "alice"));
  ASSERT_TRUE(std::holds_alternative<Seat>(seat));

  // Once, though it was handed on.
  {
    const Seat moved(std::get<Seat>(std::move(seat)));
    EXPECT_EQ(refused(owner(1)), Full::kAddress);
  }
  EXPECT_EQ(refused(owner(1, "alice")), std::nullopt);
}

}  // namespace
}  // namespace ticker::tickerd
