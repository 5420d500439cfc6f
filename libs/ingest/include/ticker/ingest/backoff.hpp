#pragma once

#include <chrono>
#include <functional>

namespace ticker::ingest {

// Where deadlines and intervals are measured; never the wall clock.
using TimePoint = std::chrono::steady_clock::time_point;

// A number in [0, 1). Copies share what they draw from: feeds that lose their venue together must not
// come back together. Called on the ingest thread only.
using Random = std::function<double()>;

// How long to wait before the next attempt to connect: full jitter (anything from 0) under a
// ceiling that doubles with each attempt, up to a limit. The ceiling falls back only after a minute
// of health, so that a venue which accepts and drops us is not hammered. Ingest thread only.
class Backoff {
 public:
  static constexpr std::chrono::seconds kHealthyAfter{60};

  // `first`: ceiling of the first wait; `limit`: of all.
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds limit, Random random);

  // The wait before the next attempt; the ceiling doubles.
  std::chrono::milliseconds next();
  // Data came (or the venue showed otherwise that the connection works). Only the first call of a
  // connection counts.
  void healthy(TimePoint now);
  // The connection, or the attempt, is over.
  void closed(TimePoint now);
  // Attempts since the last reset.
  int attempts() const { return attempts_; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds limit_;
  Random random_;
  int attempts_ = 0;
  bool is_healthy_ = false;
  TimePoint healthy_since_{};
};

}  // namespace ticker::ingest
