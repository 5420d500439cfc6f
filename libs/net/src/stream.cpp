#include "stream.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace ticker::net {
namespace {

Io outcome(ssize_t moved) {
  if (moved > 0) {
    return {Io::kOk, static_cast<std::size_t>(moved), 0};
  }
  if (moved == 0) {
    return {Io::kEnd, 0, 0};
  }
  const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  return {later ? Io::kBlocked : Io::kFailed, 0, errno};
}

}  // namespace

Io Stream::send_raw(const iovec* slices, std::size_t count) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(slices);
  message.msg_iovlen = count;
  return outcome(sendmsg(fd(), &message, MSG_NOSIGNAL | MSG_DONTWAIT));
}

Io Stream::receive_raw(char* data, std::size_t size) {
  return outcome(recv(fd(), data, size, MSG_DONTWAIT));
}

Io Stream::send(const iovec* slices, std::size_t count) {
  if (!tls_) {
    return send_raw(slices, count);
  }
  const Io before = flush();
  if (before.status != Io::kOk) {
    return before;
  }
  const std::size_t taken = tls_->encrypt(slices, count);
  if (taken == 0) {
    return {Io::kFailed, 0, 0};
  }
  const Io after = flush();
  return after.status == Io::kFailed ? after : Io{Io::kOk, taken, 0};
}

Io Stream::flush() {
  while (waiting() > 0) {
    std::string& outgoing = tls_->outgoing();
    const iovec slice{outgoing.data(), outgoing.size()};
    const Io io = send_raw(&slice, 1);
    if (io.status != Io::kOk) {
      return io;
    }
    outgoing.erase(0, io.bytes);
  }
  return {Io::kOk, 0, 0};
}

Io Stream::receive(char* data, std::size_t size) {
  if (!tls_) {
    return receive_raw(data, size);
  }
  for (;;) {
    const Tls::Decrypted got = tls_->decrypt(data, size);
    if (got.bytes > 0) {
      return {Io::kOk, got.bytes, 0};
    }
    if (got.ended || got.failed) {
      return {got.ended ? Io::kEnd : Io::kFailed, 0, 0};
    }
    const Io io = receive_for_tls();
    if (io.status != Io::kOk) {
      return io;
    }
  }
}

Io Stream::receive_for_tls() {
  char cipher[16384];
  const Io io = receive_raw(cipher, sizeof cipher);
  if (io.status == Io::kOk) {
    tls_->feed(cipher, io.bytes);
  }
  return io;
}

void Stream::finish_output() {
  if (tls_) {
    tls_->say_goodbye();
    flush();
  }
  shutdown(fd(), SHUT_WR);
}

}  // namespace ticker::net
