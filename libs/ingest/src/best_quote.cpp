#include "best_quote.hpp"

#include <algorithm>

namespace ticker::ingest {
namespace {

using market::Decimal;
using market::Field;
using market::InstrumentState;

struct Side {
  Field price;
  Field size;
};
constexpr Side kBid{Field::kBid, Field::kBidSize};
constexpr Side kAsk{Field::kAsk, Field::kAskSize};

const Decimal* value(const InstrumentState& state, Field field) {
  const bool is_there = state.values.present().has(field) && !state.values.null().has(field);
  return is_there ? &state.values.decimal(field) : nullptr;
}

// nullptr: there is none. Of quiet products some venues write that as zeros.
const Decimal* price(const InstrumentState& state, Side side) {
  const auto* const price = value(state, side.price);
  const auto* const size = value(state, side.size);
  const bool is_quoted = price != nullptr && !price->is_zero() && (!size || !size->is_zero());
  return is_quoted ? price : nullptr;
}

// The last change of the quote; what else a venue tells goes on though its quotes may have stopped.
market::Version quoted(const InstrumentState& state) {
  market::Version latest = 0;
  for (const auto field : {Field::kBid, Field::kBidSize, Field::kAsk, Field::kAskSize}) {
    latest = std::max(latest, state.versions[static_cast<std::size_t>(field)]);
  }
  return latest;
}

// Whether `one` is strictly better than `other`; a side without a size has the smallest.
bool is_better(const InstrumentState& one, const InstrumentState& other, Side side) {
  const int by_price = Decimal::compare(*price(one, side), *price(other, side));
  if (by_price != 0) {
    return (by_price > 0) == (side.price == Field::kBid);
  }
  const auto* const size_one = value(one, side.size);
  const auto* const size_other = value(other, side.size);
  return size_one != nullptr &&
         (size_other == nullptr || Decimal::compare(*size_one, *size_other) > 0);
}

// The venue takes the place of `best` if it is better.
void prefer(const std::vector<const InstrumentState*>& states, std::size_t venue, Side side,
            std::optional<std::size_t>& best) {
  if (price(*states[venue], side) != nullptr &&
      (!best || is_better(*states[venue], *states[*best], side))) {
    best = venue;
  }
}

bool is_above(const Decimal* bid, const Decimal* ask) {
  return bid != nullptr && ask != nullptr && Decimal::compare(*bid, *ask) > 0;
}

}  // namespace

BestQuote::Best BestQuote::choose(const States& states, TimePoint now) {
  for (std::size_t i = 0; i < states.size(); ++i) {
    auto& venue = venues_[i];
    if (states[i] == nullptr || states[i]->stale) {
      venue = {};
    } else if (venue.standing == Standing::kStale) {
      venue.standing = Standing::kIn;
    }
  }
  // One that comes back may show that another is in order.
  while (take_one_back(states)) {
  }
  // One at a time: without it the others may be in order.
  while (const auto crossed = longest_unchanged_of_crossed(states, now)) {
    venues_[*crossed].standing = Standing::kCrossed;
    venues_[*crossed].crossed_at = quoted(*states[*crossed]);
  }
  Best best;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (venues_[i].standing == Standing::kIn) {
      if (crossing(states, i) != Crossing::kYes) {
        venues_[i].crossed_since.reset();
      }
      prefer(states, i, kBid, best.bid);
      prefer(states, i, kAsk, best.ask);
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

// Against those that are in and quote: of its bid those with an ask, and the other way round.
BestQuote::Crossing BestQuote::crossing(const States& states, std::size_t venue) const {
  const auto* const bid = price(*states[venue], kBid);
  const auto* const ask = price(*states[venue], kAsk);
  bool has_bids = false;
  bool has_asks = false;
  bool is_bid_above = true;
  bool is_ask_below = true;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (i == venue || venues_[i].standing != Standing::kIn) {
      continue;
    }
    const auto* const other_bid = price(*states[i], kBid);
    const auto* const other_ask = price(*states[i], kAsk);
    if (other_ask != nullptr) {
      has_asks = true;
      is_bid_above = is_bid_above && is_above(bid, other_ask);
    }
    if (other_bid != nullptr) {
      has_bids = true;
      is_ask_below = is_ask_below && is_above(other_bid, ask);
    }
  }
  if ((has_asks && is_bid_above) || (has_bids && is_ask_below)) {
    return Crossing::kYes;
  }
  const bool is_compared = (bid == nullptr || has_asks) && (ask == nullptr || has_bids);
  return is_compared ? Crossing::kNo : Crossing::kUnknown;
}

// Without others to compare each of its sides with, one that was crossed has to have moved since.
bool BestQuote::take_one_back(const States& states) {
  for (std::size_t i = 0; i < states.size(); ++i) {
    auto& venue = venues_[i];
    if (venue.standing != Standing::kCrossed) {
      continue;
    }
    const auto crossing = this->crossing(states, i);
    if (crossing == Crossing::kYes) {
      venue.crossed_at = quoted(*states[i]);
    } else if (crossing == Crossing::kNo || quoted(*states[i]) != venue.crossed_at) {
      venue = {Standing::kIn};
      return true;
    }
  }
  return false;
}

// Of those that have been crossed for the limit.
std::optional<std::size_t> BestQuote::longest_unchanged_of_crossed(const States& states,
                                                                   TimePoint now) {
  std::optional<std::size_t> longest;
  for (std::size_t i = 0; i < states.size(); ++i) {
    auto& venue = venues_[i];
    if (venue.standing != Standing::kIn || crossing(states, i) != Crossing::kYes) {
      continue;
    }
    venue.crossed_since = venue.crossed_since.value_or(now);
    if (now - *venue.crossed_since >= crossed_limit_ &&
        (!longest || quoted(*states[i]) < quoted(*states[*longest]))) {
      longest = i;
    }
  }
  return longest;
}

}  // namespace ticker::ingest
