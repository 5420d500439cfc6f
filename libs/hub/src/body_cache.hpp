#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include <ticker/hub/hub.hpp>

namespace ticker::hub {

// Bodies of one-off reads by query, for as long as the state does not change; the least recently
// used make room. The hub's thread.
class BodyCache {
 public:
  explicit BodyCache(std::size_t bytes) : capacity_(bytes) {}

  // nullptr: not there. `tag`: of the state that the body must be of. Valid until the next call.
  const Hub::Body* find(const std::string& query, std::string_view tag);
  // Bodies larger than the whole cache are not kept.
  void add(std::string query, Hub::Body body);

  std::size_t bytes() const { return bytes_; }

 private:
  struct Kept {
    std::string query;
    Hub::Body body;
  };
  using Order = std::list<Kept>;
  static std::size_t size_of(const Kept& kept) {
    return 2 * kept.query.size() + kept.body.text->size() + 256;
  }
  void drop(Order::iterator kept);

  const std::size_t capacity_;
  std::size_t bytes_ = 0;
  Order order_;  // most recently used first
  std::unordered_map<std::string, Order::iterator> by_query_;
};

}  // namespace ticker::hub
