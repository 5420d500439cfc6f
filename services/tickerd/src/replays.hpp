#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include <ticker/base/clock.hpp>

#include "client_address.hpp"
#include "reading_thread.hpp"

namespace ticker::tickerd {

// What all replays of the service share: their bounds, and the thread that reads and decodes recordings for them, so that a
// disk holds up neither a shard nor the end. Any thread.
class Replays {
 public:
  struct Limits {
    std::string folder;               // of recordings; empty: none are offered
    std::size_t most = 4;             // replays at once
    std::size_t most_each = 2;        // of one address, and of one subject
    std::size_t changes_per_s = 0;    // of each, whatever its speed; 0: no limit
    // One that is paused or at its end, and asked for nothing but pings, for so long is stopped.
    std::chrono::milliseconds idle{600'000};
    std::chrono::milliseconds longest{86'400'000};  // of each, whatever it does
  };
  // Whose a replay is.
  struct Owner {
    AddressKey address;
    std::string subject;  // of its token; empty: none
  };
  // The right to one replay; given back when destroyed. Must not outlive its Replays.
  class Seat {
   public:
    Seat(Seat&& other) noexcept : replays_(std::exchange(other.replays_, nullptr)), owner_(std::move(other.owner_)) {}
    Seat& operator=(Seat&&) = delete;
    ~Seat() {
      if (replays_ != nullptr) {
        replays_->give_back(owner_);
      }
    }

   private:
    friend class Replays;
    Seat(Replays& replays, Owner owner) : replays_(&replays), owner_(std::move(owner)) {}
    Replays* replays_;
    Owner owner_;
  };
  // Whose replays are as many as they may be.
  enum class Full : std::uint8_t { kService, kAddress, kSubject };

  // `clock`: the real one; must outlive it.
  Replays(const Clock& clock, Limits limits) : reading_(std::make_shared<ReadingThread>(clock)) {
    set_limits(std::move(limits));
  }
  ~Replays() { stop(); }

  // Replays that run go on as they began.
  void set_limits(Limits limits);
  Limits limits() const;
  bool offered() const { return offered_; }
  std::variant<Seat, Full> take_seat(Owner owner);
  // Each piece of its work is to be short: others wait.
  const std::shared_ptr<ReadingThread>& reading() const { return reading_; }
  // The thread that made it: no work is begun any more.
  void stop() { reading_->stop(); }

 private:
  void give_back(const Owner& owner);

  const std::shared_ptr<ReadingThread> reading_;
  std::atomic<bool> offered_{false};

  // Guards all below.
  mutable std::mutex mutex_;
  Limits limits_;
  std::size_t taken_ = 0;
  // Those of them that have one at least.
  std::unordered_map<AddressKey, std::size_t> by_address_;
  std::unordered_map<std::string, std::size_t> by_subject_;
};

// For the client.
std::string_view in_words(Replays::Full full);

}  // namespace ticker::tickerd
