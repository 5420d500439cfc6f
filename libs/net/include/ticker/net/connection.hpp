#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ticker/net/address.hpp>
#include <ticker/net/event_loop.hpp>

namespace ticker::net {

// Borrowed bytes.
struct Slice {
  const char* data;
  std::size_t size;
};

enum class WriteResult {
  kDone,     // taken whole
  kKept,     // the kernel took a part; the rest of this frame is held here and goes out by itself,
             // then on_writable()
  kBlocked,  // nothing taken: the caller keeps its state; on_writable() will come
  kClosed,   // nothing taken: the connection is closing or gone; no on_writable() any more
};

enum class ControlKind { kPing, kPong };

// How a WebSocket ended.
struct CloseInfo {
  std::uint16_t code = 1006;  // the first close code of either side; 1005 none given; 1006 lost
                              // without a close frame
  std::string reason;         // the text that went with it, or what happened to the socket
  bool by_peer = false;       // the peer began: its close frame, its end of stream
};

// The server's end of one WebSocket. Loop thread only. Valid from ConnectionHandler::on_open until
// on_close returns.
//
// Output: nothing is queued. At most the rest of one frame, one pong and one close frame are held,
// in memory taken only for what the kernel refused. While output waits, the socket is not read,
// whatever resume_reading() said.
class Connection {
 public:
  // Writes one text message made of the slices in their order: one attempt, now. The slices may go
  // when the call returns; inside Server::begin_batch()/end_batch() they must stay until
  // end_batch(), and the second write of a connection in one batch is answered kBlocked. In a batch
  // kDone may be said before the kernel was asked: what it then refuses is held. So may it within a
  // callback of this connection, of a first short frame: it goes with the next, in one, or when the
  // callback returns.
  [[nodiscard]] virtual WriteResult write(const Slice* slices, std::size_t count) = 0;
  [[nodiscard]] WriteResult write(std::string_view text) {
    const Slice slice{text.data(), text.size()};
    return write(&slice, 1);
  }
  // Sends a ping if nothing waits; false if output is blocked or closing. `payload`: 125 bytes at
  // most.
  virtual bool ping(std::string_view payload) = 0;

  // Stops delivery of messages at once, also of those already received; resume goes on with them,
  // never inside the call.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  // As ServerOptions::max_message_bytes, for messages that begin later.
  virtual void set_max_message_bytes(std::size_t bytes) = 0;

  // Starts the close handshake; on_close comes when the peer has answered or
  // ServerOptions::close_timeout has passed, when the socket is cut. Messages that arrive meanwhile
  // are dropped. A second call changes nothing. `reason`: cut to 123 bytes.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
  // Cuts the socket. on_close comes later, never inside the call.
  virtual void abort() = 0;

  // For simulators of broken peers. The same with a TCP reset, which also takes what the peer's
  // kernel has not got yet.
  virtual void reset() = 0;
  // Writes a text message's frame as far as its middle; nothing may be written after it. False:
  // output waits or is closing, nothing was done.
  [[nodiscard]] virtual bool write_half(std::string_view text) = 0;

  // Bytes held because the kernel refused them.
  virtual std::size_t held_bytes() const = 0;
  // Bytes that the kernel has taken: of this WebSocket from the 101 answer on, headers included; with
  // TLS, all that it made of these and of what was said before.
  virtual std::uint64_t sent_bytes() const = 0;
  // Since when output waits without one byte being taken; nothing if no output waits.
  virtual std::optional<TimePoint> stalled_since() const = 0;
  // Bytes that came from the peer, headers included: also those of a message that is not whole yet,
  // but not those that came together with the handshake.
  virtual std::uint64_t received_bytes() const = 0;
  virtual const Address& peer() const = 0;

 protected:
  ~Connection() = default;
};

// The owner's side of one WebSocket; the connection owns it and destroys it after on_close. All
// calls on the loop thread. Every Connection method may be called from within every callback.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;

  // First call, once. The connection is valid until on_close returns.
  virtual void on_open(Connection& connection) = 0;
  // One whole text message, valid UTF-8. `data` may be overwritten; data[size] is '\0'. Valid
  // during the call.
  virtual void on_message(char* data, std::size_t size) = 0;
  // A ping (answered already, the latest only) or pong arrived; for rate limits and latency.
  virtual void on_control(ControlKind /*kind*/, std::string_view /*payload*/) {}
  // Once for each kKept or kBlocked (several before it count as one): the next write has a chance.
  virtual void on_writable() {}
  // Last call, once.
  virtual void on_close(const CloseInfo& info) = 0;
};

}  // namespace ticker::net
