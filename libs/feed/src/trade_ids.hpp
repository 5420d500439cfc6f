#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include <ticker/market/instrument.hpp>

namespace ticker::feed {

// What the contiguous trade ids of one instrument tell: duplicates within one upstream connection,
// and, over connections too, trades that never came.
class TradeIds {
 public:
  // A new connection: what comes is taken, whatever its id. How far ids had come is remembered.
  void reset() { guarding_ = in_history_ = false; }

  bool is_duplicate(std::uint64_t id) const { return guarding_ && id <= last_; }
  // How many trades between the last one taken and this one never came.
  std::int64_t missed_before(std::uint64_t id) const {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    const std::uint64_t jump = known_ && id > last_ ? id - last_ - 1 : 0;
    return static_cast<std::int64_t>(std::min(jump, kMost - missed_) + missed_);
  }
  // The trade is passed on.
  void take(std::uint64_t id) {
    pass_over(id);
    missed_ = 0;
  }
  // The trade came, and is nothing to pass on.
  void pass_over(std::uint64_t id) {
    missed_ = static_cast<std::uint64_t>(missed_before(id));
    last_ = id;
    known_ = guarding_ = true;
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
  std::uint64_t last_ = 0;
  std::uint64_t missed_ = 0;  // before the trades that were passed over
  bool known_ = false;        // `last_` means something
  bool guarding_ = false;     // `last_` came on this connection
  bool in_history_ = false;   // `last_` is the newest so far of this connection's history
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
