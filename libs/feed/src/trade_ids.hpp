#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <ticker/market/instrument.hpp>
#include <ticker/market/update.hpp>

#include "rising_number.hpp"

namespace ticker::feed {

// What the contiguous trade ids of one instrument tell, over connections too: trades that came
// already (who connects anew may reach a server that is behind), and trades that never came. Ids
// that are far apart are not of one count: it began anew, or one of them is absurd.
class TradeIds {
 public:
  // A new connection. How far ids had come is remembered.
  void reset() { in_history_ = false; }

  bool is_duplicate(std::uint64_t id, Timestamp received) const {
    return has_taken_ && id <= last_ && !is_far(id) &&
           (id == last_ || received - taken_ < kLatest);
  }
  // How many trades between the last one taken and this one, which is the last of `count`, never
  // came; Trade::kUnknownMissed where nobody can tell.
  std::int64_t missed_before(std::uint64_t id, std::uint64_t count = 1) const {
    if (missed_ == market::Trade::kUnknownMissed || (known_ && is_far(id))) {
      return market::Trade::kUnknownMissed;
    }
    const std::uint64_t jump = known_ && id > last_ ? id - last_ - 1 : 0;
    const auto missed = missed_ + static_cast<std::int64_t>(jump - std::min(jump, count - 1));
    return missed <= static_cast<std::int64_t>(kMostMissed) ? missed
                                                            : market::Trade::kUnknownMissed;
  }
  // The trade is passed on.
  void take(std::uint64_t id, Timestamp received) {
    pass_over(id, received);
    missed_ = 0;
  }
  // The trade came, and is nothing to pass on.
  void pass_over(std::uint64_t id, Timestamp received) {
    missed_ = missed_before(id);
    last_ = id;
    taken_ = received;
    known_ = has_taken_ = true;
    in_history_ = false;
  }
  // A trade from before the subscription: ids are counted from the newest of them, if nothing was
  // known before.
  void note_history(std::uint64_t id) {
    if (!known_ || (in_history_ && id > last_)) {
      last_ = id;
      known_ = in_history_ = true;
    }
  }

 private:
  // Months of the busiest instrument's trades.
  static constexpr std::uint64_t kMostMissed = 1'000'000'000;
  // More than come again at any handover or reconnect.
  static constexpr std::uint64_t kMostRepeated = 100'000;

  bool is_far(std::uint64_t id) const {
    return id > last_ ? id - last_ > kMostMissed : last_ - id >= kMostRepeated;
  }

  std::uint64_t last_ = 0;
  Timestamp taken_ = kNoTime;  // when `last_` came
  std::int64_t missed_ = 0;    // before the trades that were passed over
  bool known_ = false;         // `last_` means something
  bool has_taken_ = false;     // … and is that of a trade that came, not of history
  bool in_history_ = false;    // `last_` is the newest so far of this connection's history
};

// Something for each instrument, found by its id; grows to the highest id asked for.
template <typename T>
class PerInstrument {
 public:
  T& operator[](market::InstrumentId id) {
    if (id >= items_.size()) {
      items_.resize(id + 1);
    }
    return items_[id];
  }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }

 private:
  std::vector<T> items_;
};

}  // namespace ticker::feed
