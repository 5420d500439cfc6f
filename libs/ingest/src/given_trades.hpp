#pragma once

#include <cstddef>
#include <unordered_map>

#include <ticker/market/update.hpp>

namespace ticker::ingest {

// Trades that a connection has given, known by what they say: the one that takes its place gives
// them too. Equal ones are counted, since each of them is a trade. Ingest thread only.
class GivenTrades {
 public:
  // Different ones; past it what is known is forgotten, and may be told twice.
  static constexpr std::size_t kMost = 100'000;

  void add(const market::Trade& trade);
  // Whether it is one of them. Then it is no more.
  bool take(const market::Trade& trade);
  void clear() { counts_.clear(); }

  bool empty() const { return counts_.empty(); }
  std::size_t size() const { return counts_.size(); }

 private:
  std::unordered_map<std::size_t, std::size_t> counts_;  // by a hash of the content
};

}  // namespace ticker::ingest
