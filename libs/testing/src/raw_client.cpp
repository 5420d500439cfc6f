#include <ticker/testing/raw_client.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ticker::testing {
namespace {

using Clock = std::chrono::steady_clock;

int connect_to(const RawClientOptions& options, std::uint16_t port) {
  sockaddr_in6 v6{};
  sockaddr_in v4{};
  const bool is_v6 = inet_pton(AF_INET6, options.host.c_str(), &v6.sin6_addr) == 1;
  inet_pton(AF_INET, options.host.c_str(), &v4.sin_addr);
  v6.sin6_family = AF_INET6;
  v4.sin_family = AF_INET;
  v6.sin6_port = v4.sin_port = htons(port);
  const int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (options.receive_buffer_bytes > 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer_bytes,
               sizeof options.receive_buffer_bytes);
  }
  const auto* address =
      is_v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
  if (fd >= 0 && connect(fd, address, is_v6 ? sizeof v6 : sizeof v4) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

}  // namespace

RawClient::RawClient(std::uint16_t port, Pump pump, RawClientOptions options)
    : pump_(std::move(pump)), options_(std::move(options)), fd_(connect_to(options_, port)) {}

RawClient::~RawClient() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

bool RawClient::wait_for(short events, Clock::time_point until) {
  while (Clock::now() < until) {
    if (pump_) {
      pump_();
    }
    pollfd entry{fd_, events, 0};
    if (poll(&entry, 1, pump_ ? 0 : 10) > 0) {
      return true;
    }
  }
  return false;
}

namespace {

// Not by send() or sendmsg(): refusing_kernel.hpp takes those for the other end's.
ssize_t send_now(int fd, std::string_view bytes) {
  return sendto(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT, nullptr, 0);
}

}  // namespace

std::size_t RawClient::send_some(std::string_view bytes) {
  const ssize_t sent = send_now(fd_, bytes);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

bool RawClient::send(std::string_view bytes) {
  const auto until = Clock::now() + options_.deadline;
  while (!bytes.empty()) {
    const ssize_t sent = send_now(fd_, bytes);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN || !wait_for(POLLOUT, until)) {
      return false;
    }
  }
  return true;
}

void RawClient::finish_output() { shutdown(fd_, SHUT_WR); }

void RawClient::reset() {
  const linger at_once{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(std::exchange(fd_, -1));
}

bool RawClient::receive_more() {
  if (!wait_for(POLLIN, Clock::now() + options_.deadline)) {
    return false;
  }
  char buffer[65536];
  const ssize_t size = recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
  if (size <= 0) {
    return false;
  }
  received_.append(buffer, static_cast<std::size_t>(size));
  return true;
}

std::string RawClient::take(std::size_t size) {
  std::string taken = received_.substr(0, size);
  received_.erase(0, taken.size());
  return taken;
}

std::string RawClient::read_until(std::string_view mark) {
  std::size_t found = received_.find(mark);
  while (found == std::string::npos && receive_more()) {
    found = received_.find(mark);
  }
  return take(found == std::string::npos ? received_.size() : found + mark.size());
}

std::string RawClient::read(std::size_t size) {
  while (received_.size() < size && receive_more()) {
  }
  return take(size);
}

std::string RawClient::read_to_end() {
  while (receive_more()) {
  }
  return take(received_.size());
}

bool RawClient::at_end() {
  if (!received_.empty() || !wait_for(POLLIN, Clock::now() + options_.deadline)) {
    return false;
  }
  char byte;
  return recv(fd_, &byte, 1, MSG_DONTWAIT) <= 0;
}

int RawClient::Frame::close_code() const {
  return payload.size() < 2 ? 1005
                            : static_cast<unsigned char>(payload[0]) * 256 +
                                  static_cast<unsigned char>(payload[1]);
}

std::optional<RawClient::Frame> RawClient::read_frame() {
  const std::string head = read(2);
  if (head.size() < 2) {
    return std::nullopt;
  }
  Frame frame;
  frame.opcode = head[0] & 0x0F;
  frame.fin = (head[0] & 0x80) != 0;
  std::size_t size = static_cast<unsigned char>(head[1]);
  if (size >= 126) {
    const std::string length = read(size == 126 ? 2 : 8);
    size = 0;
    for (const char byte : length) {
      size = size * 256 + static_cast<unsigned char>(byte);
    }
  }
  frame.payload = read(size);
  return frame.payload.size() == size ? std::optional<Frame>(frame) : std::nullopt;
}

std::string RawClient::upgrade(std::string_view target, std::string_view headers) {
  send("GET " + std::string(target) +
       " HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
       std::string(headers) + "\r\n");
  return read_until("\r\n\r\n");
}

std::string RawClient::frame(int opcode, std::string_view payload, int first_bits) {
  constexpr char kMask[4] = {0x37, 0x5a, 0x11, 0x7f};
  std::string bytes(1, static_cast<char>(first_bits | opcode));
  std::size_t length_bytes = 0;
  if (payload.size() < 126) {
    bytes += static_cast<char>(0x80 | static_cast<int>(payload.size()));
  } else {
    length_bytes = payload.size() < 65536 ? 2 : 8;
    bytes += static_cast<char>(length_bytes == 2 ? 0xFE : 0xFF);
  }
  for (std::size_t i = length_bytes; i-- > 0;) {
    bytes += static_cast<char>((static_cast<std::uint64_t>(payload.size()) >> (8 * i)) & 0xFF);
  }
  bytes.append(kMask, sizeof kMask);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    bytes += static_cast<char>(payload[i] ^ kMask[i % sizeof kMask]);
  }
  return bytes;
}

std::string RawClient::close_frame(int code, std::string_view reason) {
  return frame(8, std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)} +
                      std::string(reason));
}

bool pump_until(const RawClient::Pump& pump, const std::function<bool()>& done,
                std::chrono::milliseconds deadline) {
  const auto until = Clock::now() + deadline;
  while (!done()) {
    if (Clock::now() >= until) {
      return false;
    }
    pump();
  }
  return true;
}

}  // namespace ticker::testing
