#pragma once

#include <functional>

#include <ticker/net/address.hpp>
#include <ticker/net/timer.hpp>

#include "fd_watch.hpp"

namespace ticker::net {

// A listening socket that never stops and never spins: without descriptors it takes connections
// with one kept in reserve, to be refused, and backs off where even that fails. Loop thread only.
class Acceptor final : private FdEvents {
 public:
  using OnAccept = std::function<void(int fd, const Address& peer)>;
  using OnExhausted = std::function<void(int fd)>;

  // Takes over `listening_fd`. Both take over the descriptor that they are given. `on_exhausted`: of
  // a connection that there is no room for; closes it before it returns.
  Acceptor(EventLoop& loop, int listening_fd, OnAccept on_accept, OnExhausted on_exhausted);
  ~Acceptor();

 private:
  enum class Outcome { kAccepted, kNoneWaiting, kBackOff };

  void on_fd_readable() override;
  void on_fd_writable() override {}
  void on_fd_failed(int error) override;
  Outcome accept_one();
  Outcome refuse_one();

  OnAccept on_accept_;
  OnExhausted on_exhausted_;
  FdWatch watch_;
  Timer back_off_;
  int reserve_fd_;
};

// Answers 503 and closes, in one go and whatever the peer does; an alert is what those are told who
// are about to speak TLS.
void refuse_socket(int fd, bool tls);

}  // namespace ticker::net
