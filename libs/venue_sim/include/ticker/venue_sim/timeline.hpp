#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include <ticker/base/clock.hpp>
#include <ticker/venue_sim/tape.hpp>

namespace ticker::venue_sim {

// How far the tape has been played: one for all connections of a venue. Positions count messages,
// and go on counting when the tape begins anew.
class Timeline {
 public:
  struct Options {
    double speed = 1;   // times the recorded pace; kMax: as fast as everybody takes it
    bool loop = false;  // at its end the tape begins anew
  };
  static constexpr double kMax = 0;
  // At kMax, so many messages are released at a time: everyone gets them before the next.
  static constexpr std::size_t kSlice = 256;

  // `tape` must outlive it.
  Timeline(const Tape& tape, Options options) : tape_(tape), options_(options) {}

  // Begins with the first message, now. Later calls change nothing.
  void start(Timestamp now);
  bool started() const { return started_.has_value(); }
  // Releases what is due. `all_taken`: whether everyone was sent what was released before (matters
  // at kMax).
  void advance(Timestamp now, bool all_taken);

  // Messages before this position are past.
  std::size_t position() const { return position_; }
  // When the next message is due; nullopt: not started, at the end, or at kMax.
  std::optional<Timestamp> next_due() const;
  // Of a message since the tape's first one, rounds counted, at the recorded pace.
  std::chrono::nanoseconds offset(std::size_t position) const;
  bool at_end() const { return tape_.size() == 0 || (!options_.loop && position_ >= tape_.size()); }

 private:
  Timestamp due(std::size_t position) const;

  const Tape& tape_;
  Options options_;
  std::optional<Timestamp> started_;
  std::size_t position_ = 0;
};

}  // namespace ticker::venue_sim
