#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ticker::load {

// Small wrappers of the system's calls. A failure of set-up ends the program with one line.
[[noreturn]] void fail(const std::string& what);

// All that the system allows.
void raise_descriptor_limit();

// Loopback, a port that the system chooses; non-blocking.
struct Listener {
  int fd;
  std::uint16_t port;
};
Listener listen_on_loopback();

// The next connection that waits, without delay of small segments; nothing if there is none.
std::optional<int> accept_one(int listener, bool blocking);

// 127.0.0.1:`port`, from the loopback address 127.0.0.`source`; `blocking` waits for the
// connection.
// `narrow` is a path that holds little: segments as on Ethernet and a small receive buffer, where
// loopback would take megabytes.
int connect_to(std::uint16_t port, bool blocking, unsigned source = 1, bool narrow = false);

// Closes without a TIME_WAIT: thousands of connections a round would use up the ports.
void close_at_once(int fd);

// Of a blocking socket.
void send_all(int fd, std::string_view bytes);

// Appends what has arrived. False once the other side has closed.
bool receive(int fd, std::string& in);

// Takes the first line, without its end, out of `in`; nothing if none has arrived whole.
std::optional<std::string> take_line(std::string& in);

// A line on standard output, at once.
void say(const std::string& line);

}  // namespace ticker::load
