#pragma once

#include <functional>

#include <ticker/net/address.hpp>
#include <ticker/net/timer.hpp>

#include "fd_watch.hpp"

namespace ticker::net {

// A listening socket that never stops and never spins: without descriptors it takes connections
// with one kept in reserve, tells them 503, and backs off where even that fails. Loop thread only.
class Acceptor final : private FdEvents {
 public:
  using OnAccept = std::function<void(int fd, const Address& peer)>;

  // Takes over `listening_fd`. `on_accept` takes over each descriptor. `on_exhausted`: once for
  // each connection not taken.
  Acceptor(EventLoop& loop, int listening_fd, OnAccept on_accept,
           std::function<void()> on_exhausted);
  ~Acceptor();

 private:
  enum class Outcome { kAccepted, kNoneWaiting, kBackOff };

  void on_fd_readable() override;
  void on_fd_writable() override {}
  void on_fd_failed(int error) override;
  Outcome accept_one();
  Outcome refuse_one();

  OnAccept on_accept_;
  std::function<void()> on_exhausted_;
  FdWatch watch_;
  Timer back_off_;
  int reserve_fd_;
};

// Answers 503 and closes, in one go and whatever the peer does.
void refuse_socket(int fd);
// The same for who is about to speak TLS.
void refuse_tls(int fd);

}  // namespace ticker::net
