#include <ticker/net/address.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sockets.hpp"

namespace ticker::net {

std::string Address::host() const {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
  return text;
}

std::string Address::to_string() const {
  const std::string name = is_ipv6 ? "[" + host() + "]" : host();
  return name + ":" + std::to_string(port);
}

bool operator==(const Address& a, const Address& b) {
  return a.is_ipv6 == b.is_ipv6 && a.port == b.port && a.bytes == b.bytes;
}

std::optional<Error> probe_bind(const std::string& host, std::uint16_t port) {
  if (port == 0) {
    return std::nullopt;
  }
  const BoundSocket probe = bind_listener(host, port, /*reuse_port=*/false);
  if (probe.fd < 0) {
    return probe.error;
  }
  ::close(probe.fd);
  return std::nullopt;
}

bool is_loopback(const std::string& host) {
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127;
  }
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    return IN6_IS_ADDR_LOOPBACK(&v6);
  }
  return host == "localhost";
}

}  // namespace ticker::net
