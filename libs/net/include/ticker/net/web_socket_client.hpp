#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/net/error.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/net/http.hpp>

namespace ticker::net {

struct ClientOptions {
  std::string ca_file;  // PEM authorities that wss:// trusts; empty: the system's
  std::chrono::milliseconds connect_timeout{10000};  // resolving and connecting, over all addresses
  std::chrono::milliseconds handshake_timeout{10000};  // TLS and the WebSocket handshake
  std::chrono::milliseconds close_timeout{2000};       // for the peer's answer to a close
  std::size_t max_message_bytes = 16u << 20;  // of a received message; more is closed with 1009
  std::size_t max_queued_bytes = 1u << 20;    // of sent frames that wait for the socket
  Headers headers;                            // added to the handshake request
  std::vector<std::string> subprotocols;      // offered
};

enum class MessageKind { kText, kBinary };

// Why a client's connection ended, or was never made.
struct ClientClose {
  enum class Cause {
    kByPeer,     // a close frame came
    kByUs,       // close() was called
    kResolve,    // the host name has no address
    kConnect,    // no address accepted, or connect_timeout
    kTls,        // certificate refused or TLS broken
    kHandshake,  // the answer was no WebSocket handshake, or handshake_timeout
    kProtocol,   // the peer broke RFC 6455 or a size limit
    kLost,       // the socket ended without a close frame
  };
  Cause cause = Cause::kLost;
  std::uint16_t code = 1006;  // close code; 1005 none given, 1006 without a close frame
  int http_status = 0;        // of an answer that was not 101
  std::string retry_after;    // its Retry-After header
  std::string text;           // one line for the log: names host and fault
};

// The owner's side of a client; it must outlive the client. All calls on the loop thread, with
// arguments valid during the call; the client may be destroyed in any of them.
class ClientHandler {
 public:
  virtual ~ClientHandler() = default;

  // `subprotocol`: what the server chose of those offered, or empty.
  virtual void on_open(const std::string& subprotocol) = 0;
  // One whole message; text is valid UTF-8. `data` may be overwritten (parsed in place); data[size]
  // is '\0'. Valid during the call.
  virtual void on_message(MessageKind kind, char* data, std::size_t size) = 0;
  // Pings are answered already.
  virtual void on_ping(std::string_view /*payload*/) {}
  virtual void on_pong(std::string_view /*payload*/) {}
  // Asked whenever all that has come was read: for how long what comes next may stay in the kernel.
  // What keeps coming is then read in that rhythm, at one wake-up each, however often it comes; what
  // comes after a longer silence is read at once. 0: everything is.
  virtual std::chrono::nanoseconds read_pause() { return std::chrono::nanoseconds(0); }
  // Last call, once; also when on_open never came.
  virtual void on_close(const ClientClose& close) = 0;
};

// One WebSocket connection to a server, ws:// or wss:// (TLS 1.2 or later; certificate and host
// name verified, always). Makes one connection in its life. Loop thread only. Destruction cuts the
// socket; no callback comes after it.
class WebSocketClient {
 public:
  WebSocketClient(EventLoop& loop, ClientHandler& handler, ClientOptions options);
  ~WebSocketClient();
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  // Begins; what comes of it is told by on_open or on_close, never inside the call. The error:
  // `url` makes no sense. Requires: not called before.
  [[nodiscard]] std::optional<Error> connect(const std::string& url);

  // False, and nothing sent: not open, or max_queued_bytes would be passed.
  [[nodiscard]] bool send_text(std::string_view text);
  // `payload`: 125 bytes at most. False, and nothing sent: longer, not open, or the queue is full.
  bool send_ping(std::string_view payload);
  // Starts the close handshake; on_close comes when the peer has answered or after close_timeout.
  // Before on_open: cuts. `reason`: cut to 123 bytes.
  void close(std::uint16_t code, std::string_view reason);
  // Stops reading from the socket (messages already received still come), so that the peer feels
  // it; resume goes on.
  void pause_reading();
  void resume_reading();

  // When bytes came last of a message that is not whole yet; nothing: none has begun.
  std::optional<TimePoint> partial_message_at() const;
  // Sent frames that wait for the socket, in bytes.
  std::size_t queued_bytes() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ticker::net
