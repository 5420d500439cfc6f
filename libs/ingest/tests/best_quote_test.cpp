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
    quoted(updated);
  }
  // Its quote changed last with this version.
  void quoted(market::Version version) {
    state.versions[static_cast<std::size_t>(Field::kBid)] = version;
    state.updated = version;
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

// A venue that sends statistics though its quotes hang is not the one that moves.
TEST(BestQuote, JudgesAVenueByItsQuoteOnly) {
  std::vector<Venue> venues{{"9", "1", "10", "1", 2}, {"12", "1", "13", "1", 1}};
  venues[1].state.updated = 3;
  BestQuote best(2, milliseconds(0));

  EXPECT_EQ(best.choose(states(venues), kStart).bid, 0U);
  EXPECT_EQ(best.standing(1), Standing::kCrossed);
}

TEST(BestQuote, TakesNoZerosForAQuote) {
  BestQuote best(4, milliseconds(0));

  const auto chosen = best.choose(states({{"0", "0", "0.00", "0", 9},
                                          {"9", "1", "11", "1", 1},
                                          {"10", "0", "10.5", "0.0", 9},
                                          {"8", "1", "0", "-", 9}}),
                                  kStart);

  EXPECT_EQ(chosen.bid, 1U);
  EXPECT_EQ(chosen.ask, 1U);
  for (std::size_t venue = 0; venue < 4; ++venue) {
    EXPECT_EQ(best.standing(venue), Standing::kIn) << venue;
  }
  BestQuote of_nobody(1, kLimit);
  const auto none = of_nobody.choose(states({{"0", "1", "0", "1"}}), kStart);
  EXPECT_EQ(none.bid, std::nullopt);
  EXPECT_EQ(none.ask, std::nullopt);
}

// A venue without a quote can't say that another's is right.
TEST(BestQuote, ComparesWithThoseThatQuote) {
  BestQuote best(3, milliseconds(0));

  best.choose(states({{"9", "1", "10", "1", 2}, {"12", "1", "13", "1", 1}, {"-", "-", "-", "-"}}),
              kStart);

  EXPECT_EQ(best.standing(1), Standing::kCrossed);
}

// One without an ask kept any other's phantom bid alive for ever.
TEST(BestQuote, ComparesASideWithThoseThatHaveTheOther) {
  BestQuote no_ask(3, milliseconds(0));
  const auto chosen = no_ask.choose(
      states({{"90", "2", "91", "1"}, {"90", "1", "0", "0"}, {"100", "1", "101", "1"}}), kStart);
  EXPECT_EQ(no_ask.standing(2), Standing::kCrossed);
  EXPECT_EQ(chosen.bid, 0U);
  EXPECT_EQ(chosen.ask, 0U);

  BestQuote no_bid(3, milliseconds(0));
  no_bid.choose(states({{"90", "2", "91", "1"}, {"-", "-", "91", "1"}, {"80", "1", "81", "1"}}),
                kStart);
  EXPECT_EQ(no_bid.standing(2), Standing::kCrossed);

  // Nobody has a side to compare with.
  BestQuote nobody(2, milliseconds(0));
  nobody.choose(states({{"90", "1", "-", "-"}, {"100", "1", "101", "1"}}), kStart);
  EXPECT_EQ(nobody.standing(0), Standing::kIn);
  EXPECT_EQ(nobody.standing(1), Standing::kIn);
}

TEST(BestQuote, DoesNotTakeBackACrossedVenueBecauseTheOthersAreGone) {
  std::vector<Venue> venues{{"9", "1", "10", "1", 2}, {"12", "1", "13", "1", 1}};
  BestQuote best(2, milliseconds(0));
  EXPECT_EQ(best.choose(states(venues), kStart).bid, 0U);

  venues[0].state.stale = true;
  venues[1].state.updated = 3;
  EXPECT_EQ(best.choose(states(venues), kStart).bid, std::nullopt);
  EXPECT_EQ(best.standing(1), Standing::kCrossed);

  venues[1].quoted(4);
  EXPECT_EQ(best.choose(states(venues), kStart).bid, 1U);
}

// It moved before the others went: that was crossed as well.
TEST(BestQuote, WantsAMoveSinceTheCrossingWasLastSeen) {
  std::vector<Venue> venues{{"9", "1", "10", "1", 2}, {"12", "1", "13", "1", 1}};
  BestQuote best(2, milliseconds(0));
  best.choose(states(venues), kStart);
  venues[1] = Venue("12.5", "1", "13", "1", 3);
  best.choose(states(venues), kStart);

  venues[0].state.stale = true;
  EXPECT_EQ(best.choose(states(venues), kStart).bid, std::nullopt);
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
  std::vector<market::Version> crossed_at(venues.size());
  int left_out = 0;
  int kept_out = 0;
  TimePoint now = kStart;
  for (int step = 0; step < 20'000; ++step) {
    auto& moved = venues[static_cast<std::size_t>(pick(4))];
    const int middle = pick(12) == 0 ? 115 : 100 + pick(3);
    const auto side = [&](int price) {
      const int kind = pick(20);
      return kind == 0 ? "-" : kind == 1 ? "0" : std::to_string(price);
    };
    moved.state.stale = pick(3) == 0;
    if (pick(4) != 0) {
      moved.set(Field::kBid, side(middle - 1 - pick(2)));
      moved.set(Field::kAsk, side(middle + 1 + pick(2)));
      moved.set(Field::kBidSize, std::to_string(pick(20) == 0 ? 0 : 1 + pick(2)));
      moved.quoted(static_cast<market::Version>(step + 2));
    }
    now += milliseconds(pick(600));

    const auto chosen = best.choose(states(venues), now);

    const auto value = [&](std::size_t i, Field field) -> std::optional<int> {
      const auto& values = venues[i].state.values;
      const auto number = [&](Field of) { return std::stoi(values.decimal(of).text()); };
      const auto size = field == Field::kBid ? Field::kBidSize : Field::kAskSize;
      const bool is_quoted = !values.null().has(field) && number(field) != 0 && number(size) != 0;
      return is_quoted ? std::optional(number(field)) : std::nullopt;
    };
    std::optional<int> bid;
    std::optional<int> ask;
    for (std::size_t i = 0; i < venues.size(); ++i) {
      const auto standing = best.standing(i);
      ASSERT_EQ(standing == Standing::kStale, venues[i].state.stale);
      // Crossed against all that count, by the definition.
      std::size_t bids = 0;
      std::size_t asks = 0;
      bool above = value(i, Field::kBid).has_value();
      bool below = value(i, Field::kAsk).has_value();
      for (std::size_t j = 0; j < venues.size(); ++j) {
        const auto other_bid = value(j, Field::kBid);
        const auto other_ask = value(j, Field::kAsk);
        if (j != i && best.standing(j) == Standing::kIn) {
          asks += other_ask ? 1U : 0U;
          bids += other_bid ? 1U : 0U;
          above = above && (!other_ask || *value(i, Field::kBid) > *other_ask);
          below = below && (!other_bid || *value(i, Field::kAsk) < *other_bid);
        }
      }
      const bool is_crossed = (asks > 0 && above) || (bids > 0 && below);
      const auto quoted = venues[i].state.versions[static_cast<std::size_t>(Field::kBid)];
      if (standing == Standing::kCrossed && !is_crossed) {
        ++kept_out;
        const bool is_shown =
            (!value(i, Field::kBid) || asks > 0) && (!value(i, Field::kAsk) || bids > 0);
        ASSERT_FALSE(is_shown);
        const auto moved_now = static_cast<market::Version>(step + 2);
        ASSERT_TRUE(quoted == crossed_at[i] || quoted == moved_now);  // when the others left
        crossed_at[i] = quoted;
      }
      left_out += standing == Standing::kCrossed ? 1 : 0;
      crossed_at[i] = is_crossed ? quoted : crossed_at[i];
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
  EXPECT_GT(kept_out, 3);
}

}  // namespace
}  // namespace ticker::ingest
