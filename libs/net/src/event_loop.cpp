#include <ticker/net/event_loop.hpp>

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <utility>

#include <ticker/net/signal_set.hpp>
#include <ticker/net/timer.hpp>

#include "event_loop_impl.hpp"

namespace ticker::net {

EventLoop::Impl::Impl() : any_fd_(io, fds.fd()) { wait_for_fds(); }

EventLoop::Impl::~Impl() { any_fd_.release(); }

void EventLoop::Impl::wait_for_fds() {
  any_fd_.async_wait(asio::posix::descriptor_base::wait_read, [this](const asio::error_code& error) {
    if (error != asio::error::operation_aborted) {
      fds.dispatch([this] { return io.stopped(); });
      wait_for_fds();
    }
  });
}

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::run() {
  const auto until_stopped = asio::make_work_guard(impl_->io);
  impl_->io.run();
  impl_->io.restart();
}

bool EventLoop::run_one(std::chrono::nanoseconds limit) {
  // Asio's run_one_for() does nothing at all once the time is over.
  const bool ran = (limit.count() > 0 ? impl_->io.run_one_for(limit) : impl_->io.poll_one()) > 0;
  impl_->io.restart();
  return ran;
}

void EventLoop::stop() { impl_->io.stop(); }

void EventLoop::post(std::function<void()> work) { asio::post(impl_->io, std::move(work)); }

class Timer::Impl {
 public:
  Impl(EventLoop& loop, std::function<void()> work)
      : timer(loop.impl().io), callback(std::move(work)) {}

  asio::steady_timer timer;
  std::function<void()> callback;
  // Asio can have a handler under way that cancel() no longer reaches: it is told by an outdated
  // number.
  std::uint64_t start_number = 0;
  bool armed = false;
};

Timer::Timer(EventLoop& loop, std::function<void()> callback)
    : impl_(std::make_shared<Impl>(loop, std::move(callback))) {}

Timer::~Timer() { cancel(); }

void Timer::start(std::chrono::nanoseconds delay) {
  start_at(std::chrono::steady_clock::now() + delay);
}

void Timer::start_at(TimePoint when) {
  impl_->timer.expires_at(when);
  impl_->armed = true;
  impl_->timer.async_wait([impl = impl_, number = ++impl_->start_number](const asio::error_code&) {
    if (impl->armed && number == impl->start_number) {
      impl->armed = false;
      impl->callback();
    }
  });
}

void Timer::cancel() {
  impl_->armed = false;
  impl_->timer.cancel();
}

bool Timer::armed() const { return impl_->armed; }

class SignalSet::Impl : public std::enable_shared_from_this<SignalSet::Impl> {
 public:
  Impl(EventLoop& loop, const std::vector<int>& signals, std::function<void(int)> work)
      : set(loop.impl().io), callback(std::move(work)) {
    for (const int signal : signals) {
      set.add(signal);
    }
  }

  void wait() {
    set.async_wait([self = shared_from_this()](const asio::error_code& error, int signal) {
      if (!error && self->callback) {
        self->wait();
        self->callback(signal);
      }
    });
  }

  asio::signal_set set;
  std::function<void(int)> callback;
};

SignalSet::SignalSet(EventLoop& loop, const std::vector<int>& signals,
                     std::function<void(int)> callback)
    : impl_(std::make_shared<Impl>(loop, signals, std::move(callback))) {
  impl_->wait();
}

SignalSet::~SignalSet() {
  impl_->set.cancel();
  impl_->callback = nullptr;
}

}  // namespace ticker::net
