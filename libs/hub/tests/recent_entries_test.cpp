#include "recent_entries.hpp"

#include <gtest/gtest.h>

namespace ticker::hub {
namespace {

using market::Field;
using market::FieldSet;

market::InstrumentState changed_at(market::Version version) {
  market::InstrumentState state;
  state.id = 3;
  state.created = 1;
  state.updated = version;
  state.versions.fill(version);
  return state;
}

TEST(RecentEntries, FindTheAnswerByTheQuestionUntilTheNextChange) {
  RecentEntries entries;
  const auto state = changed_at(10);
  std::string* const text = entries.start(state, Field::kBid, 7);
  ASSERT_NE(text, nullptr);
  *text = "answer";

  EXPECT_EQ(entries.find(state, Field::kBid, 9), text);
  EXPECT_EQ(entries.find(state, Field::kBid, 10), nullptr) << "since then nothing has changed";
  EXPECT_EQ(entries.find(state, Field::kAsk, 9), nullptr);
  EXPECT_EQ(entries.start(state, Field::kAsk, 9), nullptr) << "the first question stays";
  EXPECT_EQ(entries.find(changed_at(11), Field::kBid, 9), nullptr);
}

TEST(RecentEntries, HoldNothingOfAnInstrumentThatHasGone) {
  RecentEntries entries;
  const auto state = changed_at(10);
  entries.start(state, Field::kBid, 7)->assign(1'000, 'x');

  entries.forget(state.id);
  entries.forget(state.id + 1);

  EXPECT_EQ(entries.find(state, Field::kBid, 7), nullptr);
  EXPECT_EQ(entries.start(changed_at(11), Field::kBid, 7)->capacity(), std::string().capacity());
}

}  // namespace
}  // namespace ticker::hub
