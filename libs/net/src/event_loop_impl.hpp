#pragma once

#include <array>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include <ticker/net/event_loop.hpp>

#include "fd_poll.hpp"

namespace ticker::net {

class EventLoop::Impl {
 public:
  Impl();
  ~Impl();

  // First, so that it goes last: work that `io` drops may hold descriptors.
  FdPoll fds;
  // Hint 1: one thread runs it; others only post.
  asio::io_context io{1};
  // What a socket is read into, one for all connections of the loop: an idle connection needs none
  // of its own.
  std::array<char, 65536> read_buffer;

 private:
  void wait_for_fds();

  asio::posix::stream_descriptor any_fd_;  // does not own it
};

}  // namespace ticker::net
