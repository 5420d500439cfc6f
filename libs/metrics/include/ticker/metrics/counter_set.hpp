#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/metrics/counter.hpp>

namespace ticker::metrics {

// One Counter for each value of a label, the values fixed at construction, and one more, `other`,
// for all values beside them: nothing that a peer sends can make a new series. One thread writes,
// any thread reads.
class CounterSet {
 public:
  explicit CounterSet(std::vector<std::string> values);

  // By position in the list given, for enumerators; a position beyond the list counts as `other`.
  // Constant time.
  void add_at(std::size_t position, std::uint64_t n = 1) noexcept;
  // By value. Linear in the number of values: for what happens per request, not per tick.
  void add(std::string_view value, std::uint64_t n = 1) noexcept;

  // The values in order, `other` last. Immutable.
  const std::vector<std::string>& values() const { return values_; }
  // Requires: position < values().size().
  std::uint64_t count_at(std::size_t position) const noexcept {
    return counters_[position].value();
  }
  std::uint64_t count(std::string_view value) const noexcept;

 private:
  std::size_t position_of(std::string_view value) const noexcept;

  // fixed after construction
  std::vector<std::string> values_;
  std::unique_ptr<Counter[]> counters_;  // as many as values_
};

}  // namespace ticker::metrics
