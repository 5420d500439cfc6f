// Stands in for liburing's io_uring_submit(), to do to sends in a ring what refusing_kernel.hpp
// does to others.
#include "refusing_ring.hpp"

#include <dlfcn.h>
#include <liburing.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include <ticker/testing/refusing_kernel.hpp>

namespace {

// A socket that nobody ever writes to: to read from it is EAGAIN.
int silent_socket() {
  static const int socket = [] {
    std::array<int, 2> pair{};
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data());
    return pair[0];
  }();
  return socket;
}

void apply_orders(io_uring_sqe& sqe) {
  static char unused;
  const auto size = ticker::testing::next_send(sqe.len);
  if (size) {
    sqe.len = static_cast<unsigned>(*size);
    return;
  }
  const auto user_data = sqe.user_data;
  io_uring_prep_recv(&sqe, silent_socket(), &unused, 1, MSG_DONTWAIT);
  sqe.user_data = user_data;
}

}  // namespace

extern "C" int io_uring_submit(io_uring* ring) {
  static const auto real =
      reinterpret_cast<decltype(&io_uring_submit)>(dlsym(RTLD_NEXT, "io_uring_submit"));
  if (auto& refused = ticker::net::refused_submissions; refused.times > 0) {
    --refused.times;
    return -refused.error;
  }
  for (unsigned at = ring->sq.sqe_head; at != ring->sq.sqe_tail; ++at) {
    apply_orders(ring->sq.sqes[at & ring->sq.ring_mask]);
  }
  return real(ring);
}
