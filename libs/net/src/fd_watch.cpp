#include "fd_watch.hpp"

#include <asio/post.hpp>
#include <asio/posix/basic_stream_descriptor.hpp>
#include <utility>

#include "event_loop_impl.hpp"

namespace ticker::net {

class FdWatch::Impl : public std::enable_shared_from_this<FdWatch::Impl> {
 public:
  using Descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

  Impl(EventLoop& loop, int fd, FdEvents* owner) : descriptor(loop.impl().io, fd), events(owner) {}

  void wait(Descriptor::wait_type type, bool Impl::*waiting, void (FdEvents::*event)()) {
    if (this->*waiting) {
      return;
    }
    this->*waiting = true;
    descriptor.async_wait(
        type, [self = shared_from_this(), waiting, event](const asio::error_code& error) {
          (*self).*waiting = false;
          if (error != asio::error::operation_aborted && self->events != nullptr) {
            (self->events->*event)();
          }
        });
  }

  Descriptor descriptor;
  FdEvents* events;
  bool reading = false;
  bool writing = false;
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
  if (impl_) {
    impl_->wait(Impl::Descriptor::wait_read, &Impl::reading, &FdEvents::on_fd_readable);
  }
}

void FdWatch::read_soon() {
  if (impl_ && !std::exchange(impl_->reading, true)) {
    asio::post(impl_->descriptor.get_executor(), [self = impl_] {
      self->reading = false;
      if (self->events != nullptr) {
        self->events->on_fd_readable();
      }
    });
  }
}

void FdWatch::want_write() {
  if (impl_) {
    impl_->wait(Impl::Descriptor::wait_write, &Impl::writing, &FdEvents::on_fd_writable);
  }
}

void FdWatch::close() {
  if (impl_) {
    impl_->events = nullptr;
    asio::error_code ignored;
    impl_->descriptor.close(ignored);
    impl_.reset();
  }
}

ReadBuffer read_buffer(EventLoop& loop) {
  auto& buffer = loop.impl().read_buffer;
  return {buffer.data(), buffer.size()};
}

}  // namespace ticker::net
