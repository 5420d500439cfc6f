#include "admission.hpp"

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
  return requests_.take(key, Pace::per_second(limits_.http_requests_per_s_per_address), now);
}

bool Admission::admit_handshake(const AddressKey& key, Timestamp now) {
  const std::lock_guard lock(mutex_);
  return handshakes_.take(key, Pace::per_second(limits_.tls_handshakes_per_s_per_address), now);
}

bool Admission::may_show_token(const AddressKey& key, Timestamp now) const {
  const std::lock_guard lock(mutex_);
  return bad_tokens_.allows(key, Pace::per_second(limits_.token_failures_per_s_per_address), now);
}

void Admission::note_bad_token(const AddressKey& key, Timestamp now) {
  const std::lock_guard lock(mutex_);
  bad_tokens_.note(key, Pace::per_second(limits_.token_failures_per_s_per_address), now);
}

}  // namespace ticker::tickerd
