#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "fd_watch.hpp"
#include "tls.hpp"

namespace ticker::net {

// The outcome of one attempt to move bytes.
struct Io {
  enum Status { kOk, kBlocked, kEnd, kFailed };
  Status status = kOk;
  std::size_t bytes = 0;  // moved; more than 0 with kOk
  int error = 0;          // errno, with kFailed; 0: TLS
};

// What the result of a system call means: bytes, or a negative errno.
Io io_of(ssize_t moved);
// The result of a system call of the C library, as io_of() takes it.
inline ssize_t or_errno(ssize_t result) { return result < 0 ? -errno : result; }

// What stands between a connection and its socket: bytes out, partly if need be, and bytes in;
// plain or through TLS. A plain stream costs one branch. Owns the descriptor. Loop thread only.
class Stream {
 public:
  Stream() = default;
  Stream(EventLoop& loop, int fd, FdEvents* events) : watch_(loop, fd, events) {}
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&&) noexcept = default;

  // From now on bytes go through `tls`.
  void set_tls(std::unique_ptr<Tls> tls) { tls_ = std::move(tls); }
  Tls* tls() const { return tls_.get(); }

  // Tries to send the first bytes of the slices. kOk may be less than asked for. Bytes that TLS has
  // taken and the kernel not are waiting(): flush() goes on with them, and until then send() says
  // kBlocked.
  Io send(const iovec* slices, std::size_t count);
  // kOk with 0 bytes: nothing waits any more.
  Io flush();
  std::size_t waiting() const { return tls_ ? tls_->outgoing().size() : 0; }
  // Of TLS: bytes that the kernel has taken.
  std::uint64_t flushed() const { return flushed_; }
  // kEnd: the peer has sent all it had.
  Io receive(char* data, std::size_t size);
  // Hands what has come to TLS, undecrypted: for its handshake.
  Io receive_for_tls();
  // Nothing more will be sent; the peer sees the end of the stream.
  void finish_output();

  int fd() const { return watch_.fd(); }
  void set_events(FdEvents* events) { watch_.set_events(events); }
  // Fires also for what TLS holds already: its records are longer than what one receive() takes.
  void want_read() {
    if (tls_ && tls_->has_input()) {
      watch_.read_soon();
    } else {
      watch_.want_read();
    }
  }
  void want_write() { watch_.want_write(); }
  void close() { watch_.close(); }

 private:
  Io send_raw(const iovec* slices, std::size_t count);
  Io receive_raw(char* data, std::size_t size);

  FdWatch watch_;
  std::unique_ptr<Tls> tls_;
  std::uint64_t flushed_ = 0;
};

}  // namespace ticker::net
