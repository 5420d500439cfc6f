#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <ticker/net/event_loop.hpp>

namespace ticker::net {

// Calls back once when its time has come; can be started again, also from within its callback. Loop
// thread only. After cancel(), a new start, or destruction, the earlier start never calls back.
class Timer {
 public:
  Timer(EventLoop& loop, std::function<void()> callback);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start(std::chrono::nanoseconds delay);
  void start_at(TimePoint when);
  void cancel();
  bool armed() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ticker::net
