#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include <ticker/base/clock.hpp>
#include <ticker/net/event_loop.hpp>

namespace ticker::tickerd {

// A thread that reads recordings, one piece of work after the other. A disk may hold it up for longer than the service lives:
// what it does then may touch only what its work owns, and the rest by if_running(). Any thread.
class ReadingThread : public std::enable_shared_from_this<ReadingThread> {
 public:
  // How long stop() waits for work that is being done.
  static constexpr std::chrono::milliseconds kPatience{1'000};

  // `clock` must live until stop().
  explicit ReadingThread(const Clock& clock) : clock_(clock) {}

  // Runs `work` on the thread, in the order of the calls; nothing after stop().
  void run(std::function<void()> work);
  // Calls it, unless stop() has begun: what is gone after stop() is there until it returns. It must not call us.
  template <typename Fn>
  void if_running(Fn&& fn) {
    const std::lock_guard lock(mutex_);
    if (!stopped_) {
      fn();
    }
  }
  // kNoTime after stop().
  Timestamp now() const;
  // No work is begun any more. The thread has ended, or has been left to its disk.
  void stop();

 private:
  const Clock& clock_;
  net::EventLoop loop_;

  // Guards all below.
  mutable std::mutex mutex_;
  bool stopped_ = false;
  bool ended_ = false;
  std::condition_variable end_;
  std::thread thread_;  // there from the first work on; holds us
};

}  // namespace ticker::tickerd
