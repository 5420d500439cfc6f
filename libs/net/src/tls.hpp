#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <ticker/net/error.hpp>
#include <ticker/net/server_tls.hpp>

namespace ticker::net {

// One end of a TLS connection, without a socket: bytes of the wire go in by feed() and
// come out by outgoing(). So a record once encrypted is "taken", and writing can stop at any byte.
// TLS 1.2 or later.
class Tls {
 public:
  // `host` is verified against the certificate, and sent as SNI unless it is an address. `ca_file`
  // empty: the system's authorities.
  static std::unique_ptr<Tls> client(const std::string& host, bool host_is_address,
                                     const std::string& ca_file, Error& error);
  // The server's end.
  static std::unique_ptr<Tls> server(const ServerTls& with);
  ~Tls();
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;

  enum class Handshake { kDone, kGoesOn, kFailed };
  Handshake handshake();
  // One line: why the handshake failed or decrypt() did.
  std::string failure() const;

  // Encrypts the first bytes of the slices (kMostAtOnce at most) and returns how many; 0: broken.
  std::size_t encrypt(const iovec* slices, std::size_t count);
  struct Decrypted {
    std::size_t bytes = 0;
    bool ended = false;
    bool failed = false;
  };
  // All false and 0: feed() more.
  Decrypted decrypt(char* data, std::size_t size);
  void feed(const char* data, std::size_t size);
  // Something was fed that decrypt() has not looked at yet, or not given out: no more need come from
  // the socket for it.
  bool has_input() const;
  // What must go to the socket; the caller removes what went.
  std::string& outgoing();
  // Gives memory back, if nothing is outgoing().
  void release();
  void say_goodbye();

  // What a caller may find waiting in outgoing() beyond what it held itself: few records.
  static constexpr std::size_t kMostAtOnce = 65536;

 private:
  Tls() = default;

  struct State;
  static std::unique_ptr<Tls> around(void* context);
  std::unique_ptr<State> state_;
};

}  // namespace ticker::net
