#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include <ticker/net/address.hpp>

namespace ticker::tickerd {

// Evens out the connections of the shards. The kernel spreads them over the listeners by a hash, which of 1,000 over eight
// shards leaves one with a third more than another. So a shard that has clearly more than the one with fewest hands a
// connection that it accepted on to that one; most stay where they came. Any thread, without a lock.
class Placement {
 public:
  // Takes over a socket that another shard accepted and admitted; called on that one's thread.
  using Adopt = std::function<void(int fd, const net::Address& peer)>;

  // One more shard, the next number. Before any other call.
  void add(Adopt adopt);

  // A connection came to this shard, and counts from now on, here or with whom it was handed to. True: it was handed on, and
  // is the caller's no more.
  bool hand_on(std::size_t shard, int fd, const net::Address& peer);
  // A connection of this shard has ended.
  void left(std::size_t shard);

 private:
  struct Shard {
    explicit Shard(Adopt adopt_here) : adopt(std::move(adopt_here)) {}
    const Adopt adopt;
    // A line of its own: the shards write it all the time while clients come and go.
    alignas(64) std::atomic<std::size_t> connections{0};
  };

  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace ticker::tickerd
