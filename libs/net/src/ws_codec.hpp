#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace ticker::net {

// RFC 6455 frames of one connection, over websocketpp's processor: received bytes become events,
// messages become frames. No extension is ever agreed to, so RSV bits are errors.
class WsCodec {
 public:
  enum class Role { kServer, kServerTextOnly, kClient };
  enum class Opcode : unsigned char { kText = 1, kClose = 8, kPing = 9, kPong = 10 };

  WsCodec(Role role, std::size_t max_message_bytes);
  ~WsCodec();
  // For messages that begin later.
  void set_max_message_bytes(std::size_t bytes);
  WsCodec(const WsCodec&) = delete;
  WsCodec& operator=(const WsCodec&) = delete;

  enum class Event { kNone, kText, kBinary, kPing, kPong, kClose, kError };
  struct Step {
    Event event = Event::kNone;
    std::size_t consumed = 0;
    std::uint16_t code = 0;  // kClose: the peer's, 1005 if none; kError: what to close with
    std::string text;        // kClose: the peer's reason; kError: what is wrong
  };
  // Takes bytes up to the end of one message or control frame. Overwrites `data` (unmasking). After
  // kError: no further call. Requires: size > 0.
  Step read(char* data, std::size_t size);
  // The message or control payload of the last event, until the next read() or release().
  std::string& payload();
  void release();

  // A whole frame, masked where this end must. `payload` of a control frame: 125 bytes at most.
  std::string frame(Opcode opcode, std::string_view payload);
  // The payload of a close frame: nothing with code 1005; `reason` cut to what fits, at a
  // character's border.
  static std::string close_payload(std::uint16_t code, std::string_view reason);

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
};

// The header of an unmasked frame: returns its length.
constexpr std::size_t kMaxFrameHeader = 10;
std::size_t put_frame_header(WsCodec::Opcode opcode, std::uint64_t payload_size,
                             unsigned char (&header)[kMaxFrameHeader]);

}  // namespace ticker::net
