#include "best_quote.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ticker::ingest {
namespace {

using market::Decimal;
using market::Field;
using market::InstrumentState;
using Standing = BestQuote::Standing;
using std::chrono::milliseconds;

constexpr milliseconds kLimit{1'000};
const TimePoint kStart{};

// A quote as text: "9@2 11@1"; "-" for a side that has none.
struct Venue {
  InstrumentState state;

  Venue(const std::string& bid, const std::string& bid_size, const std::string& ask,
        const std::string& ask_size, market::Version updated = 1) {
    set(Field::kBid, bid);
    set(Field::kBidSize, bid_size);
    set(Field::kAsk, ask);
    set(Field::kAskSize, ask_size);
    state.stale = false;
    state.updated = updated;
  }
  void set(Field field, const std::string& text) {
    if (text == "-") {
      state.values.set_null(field);
    } else {
      state.values.set(field, *Decimal::from_text(text));
    }
  }
};

std::vector<const InstrumentState*> states(const std::vector<Venue>& venues) {
  std::vector<const InstrumentState*> all;
  for (const auto& venue : venues) {
    all.push_back(&venue.state);
  }
  return all;
}

TEST(BestQuote, IsTheHighestBidAndTheLowestOffer) {
  BestQuote best(2, kLimit);

  const auto chosen =
      best.choose(states({{"9.5", "1", "11", "1"}, {"10", "1", "11.5", "1"}}), kStart);

  EXPECT_EQ(chosen.bid, 1U);
  EXPECT_EQ(chosen.ask, 0U);
}

TEST(BestQuote, IsOfTheLargerSizeAndThenOfTheFirstVenueWherePricesAreEqual) {
  BestQuote best(3, kLimit);

  const auto chosen = best.choose(
      states({{"10", "-", "11.0", "2"}, {"10.0", "1", "11", "2"}, {"10.00", "1", "12", "9"}}),
      kStart);

  EXPECT_EQ(chosen.bid, 1U);
  EXPECT_EQ(chosen.ask, 0U);
}

TEST(BestQuote, NeverComesFromAStaleVenueOrFromOneThatIsNotThere) {
  std::vector<Venue> venues{{"9", "1", "11", "1"}, {"10", "1", "10.5", "1"}};
  venues[1].state.stale = true;
  BestQuote best(3, kLimit);
  auto all = states(venues);
  all.push_back(nullptr);

  const auto chosen = best.choose(all, kStart);

  EXPECT_EQ(chosen.bid, 0U);
  EXPECT_EQ(chosen.ask, 0U);
  EXPECT_EQ(best.standing(1), Standing::kStale);
  EXPECT_EQ(best.standing(2), Standing::kStale);
  venues[0].state.stale = true;
  EXPECT_EQ(best.choose(all, kStart).bid, std::nullopt);
}

TEST(BestQuote, LeavesOutAVenueThatIsCrossedAgainstAllOthersForTooLong) {
  std::vector<Venue> venues{
      {"9", "1", "10", "1"}, {"12", "1", "13", "1"}, {"9.5", "1", "10.5", "1"}};
  BestQuote best(3, kLimit);
  EXPECT_EQ(best.choose(states(venues), kStart).bid, 1U);
  EXPECT_EQ(best.due(), kStart + kLimit);

  EXPECT_EQ(best.choose(states(venues), kStart + kLimit - milliseconds(1)).bid, 1U);
  EXPECT_EQ(best.choose(states(venues), kStart + kLimit).bid, 2U);

  EXPECT_EQ(best.standing(1), Standing::kCrossed);
  EXPECT_EQ(best.due(), std::nullopt);
  venues[1] = Venue("9.9", "1", "10.2", "1");
  EXPECT_EQ(best.choose(states(venues), kStart + kLimit).bid, 1U);
  EXPECT_EQ(best.standing(1), Standing::kIn);
}

TEST(BestQuote, ForgivesACrossingThatEnds) {
  std::vector<Venue> venues{{"9", "1", "10", "1"}, {"12", "1", "13", "1"}};
  BestQuote best(2, kLimit);
  best.choose(states(venues), kStart);
  std::vector<Venue> fine{{"9", "1", "10", "1"}, {"9.5", "1", "10.5", "1"}};
  best.choose(states(fine), kStart + milliseconds(900));

  EXPECT_EQ(best.choose(states(venues), kStart + kLimit).bid, 1U);
}

// Which of two is wrong nobody can tell: more likely the one that does not move.
TEST(BestQuote, LeavesOutTheOneOfTwoThatHasNotChangedForLonger) {
  BestQuote best(2, kLimit);
  best.choose(states({{"9", "1", "10", "1", 1}, {"12", "1", "13", "1", 2}}), kStart);
  best.choose(states({{"9", "1", "10", "1", 3}, {"12", "1", "13", "1", 2}}), kStart);

  const auto chosen =
      best.choose(states({{"9", "1", "10", "1", 3}, {"12", "1", "13", "1", 2}}), kStart + kLimit);

  EXPECT_EQ(chosen.bid, 0U);
  EXPECT_EQ(best.standing(1), Standing::kCrossed);
}

TEST(BestQuote, HasNoCrossedVenueWhereThereIsOnlyOne) {
  BestQuote best(2, milliseconds(0));
  std::vector<Venue> venues{{"12", "1", "11", "1"}, {"9", "1", "10", "1"}};
  venues[1].state.stale = true;

  EXPECT_EQ(best.choose(states(venues), kStart).bid, 0U);
}

// Against the rules, read literally.
TEST(BestQuote, AgreesWithASimpleRecomputation) {
  std::mt19937 random(7);
  const auto pick = [&](int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  };
  std::vector<Venue> venues(4, Venue("1", "1", "2", "1"));
  BestQuote best(venues.size(), kLimit);
  std::vector<std::optional<TimePoint>> crossed_since(venues.size());
  int left_out = 0;
  TimePoint now = kStart;
  for (int step = 0; step < 20'000; ++step) {
    auto& moved = venues[static_cast<std::size_t>(pick(4))];
    const int middle = pick(12) == 0 ? 115 : 100 + pick(3);
    moved.set(Field::kBid, pick(10) == 0 ? "-" : std::to_string(middle - 1 - pick(2)));
    moved.set(Field::kAsk, pick(10) == 0 ? "-" : std::to_string(middle + 1 + pick(2)));
    moved.set(Field::kBidSize, std::to_string(1 + pick(2)));
    moved.state.stale = pick(8) == 0;
    moved.state.updated = static_cast<market::Version>(step + 2);
    now += milliseconds(pick(600));

    const auto chosen = best.choose(states(venues), now);

    const auto value = [&](std::size_t i, Field field) -> std::optional<int> {
      const auto& values = venues[i].state.values;
      return values.null().has(field) ? std::nullopt
                                      : std::optional(std::stoi(values.decimal(field).text()));
    };
    std::optional<int> bid;
    std::optional<int> ask;
    for (std::size_t i = 0; i < venues.size(); ++i) {
      const auto standing = best.standing(i);
      ASSERT_EQ(standing == Standing::kStale, venues[i].state.stale);
      // Crossed against all that count, by the definition.
      std::size_t others = 0;
      bool above = value(i, Field::kBid).has_value();
      bool below = value(i, Field::kAsk).has_value();
      for (std::size_t j = 0; j < venues.size(); ++j) {
        if (j != i && best.standing(j) == Standing::kIn) {
          ++others;
          const auto other_bid = value(j, Field::kBid);
          const auto other_ask = value(j, Field::kAsk);
          above = above && other_ask && *value(i, Field::kBid) > *other_ask;
          below = below && other_bid && *value(i, Field::kAsk) < *other_bid;
        }
      }
      const bool is_crossed = others > 0 && (above || below);
      if (standing == Standing::kCrossed) {
        ++left_out;
        ASSERT_TRUE(is_crossed);
      }
      if (standing != Standing::kIn || !is_crossed) {
        crossed_since[i].reset();
      } else {
        crossed_since[i] = crossed_since[i].value_or(now);
        ASSERT_LT(now - *crossed_since[i], kLimit);
      }
      if (standing == Standing::kIn) {
        const auto here_bid = value(i, Field::kBid);
        const auto here_ask = value(i, Field::kAsk);
        bid = here_bid && (!bid || *here_bid > *bid) ? here_bid : bid;
        ask = here_ask && (!ask || *here_ask < *ask) ? here_ask : ask;
      }
    }
    ASSERT_EQ(chosen.bid ? value(*chosen.bid, Field::kBid) : std::nullopt, bid);
    ASSERT_EQ(chosen.ask ? value(*chosen.ask, Field::kAsk) : std::nullopt, ask);
  }
  EXPECT_GT(left_out, 100);
}

}  // namespace
}  // namespace ticker::ingest
