#include "admission.hpp"

#include <algorithm>
#include <chrono>

namespace ticker::tickerd {

Admission::Ticket::~Ticket() {
  if (admission_ != nullptr) {
    const std::lock_guard lock(admission_->mutex_);
    admission_->discount(key_);
  }
}

void Admission::set_limits(Limits limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
}

Admission::Entry Admission::enter(const std::optional<AddressKey>& key) {
  const std::lock_guard lock(mutex_);
  const auto now = connections_.load(std::memory_order_relaxed);
  if (limits_.connections != 0 && now >= limits_.connections) {
    return Entry::kTooMany;
  }
  if (key && !count(*key)) {
    return Entry::kTooManyFromAddress;
  }
  connections_.store(now + 1, std::memory_order_relaxed);
  return Entry::kAdmitted;
}

void Admission::leave(const std::optional<AddressKey>& key) {
  const std::lock_guard lock(mutex_);
  connections_.store(connections_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  if (key) {
    discount(*key);
  }
}

std::optional<Admission::Ticket> Admission::admit_behind_proxy(const AddressKey& key) {
  const std::lock_guard lock(mutex_);
  if (!count(key)) {
    return std::nullopt;
  }
  return Ticket(*this, key);
}

bool Admission::count(const AddressKey& key) {
  auto& connections = by_address_[key];
  if (limits_.connections_per_address != 0 && connections >= limits_.connections_per_address) {
    return false;
  }
  ++connections;
  return true;
}

void Admission::discount(const AddressKey& key) {
  const auto found = by_address_.find(key);
  if (--found->second == 0) {
    by_address_.erase(found);
  }
}

bool Admission::admit_request(const AddressKey& key, Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (limits_.http_requests_per_s_per_address == 0) {
    return true;
  }
  const auto rate = static_cast<double>(limits_.http_requests_per_s_per_address);
  auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    if (buckets_.size() >= kMaxBuckets) {
      forget_full_buckets(now);
    }
    if (buckets_.size() >= kMaxBuckets) {
      return true;
    }
    found = buckets_.emplace(key, Bucket{rate, now}).first;
  }
  Bucket& bucket = found->second;
  const std::chrono::duration<double> passed = now - bucket.filled;
  bucket.tokens = std::min(rate, bucket.tokens + passed.count() * rate);
  bucket.filled = now;
  if (bucket.tokens < 1) {
    return false;
  }
  bucket.tokens -= 1;
  return true;
}

void Admission::forget_full_buckets(Timestamp now) {
  // A bucket fills within a second, whatever the rate; so looking more often would find nothing new.
  constexpr std::chrono::seconds kFilled(1);
  if (now - swept_ < kFilled) {
    return;
  }
  swept_ = now;
  std::erase_if(buckets_, [&](const auto& entry) { return now - entry.second.filled >= kFilled; });
}

}  // namespace ticker::tickerd
