#include "dialer.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sockets.hpp"

namespace ticker::net {

Dialer::Dialer(EventLoop& loop, const Url& url, const ClientOptions& options,
               OnConnected on_connected, OnFailed on_failed)
    : loop_(loop),
      url_(url),
      options_(options),
      on_connected_(std::move(on_connected)),
      on_failed_(std::move(on_failed)),
      connect_until_(std::chrono::steady_clock::now() + options.connect_timeout),
      deadline_(loop, [this] { timed_out(); }) {
  deadline_.start_at(connect_until_);
  resolver_ = std::make_unique<Resolver>(loop_, url_.host, url_.port,
                                         [this](Resolved answer) { resolved(std::move(answer)); });
}

void Dialer::resolved(Resolved answer) {
  addresses_ = std::move(answer.addresses);
  if (addresses_.empty()) {
    fail(Cause::kResolve, "cannot resolve host \"" + url_.host + "\": " + answer.error);
  } else {
    connect_next();
  }
}

// Tries the next address; each gets an equal share of the time that is left.
void Dialer::connect_next() {
  phase_ = Phase::kConnecting;
  while (next_address_ < addresses_.size()) {
    const sockaddr_storage& address = addresses_[next_address_++];
    const int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const int result =
          connect(fd, reinterpret_cast<const sockaddr*>(&address), address_size(address));
      if (result == 0 || errno == EINPROGRESS) {
        const auto left = std::max(connect_until_ - std::chrono::steady_clock::now(),
                                   TimePoint::duration::zero());
        deadline_.start(left / static_cast<long>(addresses_.size() - next_address_ + 1));
        stream_ = Stream(loop_, fd, this);
        stream_.want_write();
        return;
      }
    }
    connect_error_ = errno_text(errno);
    if (fd >= 0) {
      close(fd);
    }
  }
  fail(Cause::kConnect, "cannot connect to " + where() + ": " + connect_error_);
}

void Dialer::on_fd_writable() {
  if (phase_ == Phase::kSecuring) {
    secure();
    return;
  }
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(stream_.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0) {
    connected();
  } else {
    not_connected(errno_text(error));
  }
}

void Dialer::on_fd_readable() { secure(); }

void Dialer::on_fd_failed(int error) {
  if (phase_ == Phase::kConnecting) {
    not_connected(errno_text(error));
  } else {
    fail(Cause::kTls, where() + ": " + errno_text(error) + " during the TLS handshake");
  }
}

void Dialer::not_connected(std::string why) {
  stream_.close();
  connect_error_ = std::move(why);
  connect_next();
}

void Dialer::connected() {
  if (!url_.secure) {
    succeed();
    return;
  }
  Error error;
  auto tls = Tls::client(url_.host, url_.host_is_address(), options_.ca_file, error);
  if (!tls) {
    fail(Cause::kTls, error.message);
    return;
  }
  stream_.set_tls(std::move(tls));
  phase_ = Phase::kSecuring;
  deadline_.start(options_.handshake_timeout);
  secure();
}

void Dialer::secure() {
  for (;;) {
    const Tls::Handshake step = stream_.tls()->handshake();
    const Io out = stream_.flush();  // also the alert that tells the peer why
    if (step == Tls::Handshake::kFailed) {
      fail(Cause::kTls, where() + ": " + stream_.tls()->failure());
      return;
    }
    if (out.status == Io::kBlocked) {
      stream_.want_write();
      return;
    }
    if (step == Tls::Handshake::kDone) {
      succeed();
      return;
    }
    const Io in = out.status == Io::kOk ? stream_.receive_for_tls() : out;
    if (in.status == Io::kBlocked) {
      stream_.want_read();
      return;
    }
    if (in.status != Io::kOk) {
      fail(Cause::kTls, where() + ": the connection ended during the TLS handshake");
      return;
    }
  }
}

void Dialer::timed_out() {
  switch (phase_) {
    case Phase::kResolving:
      fail(Cause::kResolve, "cannot resolve host \"" + url_.host + "\": timed out");
      break;
    case Phase::kConnecting:
      not_connected("timed out");
      break;
    case Phase::kSecuring:
      fail(Cause::kTls, where() + ": the TLS handshake timed out");
      break;
  }
}

// The callbacks may destroy this, so they are copied, and nothing follows them.

void Dialer::succeed() {
  deadline_.cancel();
  const OnConnected on_connected = on_connected_;
  on_connected(std::move(stream_));
}

void Dialer::fail(Cause cause, std::string text) {
  deadline_.cancel();
  const OnFailed on_failed = on_failed_;
  on_failed(cause, std::move(text));
}

}  // namespace ticker::net
