#include "interest.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <vector>

namespace ticker::hub {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// Parts that hold some instruments, and whom a change of one of them wakes.
class InterestTest : public testing::Test {
 protected:
  Part& add(std::vector<market::InstrumentId> ids) {
    parts_.push_back(std::make_unique<Part>());
    for (const auto id : ids) {
      interest_.add(id, *parts_.back());
    }
    return *parts_.back();
  }
  std::vector<const Part*> change(market::InstrumentId id) {
    std::vector<const Part*> woken;
    interest_.change(id, [](Part&) {}, [&](Part& part) { woken.push_back(&part); });
    return woken;
  }

  Interest interest_;
  std::vector<std::unique_ptr<Part>> parts_;
};

TEST_F(InterestTest, WakesOnceWhoeverIsArmed) {
  Part& one = add({0, 1});
  Part& other = add({1, 2});
  EXPECT_THAT(change(1), IsEmpty());

  interest_.arm(one);
  interest_.arm(other);
  EXPECT_THAT(change(0), ElementsAre(&one));
  EXPECT_THAT(change(1), ElementsAre(&other));
  EXPECT_THAT(change(1), IsEmpty());
  EXPECT_THAT(change(2), IsEmpty());
}

TEST_F(InterestTest, KeepsWhoIsArmedAsOthersComeAndGo) {
  constexpr std::size_t kParts = 130;  // more than one word of bits
  for (std::size_t i = 0; i < kParts; ++i) {
    interest_.arm(add({3, 4}));
  }
  change(4);
  interest_.arm(*parts_[7]);
  interest_.arm(*parts_[129]);
  interest_.drop(*parts_[0]);  // the last one takes its place
  interest_.drop(*parts_[128]);
  EXPECT_EQ(interest_.parts(3).size(), kParts - 2);
  EXPECT_THAT(change(3), UnorderedElementsAre(parts_[7].get(), parts_[129].get()));

  interest_.arm(*parts_[7]);
  interest_.remove(3);
  interest_.add(5, *parts_[7]);
  EXPECT_THAT(change(3), IsEmpty());
  EXPECT_THAT(change(5), ElementsAre(parts_[7].get()));
  EXPECT_THAT(change(4), IsEmpty());
}

TEST_F(InterestTest, StaysArmedWhereEachChangeIsTold) {
  Part& part = add({0, 1});
  interest_.tell_of_all(part);
  EXPECT_THAT(change(0), ElementsAre(&part));
  EXPECT_THAT(change(1), ElementsAre(&part));
}

TEST_F(InterestTest, CountsChangesWhetherArmedOrNot) {
  Part& part = add({0, 1});
  change(0);
  const auto before = interest_.changes(part);
  change(0);
  change(1);
  change(2);
  EXPECT_EQ(interest_.changes(part) - before, 2U);
  interest_.tell_of_all(part);
  change(1);
  EXPECT_EQ(interest_.changes(part) - before, 3U);
}

}  // namespace
}  // namespace ticker::hub
