#include "sockets.hpp"

#include <netdb.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

namespace ticker::net {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

// The kernel caps it at net.core.somaxconn; a storm of reconnecting clients needs all of it.
constexpr int kBacklog = 65535;

int open_bound(const addrinfo& address, bool reuse_port) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return -1;
  }
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (reuse_port) {
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  }
  // Connections inherit it.
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind(fd, address.ai_addr, address.ai_addrlen) == 0 && listen(fd, kBacklog) == 0) {
    return fd;
  }
  const int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

}  // namespace

BoundSocket bind_listener(const std::string& host, std::uint16_t port, bool reuse_port) {
  const std::string where = "cannot listen on " + host + ":" + std::to_string(port) + ": ";
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) {
    return {-1, 0, {where + gai_strerror(failure)}};
  }
  const AddressList addresses(found, &freeaddrinfo);
  const int fd = open_bound(*addresses, reuse_port);
  if (fd < 0) {
    return {-1, 0, {where + errno_text(errno)}};
  }
  sockaddr_storage local{};
  socklen_t size = sizeof local;
  getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size);
  return {fd, address_of(local).port, {}};
}

Address address_of(const sockaddr_storage& raw) {
  Address address;
  if (raw.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(raw);
    const auto* bytes = reinterpret_cast<const unsigned char*>(&v4.sin_addr);
    std::copy(bytes, bytes + 4, address.bytes.begin());
    address.port = ntohs(v4.sin_port);
  } else if (raw.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(raw);
    const auto* bytes = v6.sin6_addr.s6_addr;
    address.is_ipv6 = !IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
    if (address.is_ipv6) {
      std::copy(bytes, bytes + 16, address.bytes.begin());
    } else {
      std::copy(bytes + 12, bytes + 16, address.bytes.begin());
    }
    address.port = ntohs(v6.sin6_port);
  }
  return address;
}

std::string errno_text(int error) { return std::generic_category().message(error); }

}  // namespace ticker::net
