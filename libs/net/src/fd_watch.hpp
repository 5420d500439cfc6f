#pragma once

#include <memory>

#include <ticker/net/event_loop.hpp>

namespace ticker::net {

// Who is told that a descriptor is ready. One call per want_…(); the watch may be closed or
// destroyed in it.
class FdEvents {
 public:
  virtual void on_fd_readable() = 0;
  virtual void on_fd_writable() = 0;
  // The kernel can't wait for it (no memory, fs.epoll.max_user_watches): what was wanted won't be
  // told. Never inside a want_…().
  virtual void on_fd_failed(int error) = 0;

 protected:
  ~FdEvents() = default;
};

// Owns a non-blocking descriptor and waits for it on the loop. Loop thread only; no call after
// close() or destruction.
class FdWatch {
 public:
  FdWatch() = default;
  // `events` must stay until close(), set_events() or destruction.
  FdWatch(EventLoop& loop, int fd, FdEvents* events);
  ~FdWatch() { close(); }
  FdWatch(FdWatch&& other) noexcept = default;
  FdWatch& operator=(FdWatch&& other) noexcept;

  int fd() const { return impl_ ? fd_ : -1; }
  void set_events(FdEvents* events);
  // Once each; a second call before the event changes nothing.
  void want_read();
  void want_write();
  // As want_read(), whatever the descriptor says; never inside the call.
  void read_soon();
  void close();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
  int fd_ = -1;  // here too: who only sends need not look further
};

// The loop's scratch memory for receiving: valid until the next socket event.
struct ReadBuffer {
  char* data;
  std::size_t size;
};
ReadBuffer read_buffer(EventLoop& loop);

}  // namespace ticker::net
