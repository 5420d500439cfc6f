#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include <ticker/ingest/backoff.hpp>
#include <ticker/market/instrument_state.hpp>

namespace ticker::ingest {

// The best bid and offer over one instrument's venues. A venue that is stale or has no instrument
// is out of it at once; one whose quote is crossed against those of all others (its bid above their
// offers, or its offer below their bids; who has none of that side does not count) is out once that
// has lasted for a limit, and until it ends, or, with no others left to show that, until its quote
// changes; of two that are crossed against each other, the one whose quote has not changed for
// longer. A side whose price or size is 0 is none. Of equal prices the larger size is the better,
// then the venue named first. Pure; ingest thread only.
class BestQuote {
 public:
  enum class Standing { kIn, kStale, kCrossed };
  // Places in the list of venues; nullopt: there is none.
  struct Best {
    std::optional<std::size_t> bid;
    std::optional<std::size_t> ask;
  };

  BestQuote(std::size_t venues, std::chrono::milliseconds crossed_limit)
      : crossed_limit_(crossed_limit), venues_(venues) {}

  // `states`: of each venue, in the order of preference; nullptr: it has no such instrument.
  Best choose(const std::vector<const market::InstrumentState*>& states, TimePoint now);

  // As of the last choose():
  Standing standing(std::size_t venue) const { return venues_[venue].standing; }
  // When it has to choose again, though nothing changes; nullopt: never.
  std::optional<TimePoint> due() const;

 private:
  using States = std::vector<const market::InstrumentState*>;
  struct Venue {
    Standing standing = Standing::kStale;
    std::optional<TimePoint> crossed_since = {};
    market::Version crossed_at = 0;  // of its quote, when it was last seen to be crossed
  };
  enum class Crossing { kNo, kYes, kUnknown };
  Crossing crossing(const States& states, std::size_t venue) const;
  bool take_one_back(const States& states);
  std::optional<std::size_t> longest_unchanged_of_crossed(const States& states, TimePoint now);

  std::chrono::milliseconds crossed_limit_;
  std::vector<Venue> venues_;
};

}  // namespace ticker::ingest
