#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ticker::metrics {

// A distribution of durations over fixed buckets, 1, 2 and 5 in each decade from a microsecond to
// ten seconds. One thread writes, any thread reads; a read beside a write may be one observation
// apart between the buckets and the sum.
class Histogram {
 public:
  // Upper bounds, inclusive; what lies above the last is counted in one more bucket.
  static constexpr std::array<std::chrono::microseconds, 22> kBounds{{
      std::chrono::microseconds{1},         std::chrono::microseconds{2},
      std::chrono::microseconds{5},         std::chrono::microseconds{10},
      std::chrono::microseconds{20},        std::chrono::microseconds{50},
      std::chrono::microseconds{100},       std::chrono::microseconds{200},
      std::chrono::microseconds{500},       std::chrono::microseconds{1'000},
      std::chrono::microseconds{2'000},     std::chrono::microseconds{5'000},
      std::chrono::microseconds{10'000},    std::chrono::microseconds{20'000},
      std::chrono::microseconds{50'000},    std::chrono::microseconds{100'000},
      std::chrono::microseconds{200'000},   std::chrono::microseconds{500'000},
      std::chrono::microseconds{1'000'000}, std::chrono::microseconds{2'000'000},
      std::chrono::microseconds{5'000'000}, std::chrono::microseconds{10'000'000},
  }};

  struct Reading {
    std::array<std::uint64_t, kBounds.size() + 1> counts{};  // of each bucket alone, not cumulative
    std::chrono::nanoseconds sum{0};
  };

  // Negative durations (two clocks that disagree) count as 0.
  void observe(std::chrono::nanoseconds duration) noexcept;
  Reading read() const noexcept;

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts_{};
  std::atomic<std::int64_t> sum_ns_{0};
};

}  // namespace ticker::metrics
