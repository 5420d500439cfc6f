#include "placement.hpp"

#include <algorithm>
#include <utility>

namespace ticker::tickerd {
namespace {

// How many more than the fewest a shard may have: a few, so that few shards with few clients hand nothing on, and then one
// in sixteen.
constexpr std::size_t kFew = 4;
constexpr std::size_t kPart = 16;

}  // namespace

void Placement::add(Adopt adopt) { shards_.push_back(std::make_unique<Shard>(std::move(adopt))); }

bool Placement::hand_on(std::size_t shard, int fd, const net::Address& peer) {
  const auto connections = [](const std::unique_ptr<Shard>& one) {
    return one->connections.load(std::memory_order_relaxed);
  };
  const auto least = std::min_element(shards_.begin(), shards_.end(), [&](const auto& a, const auto& b) {
    return connections(a) < connections(b);
  });
  const std::size_t fewest = connections(*least);
  if (connections(shards_[shard]) < fewest + kFew + fewest / kPart) {
    shards_[shard]->connections.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  (*least)->connections.fetch_add(1, std::memory_order_relaxed);
  (*least)->adopt(fd, peer);
  return true;
}

void Placement::left(std::size_t shard) { shards_[shard]->connections.fetch_sub(1, std::memory_order_relaxed); }

}  // namespace ticker::tickerd
