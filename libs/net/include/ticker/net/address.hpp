#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <ticker/net/error.hpp>

namespace ticker::net {

// The numeric address and port of a peer. An IPv4 address that arrives on an IPv6 socket is held as
// IPv4.
struct Address {
  std::array<unsigned char, 16> bytes{};  // network order; IPv4 uses the first four
  std::uint16_t port = 0;
  bool is_ipv6 = false;

  // "127.0.0.1" or "2001:db8::1", without the port.
  std::string host() const;
  // "127.0.0.1:8080" or "[2001:db8::1]:8080".
  std::string to_string() const;
};

bool operator==(const Address& a, const Address& b);
inline bool operator!=(const Address& a, const Address& b) { return !(a == b); }

// Whether nobody listens on this address: binds once with SO_REUSEADDR and without SO_REUSEPORT (so
// it fails beside any listener, also one that shares its port, and does not fail over TIME_WAIT),
// then lets go. Port 0 always succeeds. `host` is a numeric address or a name of this machine.
// Blocking; for set-up.
[[nodiscard]] std::optional<Error> probe_bind(const std::string& host, std::uint16_t port);

// Whether connections to this host can come only from this machine (127.0.0.0/8, ::1, localhost).
bool is_loopback(const std::string& host);

}  // namespace ticker::net
