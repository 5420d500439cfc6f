#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace ticker::net {

// A descriptor's owner, as FdPoll knows it.
class Polled {
 public:
  // `events`: what epoll reports.
  virtual void on_events(std::uint32_t events) = 0;

 protected:
  ~Polled() = default;
};

// The descriptors that a loop waits for: an epoll of our own, which is one descriptor of Asio's.
// Asio's tells the kernel of each wait anew; here who reads on and on is registered once. It is
// level-triggered: what was not asked for any more must be taken out. Loop thread only.
class FdPoll {
 public:
  FdPoll();
  ~FdPoll();
  FdPoll(const FdPoll&) = delete;
  FdPoll& operator=(const FdPoll&) = delete;

  // Readable while any of them is ready.
  int fd() const { return fd_; }
  // From `before` to `after` (EPOLLIN, EPOLLOUT; 0: not registered, not even for errors). An errno
  // where the kernel has no room for it (memory, watches of the user): it is not registered then.
  [[nodiscard]] int change(int fd, Polled& owner, std::uint32_t before, std::uint32_t after);
  // Tells those that are ready, of many only some; no more of them once `stopped()`.
  template <typename Stopped>
  void dispatch(Stopped stopped);
  // Its descriptor is closed; it may be one that dispatch() comes to.
  void retire(std::shared_ptr<Polled> owner);

 private:
  struct Ready {
    Polled* owner;
    std::uint32_t events;
  };
  void take_ready();

  const int fd_;
  std::vector<Ready> ready_;  // while dispatching
  std::vector<std::shared_ptr<Polled>> retired_;
};

template <typename Stopped>
void FdPoll::dispatch(Stopped stopped) {
  take_ready();
  for (std::size_t i = 0; i < ready_.size() && !stopped(); ++i) {
    ready_[i].owner->on_events(ready_[i].events);
  }
  ready_.clear();
  retired_.clear();
}

}  // namespace ticker::net
