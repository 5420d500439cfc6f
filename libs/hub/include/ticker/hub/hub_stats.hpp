#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <ticker/metrics/counter.hpp>
#include <ticker/metrics/histogram.hpp>
#include <ticker/protocol/codes.hpp>

namespace ticker::hub {

// What happened in one hub. Its thread writes, whoever scrapes reads.
struct HubStats {
  enum Op : std::uint8_t { kSubscribe, kUnsubscribe, kAuth, kPing, kReplay, kReplayControl, kMalformed, kOps };

  metrics::Gauge connections;  // open now
  metrics::Counter opened;
  std::array<metrics::Counter, protocol::kCloseCodes.size()> closed;  // in the order of kCloseCodes
  metrics::Counter closed_other;  // any other code, 1006 among them

  metrics::Gauge subscriptions;  // entries that stand now, of all clients
  metrics::Counter frames;       // all messages, those of which the socket kept a part included
  metrics::Counter updates;      // entries of snapshots and deltas, and trades
  metrics::Counter merged;       // changes that reached clients within a later one
  metrics::Counter bytes;        // of these frames' texts, without WebSocket headers
  metrics::Gauge blocked;        // connections whose output is blocked now
  metrics::Gauge
      held;  // bytes that connections hold for clients, as of the last thing that happened to each

  std::array<metrics::Counter, kOps> requests;  // those answered with an error too
  std::array<metrics::Counter, protocol::kErrorCodeNames.size()> errors;  // by ErrorCode

  metrics::Histogram flush;             // one turn of serving; see HubOptions::stats_clock
  metrics::Histogram publish_to_write;  // from Batch::published, by the oldest change in the frame
  metrics::Histogram receive_to_write;  // of the same change, from its receive time if it has one

  metrics::Counter resyncs;             // Hub::replace_state()
  metrics::Counter removals_forgotten;  // of instruments: more came than are remembered
  metrics::Counter trade_gaps;  // told to clients because the ring had forgotten their trades
};

}  // namespace ticker::hub
