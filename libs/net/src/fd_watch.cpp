#include "fd_watch.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <utility>

#include "event_loop_impl.hpp"

namespace ticker::net {

class FdWatch::Impl final : public Polled {
 public:
  Impl(EventLoop& event_loop, int descriptor, FdEvents* owner)
      : loop(event_loop), fds(event_loop.impl().fds), fd(descriptor), events(owner) {}

  static void want(const std::shared_ptr<Impl>& self, std::uint32_t event) {
    self->wanted |= event;
    if ((self->registered & event) == 0) {
      if (const int error = self->change_to(self->wanted); error != 0) {
        self->loop.post([self, error] { self->fail(error); });
      }
    }
  }

  // 0, or why it is now neither wanted nor registered.
  int change_to(std::uint32_t next) {
    const int error = fds.change(fd, *this, registered, next);
    registered = error == 0 ? next : 0;
    wanted = error == 0 ? wanted : 0;
    return error;
  }

  void fail(int error) {
    if (events != nullptr) {
      events->on_fd_failed(error);
    }
  }

  void on_events(std::uint32_t reported) override {
    const std::uint32_t ready =
        (reported & (EPOLLERR | EPOLLHUP)) != 0 ? EPOLLIN | EPOLLOUT : reported;
    tell(ready & EPOLLOUT, &FdEvents::on_fd_writable);
    tell(ready & EPOLLIN, &FdEvents::on_fd_readable);
    if ((registered & ready & ~wanted) != 0) {
      // Else it would be told again and again.
      if (const int error = change_to(wanted); error != 0) {
        fail(error);
      }
    }
  }

  void tell(std::uint32_t event, void (FdEvents::*what)()) {
    if ((wanted & event) != 0 && events != nullptr) {
      wanted &= ~event;
      (events->*what)();
    }
  }

  void close() {
    events = nullptr;
    wanted = 0;
    if (registered != 0) {
      (void)change_to(0);
    }
    ::close(fd);
  }

  EventLoop& loop;
  FdPoll& fds;
  const int fd;
  FdEvents* events;
  std::uint32_t wanted = 0;
  std::uint32_t registered = 0;  // of it at least what is wanted
  bool soon = false;
};

FdWatch::FdWatch(EventLoop& loop, int fd, FdEvents* events)
    : impl_(std::make_shared<Impl>(loop, fd, events)), fd_(fd) {}

FdWatch& FdWatch::operator=(FdWatch&& other) noexcept {
  close();
  impl_ = std::move(other.impl_);
  fd_ = other.fd_;
  return *this;
}

void FdWatch::set_events(FdEvents* events) { impl_->events = events; }

void FdWatch::want_read() {
  if (impl_ && !impl_->soon) {
    Impl::want(impl_, EPOLLIN);
  }
}

void FdWatch::read_soon() {
  if (impl_ && (impl_->wanted & EPOLLIN) == 0 && !std::exchange(impl_->soon, true)) {
    impl_->loop.post([self = impl_] {
      self->soon = false;
      if (self->events != nullptr) {
        self->events->on_fd_readable();
      }
    });
  }
}

void FdWatch::want_write() {
  if (impl_) {
    Impl::want(impl_, EPOLLOUT);
  }
}

void FdWatch::close() {
  if (impl_) {
    impl_->close();
    FdPoll& fds = impl_->fds;
    fds.retire(std::move(impl_));
  }
}

ReadBuffer read_buffer(EventLoop& loop) {
  auto& buffer = loop.impl().read_buffer;
  return {buffer.data(), buffer.size()};
}

}  // namespace ticker::net
