#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ticker::testing {

struct RawClientOptions {
  std::string host = "127.0.0.1";
  int receive_buffer_bytes = 0;               // SO_RCVBUF, set before connecting; 0: the system's
  std::chrono::milliseconds deadline{10000};  // of each call that waits
};

// A TCP peer on loopback that sends what a test says, byte for byte, and reads WebSocket frames.
// Waits with a deadline, calling `pump` meanwhile, which runs the loop under test for a moment
// where that is in the same thread. What a wait did not get shows in its result.
class RawClient {
 public:
  using Pump = std::function<void()>;

  explicit RawClient(std::uint16_t port, Pump pump = {}, RawClientOptions options = {});
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return fd_ >= 0; }
  int fd() const { return fd_; }

  // False: not all taken by the deadline, or the connection broke.
  bool send(std::string_view bytes);
  // Sends what the kernel takes now; how much.
  std::size_t send_some(std::string_view bytes);
  void finish_output();
  // Closes with a reset.
  void reset();

  // Up to and with `mark`; less at the end of the stream or the deadline.
  std::string read_until(std::string_view mark);
  std::string read(std::size_t size);
  std::string read_to_end();
  // Whether the peer has closed, and nothing else came before it.
  bool at_end();

  struct Frame {
    int opcode = 0;
    bool fin = true;
    std::string payload;
    // Of a close frame; 1005 if it has none.
    int close_code() const;
  };
  // The next frame of a server; nothing at the end of the stream or the deadline.
  std::optional<Frame> read_frame();

  // Sends a right handshake for `target` and returns the head of the answer. `headers`: further
  // lines with CRLF.
  std::string upgrade(std::string_view target = "/", std::string_view headers = "");
  bool send_text(std::string_view text) { return send(frame(1, text)); }

  // A masked frame as clients send it. `first_bits`: FIN and RSV, 0x80 is FIN alone.
  static std::string frame(int opcode, std::string_view payload, int first_bits = 0x80);
  static std::string close_frame(int code, std::string_view reason = "");

 private:
  bool receive_more();
  bool wait_for(short events, std::chrono::steady_clock::time_point until);
  std::string take(std::size_t size);

  Pump pump_;
  const RawClientOptions options_;
  int fd_ = -1;
  std::string received_;
};

// Calls `pump` until `done()` or the deadline; what done() said last.
bool pump_until(const RawClient::Pump& pump, const std::function<bool()>& done,
                std::chrono::milliseconds deadline = std::chrono::milliseconds(10000));

}  // namespace ticker::testing
