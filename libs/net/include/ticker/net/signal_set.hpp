#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <ticker/net/event_loop.hpp>

namespace ticker::net {

// Delivers process signals (SIGTERM, SIGHUP, …) as ordinary calls on the loop thread, each time one
// arrives, until destroyed.
class SignalSet {
 public:
  SignalSet(EventLoop& loop, const std::vector<int>& signals,
            std::function<void(int signal)> callback);
  ~SignalSet();
  SignalSet(const SignalSet&) = delete;
  SignalSet& operator=(const SignalSet&) = delete;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ticker::net
