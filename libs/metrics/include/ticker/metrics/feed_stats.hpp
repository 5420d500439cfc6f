#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ticker/metrics/counter.hpp>
#include <ticker/metrics/counter_set.hpp>
#include <ticker/metrics/histogram.hpp>
#include <ticker/metrics/recording_stats.hpp>

namespace ticker::metrics {

class Writer;

// What is counted of one upstream feed. Written by the ingest thread only, read by the scrape.
struct FeedStats {
  // The reasons, in the order of the enumerations that they are counted by.
  FeedStats(std::vector<std::string> rejected_reasons, std::vector<std::string> skipped_reasons)
      : rejected(std::move(rejected_reasons)), skipped(std::move(skipped_reasons)) {}

  Counter messages;    // of a simulator: quotes and trades
  Counter bytes;       // of these messages
  Counter reconnects;  // attempts to connect, but for the first of each connection
  // Connections replaced before they went: in time; after the old one had gone; attempts that came
  // to nothing, the old one going on.
  Counter handovers_done;
  Counter handovers_late;
  Counter handovers_failed;
  Counter handover_gap_us;  // microseconds from the end of the old one to the first bytes of the
                            // next, where late
  Counter clock_skew;       // quotes and trades whose venue time is ahead of their receive time
  Counter trade_gaps;       // trades before which others were lost on the way from the venue
  Gauge state;              // 0 down, 1 connecting, 2 stale, 3 live
  Gauge last_message_us;    // receive time, microseconds since the Unix epoch; 0: none yet
  bool is_consolidated = false;  // fixed before it is shared
  Gauge left_out;                // of a consolidated feed: venues whose quotes do not count now
  CounterSet rejected;
  CounterSet skipped;
  Histogram exchange_to_receive;  // of quotes and trades that have a venue time
  Histogram receive_to_publish;   // of each change, to Batch::published
  std::shared_ptr<RecordingStats> recording = std::make_shared<RecordingStats>();

  // `feed`: its configured name.
  void collect(std::string_view feed, Writer& writer) const;
};

}  // namespace ticker::metrics
