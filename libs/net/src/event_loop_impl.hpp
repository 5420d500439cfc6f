#pragma once

#include <array>
#include <asio/io_context.hpp>

#include <ticker/net/event_loop.hpp>

namespace ticker::net {

class EventLoop::Impl {
 public:
  // Hint 1: one thread runs it; others only post.
  asio::io_context io{1};
  // What a socket is read into, one for all connections of the loop: an idle connection needs none
  // of its own.
  std::array<char, 65536> read_buffer;
};

}  // namespace ticker::net
