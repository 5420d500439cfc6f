#include <ticker/metrics/counter_set.hpp>

#include <algorithm>
#include <utility>

namespace ticker::metrics {

CounterSet::CounterSet(std::vector<std::string> values) : values_(std::move(values)) {
  values_.emplace_back("other");
  counters_ = std::make_unique<Counter[]>(values_.size());
}

void CounterSet::add_at(std::size_t position, std::uint64_t n) noexcept {
  counters_[std::min(position, values_.size() - 1)].add(n);
}

void CounterSet::add(std::string_view value, std::uint64_t n) noexcept {
  counters_[position_of(value)].add(n);
}

std::uint64_t CounterSet::count(std::string_view value) const noexcept {
  return counters_[position_of(value)].value();
}

std::size_t CounterSet::position_of(std::string_view value) const noexcept {
  const auto found = std::find(values_.begin(), values_.end() - 1, value);
  return static_cast<std::size_t>(found - values_.begin());
}

}  // namespace ticker::metrics
