#include "stream.hpp"

#include <sys/socket.h>

namespace ticker::net {
namespace {

// More than one send() leaves; a peer that asks for answers and takes none is refused.
constexpr std::size_t kMostWaiting = 128 << 10;

}  // namespace

Io io_of(ssize_t moved) {
  if (moved > 0) {
    return {Io::kOk, static_cast<std::size_t>(moved), 0};
  }
  if (moved == 0) {
    return {Io::kEnd, 0, 0};
  }
  const bool later = moved == -EAGAIN || moved == -EWOULDBLOCK || moved == -EINTR;
  return {later ? Io::kBlocked : Io::kFailed, 0, static_cast<int>(-moved)};
}

Io Stream::send_raw(const iovec* slices, std::size_t count) {
  constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (count == 1) {
    return io_of(or_errno(::send(fd(), slices->iov_base, slices->iov_len, kFlags)));
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(slices);
  message.msg_iovlen = count;
  return io_of(or_errno(sendmsg(fd(), &message, kFlags)));
}

Io Stream::receive_raw(char* data, std::size_t size) {
  return io_of(or_errno(recv(fd(), data, size, MSG_DONTWAIT)));
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
    flushed_ += io.bytes;
    outgoing.erase(0, io.bytes);
  }
  if (tls_) {
    tls_->release();
  }
  return {Io::kOk, 0, 0};
}

Io Stream::receive(char* data, std::size_t size) {
  if (!tls_) {
    return receive_raw(data, size);
  }
  // What TLS holds already, else what one read of the socket brings: a peer that sends records
  // without data does not keep the loop.
  Tls::Decrypted got = tls_->decrypt(data, size);
  Io io{Io::kOk, 0, 0};
  if (got.bytes == 0 && !got.ended && !got.failed) {
    io = receive_for_tls();
    if (io.status == Io::kOk) {
      got = tls_->decrypt(data, size);
    }
  }
  // Some records ask for an answer (a key update).
  const Io answered = flush();
  if (answered.status == Io::kFailed || waiting() > kMostWaiting) {
    return {Io::kFailed, 0, answered.error};
  }
  if (io.status != Io::kOk) {
    return io;
  }
  if (got.bytes > 0) {
    return {Io::kOk, got.bytes, 0};
  }
  return {got.ended ? Io::kEnd : got.failed ? Io::kFailed : Io::kBlocked, 0, 0};
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
