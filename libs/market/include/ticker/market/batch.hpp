#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <ticker/market/feed_status.hpp>
#include <ticker/market/update.hpp>

namespace ticker::market {

// Whole venue messages, as changes: what crosses from the one writer to every replica. Immutable
// once published, for any thread to read, and self-contained: a replica needs nothing else. Bid and
// bid size of one message are never in two batches.
struct Batch {
  struct Created {
    InstrumentId id;
    Version version;
    TradeLine line;
    Instrument instrument;
  };
  struct Removed {
    InstrumentId id;
    Version version;
  };
  // The fields of one instrument that one message changed. Companions hold as of `version`.
  struct Change {
    InstrumentId id;
    FieldSet fields;            // versioned fields that changed
    FieldSet null;              // those of them that ceased to exist
    Side side;                  // meaningful if `fields` has kLastSide
    bool stale;                 // meaningful if `fields` has kStale
    std::uint8_t bid_venue;     // meaningful if `fields` has kBidVenue, …
    std::uint8_t ask_venue;     // … and kAskVenue, respectively
    std::uint32_t first_value;  // index in `values` of the first of its decimals; they stand in
                                // field order, without nulls
    Version version;
    Timestamp exchange_time;
    Timestamp receive_time;
    std::uint64_t ticks;
  };

  std::string epoch;
  Version previous_version = 0;  // a replica at this version can apply the batch
  Version version = 0;

  // When the writer's owner let it go, by wall_now(): for the latency histograms only. kNoTime: not
  // known, as take_batch() leaves it.
  Timestamp published = kNoTime;

  std::vector<Created> created;
  std::vector<Change> changes;  // by rising version
  std::vector<Decimal> values;
  std::vector<Trade> trades;  // by rising version
  std::vector<Removed> removed;
  std::vector<std::string> feeds_removed;  // these first; a feed may be in both lists
  std::vector<FeedStatus> feeds;  // of each at most one, its latest

  bool empty() const { return version == previous_version; }
  // Takes out what changed, and keeps the memory that it was in.
  void clear();
  // About what the batch holds in memory: what a shard's inbox is bounded by.
  std::size_t bytes() const;
};

}  // namespace ticker::market
