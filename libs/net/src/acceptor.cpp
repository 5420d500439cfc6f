#include "acceptor.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "handshake.hpp"
#include "sockets.hpp"

namespace ticker::net {
namespace {

// Connections taken before other sockets of the loop have their turn.
constexpr int kAcceptsAtOnce = 64;
// Refusals before a pause: who is refused often comes back at once.
constexpr int kRefusalsAtOnce = 16;
constexpr std::chrono::milliseconds kBackOff{50};

void send_and_close(int fd, std::string_view bytes) {
  // Unread bytes would turn the close into a reset that can overtake the answer.
  char discarded[4096];
  while (recv(fd, discarded, sizeof discarded, MSG_DONTWAIT) > 0) {
  }
  (void)send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  shutdown(fd, SHUT_WR);
  ::close(fd);
}

int open_reserve() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

}  // namespace

Acceptor::Acceptor(EventLoop& loop, int listening_fd, OnAccept on_accept,
                   OnExhausted on_exhausted)
    : on_accept_(std::move(on_accept)),
      on_exhausted_(std::move(on_exhausted)),
      watch_(loop, listening_fd, this),
      back_off_(loop, [this] { watch_.want_read(); }),
      reserve_fd_(open_reserve()) {
  watch_.want_read();
}

Acceptor::~Acceptor() {
  if (reserve_fd_ >= 0) {
    ::close(reserve_fd_);
  }
}

void Acceptor::on_fd_readable() {
  int refused = 0;
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    Outcome outcome = accept_one();
    if (outcome == Outcome::kBackOff) {
      outcome = ++refused <= kRefusalsAtOnce ? refuse_one() : Outcome::kBackOff;
    }
    if (outcome == Outcome::kBackOff) {
      back_off_.start(kBackOff);
      return;
    }
    if (outcome == Outcome::kNoneWaiting) {
      break;
    }
  }
  watch_.want_read();
}

void Acceptor::on_fd_failed(int /*error*/) { back_off_.start(kBackOff); }

Acceptor::Outcome Acceptor::accept_one() {
  sockaddr_storage raw{};
  socklen_t size = sizeof raw;
  const int fd =
      accept4(watch_.fd(), reinterpret_cast<sockaddr*>(&raw), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) {
    on_accept_(fd, address_of(raw));
    return Outcome::kAccepted;
  }
  switch (errno) {
    case EAGAIN:
      return Outcome::kNoneWaiting;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return Outcome::kBackOff;
    default:  // this one connection failed before it was taken
      return Outcome::kAccepted;
  }
}

Acceptor::Outcome Acceptor::refuse_one() {
  if (reserve_fd_ >= 0) {
    ::close(reserve_fd_);
  }
  const int fd = accept4(watch_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  const bool none_waiting = fd < 0 && errno == EAGAIN;
  if (fd >= 0) {
    on_exhausted_(fd);
  }
  reserve_fd_ = open_reserve();
  if (none_waiting) {
    return Outcome::kNoneWaiting;
  }
  return fd >= 0 ? Outcome::kAccepted : Outcome::kBackOff;
}

void refuse_socket(int fd, bool tls) {
  if (tls) {
    using namespace std::string_view_literals;
    // A record of TLS 1.2, as before any handshake: alert, fatal, access_denied.
    send_and_close(fd, "\x15\x03\x03\x00\x02\x02\x31"sv);
    return;
  }
  HttpResponse response = json_error(503, "limit_reached", "too many connections");
  response.headers.emplace_back("Retry-After", "1");
  send_and_close(fd, response_head(response, response.body->size(), true) + *response.body);
}

}  // namespace ticker::net
