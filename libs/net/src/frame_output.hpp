#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ticker/net/connection.hpp>

#include "send_ring.hpp"
#include "stream.hpp"
#include "ws_codec.hpp"

namespace ticker::net {

std::uint64_t total_of(const Slice* slices, std::size_t count);

// What the server's end of a WebSocket sends: one attempt for each frame, and memory only for what
// the socket refused of it. While anything waits, the stream's watch is armed; the owner calls
// flush() when it fires. Loop thread only.
class FrameOutput {
 public:
  explicit FrameOutput(Stream& stream) : stream_(stream) {}

  enum class Outcome {
    kTaken,    // nothing waits
    kKept,     // taken, and the rest of it waits here
    kBlocked,  // nothing taken; waits for the socket
    kBroken,   // see failure()
  };
  // Requires, for these three: !waiting().
  // A frame that the caller can offer again.
  Outcome offer(WsCodec::Opcode opcode, const Slice* slices, std::size_t count);
  // A frame, or bytes outside any, that must go: kept whole if nothing is taken.
  Outcome send(WsCodec::Opcode opcode, std::string_view payload);
  Outcome send(std::string_view bytes);
  // Both, in one.
  Outcome send(std::string bytes, WsCodec::Opcode opcode, const Slice* slices, std::size_t count);
  // As offer(), but the kernel is asked by the ring's next flush(), whose word the owner passes on
  // to sent(). False: too long for a ring, nothing was done. Requires: !waiting().
  bool queue(SendRing& ring, SendRing::Sender& owner, WsCodec::Opcode opcode, const Slice* slices,
             std::size_t count);
  // kTaken or kBroken, or kKept where nothing of it was taken too.
  Outcome sent(std::string_view frame, const Io& io);
  // The last frame, behind whatever waits.
  Outcome send_last(WsCodec::Opcode opcode, std::string_view payload);

  // What TLS answers by itself goes out as if it had been sent here.
  void wait_for_answers() {
    if (!waiting_ && stream_.waiting() > 0) {
      wait();
    }
  }

  // kTaken: nothing waits any more.
  Outcome flush();

  bool waiting() const { return waiting_; }
  std::size_t held_bytes() const { return held_.size() + stream_.waiting(); }
  // Taken by the kernel.
  std::uint64_t sent_bytes() const { return stream_.tls() ? stream_.flushed() : sent_bytes_; }
  // Requires: waiting().
  TimePoint stalled_since() const { return stalled_since_; }
  std::string failure() const;

 private:
  Outcome send(iovec head, const Slice* slices, std::size_t count, bool keep_whole);
  void wait();
  void hold_rest(const iovec* slices, std::size_t count, std::size_t sent);
  Outcome broken(const Io& io);

  Stream& stream_;
  std::string held_;
  TimePoint stalled_since_;
  std::uint64_t sent_bytes_ = 0;
  int error_ = 0;
  bool waiting_ = false;
};

}  // namespace ticker::net
