#pragma once

#include <string_view>

#include <ticker/metrics/counter.hpp>

namespace ticker::metrics {

class Writer;

// What is counted of the recording of one feed; any thread reads.
struct RecordingStats {
  // Written by the feed's thread.
  Gauge is_on;       // 0 or 1
  Counter messages;  // and what else is recorded: connects, what was sent, …
  Counter bytes;     // of these
  Counter dropped;   // of the same, what there was no room for

  // Written by the thread that writes the recording.
  Counter lost;           // taken, and then given up when the recording ended
  Counter written_bytes;  // of the files
  Counter write_errors;
  Gauge last_write_us;  // microseconds since the Unix epoch; 0: none yet

  // Nothing, as long as it was never on. `feed`: its configured name.
  void collect(std::string_view feed, Writer& writer) const;
};

}  // namespace ticker::metrics
