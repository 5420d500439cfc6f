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
  enum Op : std::uint8_t { kSubscribe, kUnsubscribe, kAuth, kPing, kMalformed, kOps };

  metrics::Gauge connections;  // open now
  metrics::Counter opened;
  std::array<metrics::Counter, protocol::kCloseCodes.size()> closed;  // in the order of kCloseCodes
  metrics::Counter closed_other;  // any other code, 1006 among them

  metrics::Gauge subscriptions;  // entries that stand now, of all clients
  metrics::Counter frames;
  metrics::Counter updates;  // entries of snapshots and deltas, and trades
  metrics::Counter merged;   // changes that reached clients within a later one
  metrics::Counter bytes;
  metrics::Gauge blocked;  // connections whose output is blocked now
  metrics::Gauge
      held;  // bytes that connections hold for clients, as of the last thing that happened to each

  std::array<metrics::Counter, kOps> requests;
  std::array<metrics::Counter, protocol::kErrorCodeNames.size()> errors;  // by ErrorCode

  metrics::Histogram flush;
  metrics::Histogram publish_to_write;  // by the oldest change in the frame
  metrics::Histogram receive_to_write;

  metrics::Counter resyncs;
  metrics::Counter removals_forgotten;  // of instruments: more came than are remembered
  metrics::Counter trade_gaps;  // told to clients because the ring had forgotten their trades
};

}  // namespace ticker::hub
