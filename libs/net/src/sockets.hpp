#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include <ticker/net/address.hpp>

namespace ticker::net {

// The few socket calls that more than one source needs.

// A listening socket, or why there is none (fd < 0).
struct BoundSocket {
  int fd = -1;
  std::uint16_t port = 0;
  Error error;
};

// Non-blocking, SO_REUSEADDR set, listening. Resolves `host` (blocking).
BoundSocket bind_listener(const std::string& host, std::uint16_t port, bool reuse_port);

Address address_of(const sockaddr_storage& raw);

// "Connection refused" for ECONNREFUSED; thread-safe.
std::string errno_text(int error);

}  // namespace ticker::net
