#include "slow_line.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ticker::ingest {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// Bytes carried; the kernel's buffers take what a test sends. Who has hung up meanwhile gets
// nothing.
std::size_t carry(int from, int to, std::size_t most) {
  std::array<char, 65536> buffer;
  const auto got = recv(from, buffer.data(), std::min(most, buffer.size()), MSG_DONTWAIT);
  if (got <= 0) {
    return 0;
  }
  const auto sent = send(to, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
  EXPECT_TRUE(sent == got || errno == EPIPE || errno == ECONNRESET);
  return static_cast<std::size_t>(got);
}

}  // namespace

SlowLine::SlowLine(std::uint16_t server) : server_port_(server) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(listen(listener_, 1), 0);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
}

SlowLine::~SlowLine() {
  for (const int fd : {listener_, client_, server_}) {
    if (fd >= 0) {
      close(fd);
    }
  }
}

void SlowLine::accept_client() {
  client_ = accept(listener_, nullptr, nullptr);
  if (client_ < 0) {
    return;
  }
  server_ = socket(AF_INET, SOCK_STREAM, 0);
  const auto address = loopback(server_port_);
  EXPECT_EQ(connect(server_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

void SlowLine::pump(std::size_t bytes) {
  if (client_ < 0) {
    accept_client();
  }
  if (client_ >= 0) {
    carry(client_, server_, 65536);
    carried_ += carry(server_, client_, bytes);
  }
}

}  // namespace ticker::ingest
