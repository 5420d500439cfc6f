#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <ticker/protocol/codes.hpp>

namespace ticker::hub {

// A number that one thread writes and any thread reads: plain loads and stores, no read-modify-write.
class Counter {
 public:
  void add(std::uint64_t amount = 1) { set(get() + amount); }
  void subtract(std::uint64_t amount = 1) { set(get() - amount); }
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// How long things took: a count per bucket, and the sum. Written by one thread, read by any.
class DurationHistogram {
 public:
  // Upper bounds in seconds, inclusive; one more bucket takes what is longer.
  static constexpr std::array<double, 17> kBounds = {0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005,
                                                     0.001,   0.0025,   0.005,   0.01,   0.025,   0.05,
                                                     0.1,     0.25,     0.5,     1.0,    5.0};

  void observe(std::chrono::microseconds duration) {
    const double seconds = std::chrono::duration<double>(duration).count();
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && seconds > kBounds[bucket]) {
      ++bucket;
    }
    buckets_[bucket].add();
    sum_us_.add(static_cast<std::uint64_t>(duration.count() < 0 ? 0 : duration.count()));
  }
  // Of one bucket, not cumulative. Requires: bucket <= kBounds.size().
  std::uint64_t count(std::size_t bucket) const { return buckets_[bucket].get(); }
  double sum_seconds() const { return static_cast<double>(sum_us_.get()) / 1e6; }

 private:
  std::array<Counter, kBounds.size() + 1> buckets_;
  Counter sum_us_;
};

// What happened in one hub. Its thread writes, whoever scrapes reads.
struct HubStats {
  enum Op : std::uint8_t { kSubscribe, kUnsubscribe, kAuth, kPing, kMalformed, kOps };

  Counter connections;  // open now
  Counter opened;
  std::array<Counter, protocol::kCloseCodes.size()> closed;  // in the order of kCloseCodes
  Counter closed_other;                                      // any other code, 1006 among them

  Counter subscriptions;  // entries that stand now, of all clients
  Counter frames;
  Counter updates;  // entries of snapshots and deltas, and trades
  Counter merged;   // changes that reached clients within a later one
  Counter bytes;
  Counter blocked;  // connections whose output is blocked now
  Counter held;     // bytes that connections hold for clients now

  std::array<Counter, kOps> requests;
  std::array<Counter, protocol::kErrorCodeNames.size()> errors;  // by ErrorCode

  DurationHistogram flush;
  DurationHistogram publish_to_write;  // by the oldest change in the frame
  DurationHistogram receive_to_write;

  Counter inbox_bytes;
  Counter resyncs;
  Counter trades_lost;  // trades that a slow client or a replica behind did not get
};

}  // namespace ticker::hub
