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

namespace ticker::tickerd {

// Who may come in: limits that hold over all shards. Any thread; asked once a connection or HTTP request, never on the path of
// a tick.
class Admission {
 public:
  struct Limits {
    std::size_t connections = 0;              // open at a time; 0: no limit but the descriptors
    std::size_t connections_per_address = 0;  // WebSockets open at a time; 0: no limit
    std::size_t http_requests_per_s_per_address = 0;  // 0: no limit
  };
  // The right to hold one WebSocket; given back when destroyed. Must not outlive its Admission.
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept : admission_(std::exchange(other.admission_, nullptr)), key_(other.key_) {}
    Ticket& operator=(Ticket&&) = delete;
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

  // One more TCP connection: true, and leave() must follow; or false: `connections` is reached.
  bool enter();
  void leave() { connections_.fetch_sub(1, std::memory_order_relaxed); }
  std::size_t connections() const { return connections_.load(std::memory_order_relaxed); }

  // nullopt: `connections_per_address` is reached.
  std::optional<Ticket> admit_stream(const AddressKey& key);
  // False: the address asks too often.
  bool admit_request(const AddressKey& key, Timestamp now);

 private:
  // Addresses whose request rate is remembered. When full, those that could make a whole burst again are forgotten; if
  // none could, an address not remembered is not limited.
  static constexpr std::size_t kMaxBuckets = 65'536;
  struct Bucket {
    double tokens;
    Timestamp filled;
  };
  void forget_full_buckets(Timestamp now);

  std::atomic<std::size_t> connections_{0};

  // Guards all below. Shared by the shards' threads; held for one look-up, nothing is called under it.
  std::mutex mutex_;
  Limits limits_;
  std::unordered_map<AddressKey, std::size_t> streams_;
  std::unordered_map<AddressKey, Bucket> buckets_;
  Timestamp swept_ = kNoTime;
};

}  // namespace ticker::tickerd
