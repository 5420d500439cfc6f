#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ticker/hub/access.hpp>

namespace ticker::hub {

class Replayer;

// A piece of a message; the parts of one message are written together.
struct Slice {
  const char* data;
  std::size_t size;
};

// kDone: taken; it may be said before the kernel was asked, and what that refuses is held by the
// connection. kKept: the rest of this one message is held by it. kBlocked: nothing was taken. After
// kKept and kBlocked the session's on_writable() comes once there is room again. kClosed: the
// connection is ending; only on_closed() comes.
enum class WriteResult : std::uint8_t { kDone, kKept, kBlocked, kClosed };

// A client's socket, as the hub sees it; tickerd adapts net's to it, tests script it. The hub's
// thread only. No method calls back into the hub.
class Connection {
 public:
  virtual ~Connection() = default;

  // One text message. Between Sockets::begin_batch() and end_batch() the slices stay valid until
  // end_batch(), and a second write of a connection is answered kBlocked; else they may go when the
  // call returns.
  [[nodiscard]] virtual WriteResult write(const Slice* slices, std::size_t count) = 0;
  // A write comes soon: what it needs can be brought near, as waiting for memory costs more than it.
  virtual void expect_write() const {}
  // Asks the client for a sign of life; its pong is an on_control(). Does nothing while output is
  // blocked.
  virtual void ping() = 0;
  // While paused no request is read, and silence is not held against the client.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  // What the token gives to this client; asked only where the hub demands one. The latest one that
  // was good counts.
  virtual Authentication authenticate(std::string_view /*token*/) {
    return Denial{"tokens are not used here"};
  }
  // What serves this client from recordings; nullptr: nothing does.
  virtual Replayer* replayer() { return nullptr; }
  // Ends the connection; the hub hears on_closed() later.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
  // Bytes that this connection holds for the client now: at most the rest of one message.
  virtual std::size_t held_bytes() const = 0;
  // All bytes that the kernel ever took for it: what no_progress_ms is measured by.
  virtual std::uint64_t accepted_bytes() const = 0;
  // All bytes that ever came from the client, be it a part of a message: what silent_ms is measured
  // by.
  virtual std::uint64_t received_bytes() const = 0;
};

// All connections of one hub: lets the writes of one flush reach the kernel together. The hub's
// thread only.
class Sockets {
 public:
  virtual ~Sockets() = default;
  virtual void begin_batch() = 0;
  virtual void end_batch() = 0;
};

}  // namespace ticker::hub
