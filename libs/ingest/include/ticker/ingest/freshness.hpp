#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include <ticker/ingest/backoff.hpp>

namespace ticker::ingest {

// Tells which of a feed's instruments have been silent for longer than a limit. A touch costs a few
// stores, whatever their number: they stand in a list, the longest silent first. Ingest thread
// only.
class Freshness {
 public:
  // Instruments have the indexes below `count`.
  Freshness(std::size_t count, std::chrono::milliseconds limit);

  // Data of instrument `index` came. Times never go back.
  void touch(std::size_t index, TimePoint now);
  // When data of it came last; nullopt: it has expired, or never had any.
  std::optional<TimePoint> last(std::size_t index) const;
  // One that has been silent for the limit, each once until it is touched again; nullopt: none (any
  // more).
  std::optional<std::size_t> take_expired(TimePoint now);
  // When the next one expires unless it is touched; nullopt: none is fresh.
  std::optional<TimePoint> next_expiry() const;

 private:
  struct Entry {
    TimePoint last{};
    std::size_t before = 0;
    std::size_t after = 0;
    bool fresh = false;  // whether it stands in the list
  };
  void unlink(std::size_t index);

  std::chrono::milliseconds limit_;
  std::vector<Entry> entries_;  // the last one is the list's head and end
};

}  // namespace ticker::ingest
