#include "body_cache.hpp"

#include <utility>

namespace ticker::hub {

const Hub::Body* BodyCache::find(const std::string& query, std::string_view tag) {
  const auto found = by_query_.find(query);
  if (found == by_query_.end()) {
    return nullptr;
  }
  if (found->second->body.etag != tag) {
    drop(found->second);
    return nullptr;
  }
  order_.splice(order_.begin(), order_, found->second);
  return &order_.front().body;
}

void BodyCache::add(std::string query, Hub::Body body) {
  if (const auto found = by_query_.find(query); found != by_query_.end()) {
    drop(found->second);
  }
  Kept kept{std::move(query), std::move(body)};
  if (size_of(kept) > capacity_) {
    return;
  }
  bytes_ += size_of(kept);
  order_.push_front(std::move(kept));
  by_query_.emplace(order_.front().query, order_.begin());
  while (bytes_ > capacity_) {
    drop(std::prev(order_.end()));
  }
}

void BodyCache::drop(Order::iterator kept) {
  bytes_ -= size_of(*kept);
  by_query_.erase(kept->query);
  order_.erase(kept);
}

}  // namespace ticker::hub
