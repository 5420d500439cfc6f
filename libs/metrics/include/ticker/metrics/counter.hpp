#pragma once

#include <atomic>
#include <cstdint>

namespace ticker::metrics {

// A number that only grows. One thread writes, any thread reads. Adding is a plain load and store,
// never an atomic read-modify-write: two writing threads would lose counts, so each thread has its
// own and the scrape adds them up.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// A number that goes up and down. One thread writes, any thread reads.
class Gauge {
 public:
  void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t n) noexcept { set(value() + n); }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

}  // namespace ticker::metrics
