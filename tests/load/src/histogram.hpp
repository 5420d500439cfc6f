#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ticker::load {

// Times in nanoseconds, kept to within 1.6 %: 64 buckets for each doubling.
class Histogram {
 public:
  void add(std::int64_t ns) {
    ++counts_[bucket(ns < 0 ? 0 : static_cast<std::uint64_t>(ns))];
    ++total_;
  }

  // The time in microseconds that `share` (0 to 1) of all do not exceed; 0 where there are none.
  double percentile_us(double share) const {
    const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > rank || (seen == total_ && total_ != 0)) {
        return static_cast<double>(upper(i)) / 1000.0;
      }
    }
    return 0;
  }

  void clear() { *this = {}; }

 private:
  static constexpr unsigned kSubBits = 6;
  static constexpr std::size_t kSub = std::size_t{1} << kSubBits;

  static std::size_t bucket(std::uint64_t value) {
    if (value < kSub) {
      return static_cast<std::size_t>(value);
    }
    const auto shift = static_cast<unsigned>(63 - __builtin_clzll(value)) - kSubBits;
    return (shift + 1) * kSub + static_cast<std::size_t>((value >> shift) - kSub);
  }

  static std::uint64_t upper(std::size_t index) {
    if (index < kSub) {
      return index;
    }
    const auto shift = index / kSub - 1;
    return ((kSub + index % kSub + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - kSubBits + 1) * kSub> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace ticker::load
