#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <ticker/base/clock.hpp>

#include "intrusive_list.hpp"

namespace ticker::hub {

// Something that happens once at a time; part of what it happens to, which `kind` names.
struct TimerNode : ListHook<TimerNode> {
  enum class Kind : std::uint8_t { kLane, kUpkeep, kSinceWait };
  explicit TimerNode(Kind what) : kind(what) {}

  const Kind kind;
  std::int64_t due_ms = 0;  // meaningful while armed

  bool armed() const { return linked(); }
  void cancel() { unlink(); }
};

// Timers by the millisecond, armed and cancelled in O(1), in an order that depends on the calls
// only. Two wheels: the near one has a slot a millisecond, the far one a slot for each turn of the
// near one. One thread.
class TimerWheel {
 public:
  // `start`: no timer is due before it.
  explicit TimerWheel(Timestamp start);

  // Due in the first millisecond that does not begin before `when`; at the next advance() if that
  // has gone by. Armed again, it moves.
  void arm(TimerNode& node, Timestamp when);
  // The first timer due by `now`, which is disarmed; nullptr: none is left. `now` never goes back.
  TimerNode* pop(Timestamp now);
  // When pop() next has something to do: never later than the first timer, sometimes earlier.
  std::optional<Timestamp> next() const;

 private:
  static constexpr std::size_t kSlots = 1024;
  using Slots = std::array<IntrusiveList<TimerNode>, kSlots>;

  // Marks of slots. One whose mark is off is empty; one whose mark is on may have become so.
  class Marks {
   public:
    void set(std::size_t slot) { words_[slot / kBits] |= std::uint64_t{1} << slot % kBits; }
    void reset(std::size_t slot) { words_[slot / kBits] &= ~(std::uint64_t{1} << slot % kBits); }
    bool none() const { return words_ == std::array<std::uint64_t, kSlots / kBits>{}; }
    // The first of the ticks from `from` up to `to` whose slot is marked; `to`: none is.
    std::int64_t first(std::int64_t from, std::int64_t to) const;

   private:
    static constexpr std::size_t kBits = 64;
    std::array<std::uint64_t, kSlots / kBits> words_{};
  };

  static std::size_t slot(std::int64_t tick) { return static_cast<std::size_t>(tick) % kSlots; }
  void place(TimerNode& node);
  void cascade();

  std::int64_t now_ms_;  // slots before it are empty
  Slots near_;
  Slots far_;
  mutable Marks near_used_;
  mutable Marks far_used_;
};

}  // namespace ticker::hub
