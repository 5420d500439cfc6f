#include <ticker/metrics/counter_set.hpp>

#include <gtest/gtest.h>

namespace ticker::metrics {
namespace {

TEST(CounterSet, CountsEachValueByItself) {
  CounterSet set({"subscribe", "ping"});

  set.add("ping");
  set.add("ping");
  set.add("subscribe");

  EXPECT_EQ(set.count("subscribe"), 1u);
  EXPECT_EQ(set.count("ping"), 2u);
  EXPECT_EQ(set.count("other"), 0u);
}

TEST(CounterSet, CountsWhatItDoesNotKnowAsOther) {
  CounterSet set({"subscribe"});

  set.add("made-up-by-a-client");
  set.add("");
  set.add_at(17);

  EXPECT_EQ(set.count("other"), 3u);
  EXPECT_EQ(set.values().size(), 2u);
}

TEST(CounterSet, CountsEnumeratorsByPosition) {
  CounterSet set({"undecodable", "out_of_range"});

  set.add_at(1, 5);

  EXPECT_EQ(set.count_at(0), 0u);
  EXPECT_EQ(set.count("out_of_range"), 5u);
}

}  // namespace
}  // namespace ticker::metrics
