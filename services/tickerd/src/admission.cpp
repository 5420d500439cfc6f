#include "admission.hpp"

#include <algorithm>
#include <chrono>

namespace ticker::tickerd {

Admission::Ticket::~Ticket() {
  if (admission_ == nullptr) {
    return;
  }
  const std::lock_guard lock(admission_->mutex_);
  const auto found = admission_->streams_.find(key_);
  if (--found->second == 0) {
    admission_->streams_.erase(found);
  }
}

void Admission::set_limits(Limits limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
}

bool Admission::enter() {
  const std::lock_guard lock(mutex_);
  const auto now = connections_.load(std::memory_order_relaxed);
  if (limits_.connections != 0 && now >= limits_.connections) {
    return false;
  }
  connections_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

std::optional<Admission::Ticket> Admission::admit_stream(const AddressKey& key) {
  const std::lock_guard lock(mutex_);
  auto& streams = streams_[key];
  if (limits_.connections_per_address != 0 && streams >= limits_.connections_per_address) {
    return std::nullopt;
  }
  ++streams;
  return Ticket(*this, key);
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
