#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <ticker/base/ids.hpp>
#include <ticker/market/market_state.hpp>

#include "intrusive_list.hpp"
#include "prefetch.hpp"

namespace ticker::hub {

// Whoever waits for changes of a set of instruments: a lane, or a client's stream of trades.
struct Subscriber : ListHook<Subscriber> {};

// Instruments that are served together, and everyone who is served them. A change that wakes
// somebody looks at one cache line of it.
struct alignas(64) Part {
  IntrusiveList<Subscriber> quiet;  // those who have nothing to get …
  IntrusiveList<Subscriber> awake;  // … and those whose turn is coming
  market::Version urgent = 0;       // of the last change that is due at once
  std::uint64_t changes = 0;        // while `told_of_all`: how many there were
  bool armed = false;               // a change of any of the ids finds it
  bool told_of_all = false;         // it stays armed
  std::vector<market::InstrumentId> ids;  // rising
  std::vector<std::uint32_t> places;      // of this part among those that hold each of the ids
  std::string name;                       // of the lane
};

// Which parts hold an instrument, and which of these are to hear of its next change: a part whose
// lanes all have a turn coming is left alone, as they will look for themselves. The hub's thread.
class Interest {
 public:
  // Requires: the part holds none of `id` or above.
  void add(market::InstrumentId id, Part& part);
  // The part ends.
  void drop(Part& part);
  // The instrument ends.
  void remove(market::InstrumentId id);
  // No part holds anything any more; those that were armed stay so.
  void clear() {
    holders_.clear();
    armed_.clear();
  }

  const std::vector<Part*>& parts(market::InstrumentId id) const;

  void arm(Part& part);
  // From now on it hears of every change, whose number then costs nothing to know: for those who are
  // served at once.
  void tell_of_all(Part& part);
  // Calls expect(Part&), then wake(Part&), for each armed part that holds the instrument. It is not
  // armed any more, unless it is told of all; wake() must arm none.
  template <typename Expect, typename Wake>
  void change(market::InstrumentId id, Expect&& expect, Wake&& wake);
  // How many changes of its ids there were: only the difference of two answers means something.
  std::uint64_t changes(const Part& part) const;

 private:
  static constexpr std::size_t kBits = 64;
  struct Holders {
    std::vector<Part*> parts;
    std::vector<std::uint64_t> more;  // behind armed_: a bit each
  };
  std::size_t words(market::InstrumentId id) const { return 1 + holders_[id].more.size(); }
  std::uint64_t& word(market::InstrumentId id, std::size_t at) {
    return at == 0 ? armed_[id] : holders_[id].more[at - 1];
  }
  void set(market::InstrumentId id, std::size_t place, bool armed) {
    const std::uint64_t bit = std::uint64_t{1} << place % kBits;
    std::uint64_t& bits = word(id, place / kBits);
    bits = (bits & ~bit) | (armed ? bit : 0);
  }
  void mark(const Part& part, bool armed);
  void disarm(Part& part);

  // By instrument; what is asked of many at a time stands close together.
  std::vector<Holders> holders_;
  std::vector<std::uint64_t> armed_;  // of the first parts that hold it: mostly all
  std::vector<std::uint64_t> changes_;
};

template <typename Expect, typename Wake>
void Interest::change(market::InstrumentId id, Expect&& expect, Wake&& wake) {
  if (id >= holders_.size()) {
    return;
  }
  ++changes_[id];
  for (std::size_t at = 0; at < words(id); ++at) {
    const std::uint64_t armed = word(id, at);
    if (armed == 0) {
      continue;
    }
    Part* const* const parts = &holders_[id].parts[at * kBits];
    for (std::uint64_t left = armed; left != 0; left &= left - 1) {
      prefetch(parts[std::countr_zero(left)]);
    }
    for (std::uint64_t left = armed; left != 0; left &= left - 1) {
      expect(*parts[std::countr_zero(left)]);
    }
    for (std::uint64_t left = armed; left != 0; left &= left - 1) {
      Part& part = *parts[std::countr_zero(left)];
      if (part.told_of_all) {
        ++part.changes;
      } else {
        disarm(part);
      }
      wake(part);
    }
  }
}

}  // namespace ticker::hub
