#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace ticker::net {

using TimePoint = std::chrono::steady_clock::time_point;

// One thread's loop over sockets, timers and posted work. Everything made with a loop belongs to
// the thread that runs it
// ("loop thread") and must be destroyed before the loop. post() and stop() are the only calls
// allowed from other threads.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs until stop(); also with nothing to do. May be called again after stop().
  void run();
  // Runs at most one piece of work, waiting up to `limit` for it. False if none came. For tests and
  // command-line tools.
  bool run_one(std::chrono::nanoseconds limit);
  // Any thread: makes run() return after the work in hand. What is posted stays posted.
  void stop();
  // Any thread: runs `work` later on the loop thread, in the order of posting; never inside the
  // call. Work still waiting when the loop is destroyed is dropped.
  void post(std::function<void()> work);

  class Impl;
  // For the sources of this lib.
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticker::net
