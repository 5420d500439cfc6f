#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <ticker/net/event_loop.hpp>

namespace ticker::tickerd {

// What all replays of the service share: their bounds, and the thread that reads and decodes recordings for them, so that a
// disk holds up no shard. Any thread.
class Replays {
 public:
  struct Limits {
    std::string folder;               // of recordings; empty: none are offered
    std::size_t most = 4;             // replays at once
    std::size_t changes_per_s = 0;    // of each, whatever its speed; 0: no limit
  };
  // The right to one replay; given back when destroyed. Must not outlive its Replays.
  class Seat {
   public:
    Seat(Seat&& other) noexcept : replays_(std::exchange(other.replays_, nullptr)) {}
    Seat& operator=(Seat&&) = delete;
    ~Seat() {
      if (replays_ != nullptr) {
        replays_->taken_.fetch_sub(1);
      }
    }

   private:
    friend class Replays;
    explicit Seat(Replays& replays) : replays_(&replays) {}
    Replays* replays_;
  };

  explicit Replays(Limits limits) { set_limits(std::move(limits)); }
  ~Replays() { stop(); }

  // Replays that run go on as they began.
  void set_limits(Limits limits);
  Limits limits() const;
  bool offered() const { return offered_; }
  // nullopt: there are as many as there may be.
  std::optional<Seat> take_seat();
  // Runs `work` on the reading thread, in the order of the calls. Each piece of work is to be short: others wait.
  void read(std::function<void()> work);
  // The thread that made it: no work is run any more.
  void stop();

 private:
  std::atomic<bool> offered_{false};
  std::atomic<std::size_t> taken_{0};
  net::EventLoop loop_;

  // Guards all below.
  mutable std::mutex mutex_;
  Limits limits_;
  bool stopped_ = false;
  std::thread thread_;  // there from the first work on
};

}  // namespace ticker::tickerd
