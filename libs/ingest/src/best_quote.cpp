#include "best_quote.hpp"

#include <algorithm>

namespace ticker::ingest {
namespace {

using market::Decimal;
using market::Field;
using market::InstrumentState;

const Decimal* value(const InstrumentState& state, Field field) {
  const bool is_there = state.values.present().has(field) && !state.values.null().has(field);
  return is_there ? &state.values.decimal(field) : nullptr;
}

bool is_above(const Decimal* bid, const Decimal* ask) {
  return bid != nullptr && ask != nullptr && Decimal::compare(*bid, *ask) > 0;
}

// Whether `one` is strictly better than `other`; a side without a size has the smallest.
bool is_better(const InstrumentState& one, const InstrumentState& other, Field price, Field size) {
  const int by_price = Decimal::compare(*value(one, price), *value(other, price));
  if (by_price != 0) {
    return (by_price > 0) == (price == Field::kBid);
  }
  const auto* const size_one = value(one, size);
  const auto* const size_other = value(other, size);
  return size_one != nullptr &&
         (size_other == nullptr || Decimal::compare(*size_one, *size_other) > 0);
}

// The venue takes the place of `best` if it is better.
void prefer(const std::vector<const InstrumentState*>& states, std::size_t venue, Field price,
            Field size, std::optional<std::size_t>& best) {
  if (value(*states[venue], price) != nullptr &&
      (!best || is_better(*states[venue], *states[*best], price, size))) {
    best = venue;
  }
}

}  // namespace

BestQuote::Best BestQuote::choose(const States& states, TimePoint now) {
  for (std::size_t i = 0; i < states.size(); ++i) {
    auto& venue = venues_[i];
    if (states[i] == nullptr || states[i]->stale) {
      venue = {Standing::kStale, std::nullopt};
    } else if (venue.standing == Standing::kStale) {
      venue.standing = Standing::kIn;
    }
  }
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (venues_[i].standing == Standing::kCrossed && !is_crossed_against_all(states, i)) {
      venues_[i] = {Standing::kIn, std::nullopt};
    }
  }
  // One at a time: without it the others may be in order.
  while (const auto crossed = longest_unchanged_of_crossed(states, now)) {
    venues_[*crossed].standing = Standing::kCrossed;
  }
  Best best;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (venues_[i].standing == Standing::kIn) {
      prefer(states, i, Field::kBid, Field::kBidSize, best.bid);
      prefer(states, i, Field::kAsk, Field::kAskSize, best.ask);
    }
  }
  return best;
}

std::optional<TimePoint> BestQuote::due() const {
  std::optional<TimePoint> due;
  for (const auto& venue : venues_) {
    if (venue.standing == Standing::kIn && venue.crossed_since) {
      due = std::min(due.value_or(TimePoint::max()), *venue.crossed_since + crossed_limit_);
    }
  }
  return due;
}

// Against those that are in.
bool BestQuote::is_crossed_against_all(const States& states, std::size_t venue) const {
  const auto* const bid = value(*states[venue], Field::kBid);
  const auto* const ask = value(*states[venue], Field::kAsk);
  bool is_bid_above = true;
  bool is_ask_below = true;
  std::size_t others = 0;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (i != venue && venues_[i].standing == Standing::kIn) {
      ++others;
      is_bid_above = is_bid_above && is_above(bid, value(*states[i], Field::kAsk));
      is_ask_below = is_ask_below && is_above(value(*states[i], Field::kBid), ask);
    }
  }
  return others > 0 && (is_bid_above || is_ask_below);
}

// Of those that have been crossed for the limit.
std::optional<std::size_t> BestQuote::longest_unchanged_of_crossed(const States& states,
                                                                   TimePoint now) {
  std::optional<std::size_t> longest;
  for (std::size_t i = 0; i < states.size(); ++i) {
    auto& venue = venues_[i];
    if (venue.standing != Standing::kIn) {
      continue;
    }
    if (!is_crossed_against_all(states, i)) {
      venue.crossed_since.reset();
      continue;
    }
    venue.crossed_since = venue.crossed_since.value_or(now);
    if (now - *venue.crossed_since >= crossed_limit_ &&
        (!longest || states[i]->updated < states[*longest]->updated)) {
      longest = i;
    }
  }
  return longest;
}

}  // namespace ticker::ingest
