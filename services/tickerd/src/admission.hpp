#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include <ticker/base/clock.hpp>

#include "client_address.hpp"
#include "paces.hpp"

namespace ticker::tickerd {

// Who may come in: limits that hold over all shards. Any thread; asked once a connection or HTTP request, never on the path of
// a tick.
class Admission {
 public:
  struct Limits {
    std::size_t connections = 0;              // open at a time; 0: no limit but the descriptors
    std::size_t connections_per_address = 0;  // open at a time; 0: no limit
    std::size_t http_requests_per_s_per_address = 0;   // 0: no limit
    std::size_t tls_handshakes_per_s_per_address = 0;  // 0: no limit
    std::size_t token_failures_per_s_per_address = 0;  // 0: no limit
  };
  // The right of a client behind a proxy to hold one WebSocket; given back when destroyed. Must not outlive its Admission.
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept : admission_(std::exchange(other.admission_, nullptr)), key_(other.key_) {}
    Ticket& operator=(Ticket&& other) noexcept {
      std::swap(admission_, other.admission_);
      std::swap(key_, other.key_);
      return *this;
    }
    ~Ticket();

   private:
    friend class Admission;
    Ticket(Admission& admission, const AddressKey& key) : admission_(&admission), key_(key) {}
    Admission* admission_;
    AddressKey key_;
  };

  explicit Admission(Limits limits) : limits_(limits) {}

  // Those in already stay; the new limits hold for who comes next.
  void set_limits(Limits limits);

  enum class Entry : std::uint8_t { kAdmitted, kTooMany, kTooManyFromAddress };
  // One more TCP connection, idle or not. `key`: whose it is; nullopt: a proxy's, behind which anybody may be. After
  // kAdmitted, leave() with the same key must follow.
  [[nodiscard]] Entry enter(const std::optional<AddressKey>& key);
  void leave(const std::optional<AddressKey>& key);
  std::size_t connections() const { return connections_.load(std::memory_order_relaxed); }

  // One more WebSocket of a client behind a proxy. nullopt: `connections_per_address` is reached.
  std::optional<Ticket> admit_behind_proxy(const AddressKey& key);
  // False: the address asks too often.
  bool admit_request(const AddressKey& key, Timestamp now);
  // False: it begins TLS too often.
  bool admit_handshake(const AddressKey& key, Timestamp now);
  // False: too many of the tokens that it showed were no good; to check another would cost as much again.
  bool may_show_token(const AddressKey& key, Timestamp now) const;
  void note_bad_token(const AddressKey& key, Timestamp now);

 private:
  bool count(const AddressKey& key);
  void discount(const AddressKey& key);

  std::atomic<std::size_t> connections_{0};

  // Guards all below. Shared by the shards' threads; held for one look-up, nothing is called under it.
  mutable std::mutex mutex_;
  Limits limits_;
  std::unordered_map<AddressKey, std::size_t> by_address_;
  Paces<AddressKey> requests_;
  Paces<AddressKey> handshakes_;
  Paces<AddressKey> bad_tokens_;
};

}  // namespace ticker::tickerd
