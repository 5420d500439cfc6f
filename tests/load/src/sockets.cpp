#include "sockets.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace ticker::load {
namespace {

constexpr std::size_t kReadBytes = 65'536;
constexpr int kBacklog = 4096;
constexpr int kEthernetSegment = 1460;
constexpr int kNarrowBuffer = 4096;

sockaddr_in loopback(unsigned last, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(0x7F000000U + last);
  address.sin_port = htons(port);
  return address;
}

void set_option(int fd, int level, int name, int value) {
  if (setsockopt(fd, level, name, &value, sizeof value) != 0) {
    fail("setsockopt");
  }
}

}  // namespace

void fail(const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Listener listen_on_loopback() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  auto address = loopback(1, 0);
  socklen_t size = sizeof address;
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(fd, kBacklog) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    fail("listen");
  }
  return {fd, ntohs(address.sin_port)};
}

std::optional<int> accept_one(int listener, bool blocking) {
  const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK));
  if (fd < 0) {
    return std::nullopt;
  }
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  return fd;
}

int connect_to(std::uint16_t port, bool blocking, unsigned source, bool narrow) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK), 0);
  if (fd < 0) {
    fail("socket");
  }
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (narrow) {
    set_option(fd, IPPROTO_TCP, TCP_MAXSEG, kEthernetSegment);
    set_option(fd, SOL_SOCKET, SO_RCVBUF, kNarrowBuffer);
  }
  if (source != 1) {
    set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    const auto from = loopback(source, 0);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) {
      fail("bind");
    }
  }
  const auto to = loopback(1, port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS) {
    fail("connect");
  }
  return fd;
}

void close_at_once(int fd) {
  const linger reset{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  close(fd);
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      fail("send");
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool receive(int fd, std::string& in) {
  static std::array<char, kReadBytes> buffer;
  const auto got = read(fd, buffer.data(), buffer.size());
  if (got > 0) {
    in.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

std::optional<std::string> take_line(std::string& in) {
  const auto end = in.find('\n');
  if (end == std::string::npos) {
    return std::nullopt;
  }
  std::string line = in.substr(0, end);
  in.erase(0, end + 1);
  return line;
}

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

}  // namespace ticker::load
