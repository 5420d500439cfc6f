#include <ticker/metrics/histogram.hpp>

#include <algorithm>
#include <limits>

namespace ticker::metrics {
namespace {

// Where the sum stops growing, after some 100 days of observed time: a recording from years ago gets there, played over one
// feed. Far enough from the type's end that a scrape can add up all series.
constexpr std::int64_t kMaxSumNs = std::numeric_limits<std::int64_t>::max() / 1024;

}  // namespace

void Histogram::observe(std::chrono::nanoseconds duration) noexcept {
  duration = std::max(duration, std::chrono::nanoseconds{0});
  const auto bucket = static_cast<std::size_t>(
      std::lower_bound(kBounds.begin(), kBounds.end(), duration) - kBounds.begin());
  counts_[bucket].store(counts_[bucket].load(std::memory_order_relaxed) + 1,
                        std::memory_order_relaxed);
  const auto sum = sum_ns_.load(std::memory_order_relaxed);
  sum_ns_.store(sum + std::min(duration.count(), kMaxSumNs - sum), std::memory_order_relaxed);
}

Histogram::Reading Histogram::read() const noexcept {
  Reading reading;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    reading.counts[i] = counts_[i].load(std::memory_order_relaxed);
  }
  reading.sum = std::chrono::nanoseconds{sum_ns_.load(std::memory_order_relaxed)};
  return reading;
}

}  // namespace ticker::metrics
