#pragma once

#include <chrono>
#include <cstdint>

namespace ticker {

// A moment, in whole microseconds since the Unix epoch (UTC). Names of numbers on the wire end in `_us`.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

// The "no such time" value: the Unix epoch itself.
inline constexpr Timestamp kNoTime{};

constexpr Timestamp from_us(std::int64_t us) { return Timestamp{std::chrono::microseconds{us}}; }
constexpr std::int64_t to_us(Timestamp time) { return time.time_since_epoch().count(); }

// Where `now` comes from. Code that does something at a time takes `now` as an argument or a Clock&, never the system's.
class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes back. Any thread.
  virtual Timestamp now() const = 0;
};

// The wall clock as it was at construction, carried on by the monotonic clock: a step of the system's time (an operator,
// a resumed machine) moves neither a deadline nor an interval; slewing by NTP is followed.
class SteadyWallClock final : public Clock {
 public:
  SteadyWallClock();
  Timestamp now() const override;

 private:
  Timestamp wall_at_start_;
  std::chrono::steady_clock::time_point steady_at_start_;
};

// The system's wall clock, steps and all: what receive times of venue messages are taken from.
// Any thread.
Timestamp wall_now();

}  // namespace ticker
