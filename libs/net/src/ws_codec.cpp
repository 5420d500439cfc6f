#include "ws_codec.hpp"

#include <cassert>

#include "websocketpp_config.hpp"

namespace ticker::net {
namespace {

namespace close_codes = websocketpp::close;
namespace opcodes = websocketpp::frame::opcode;
using websocketpp::processor::error::non_minimal_encoding;

constexpr std::uint16_t kProtocolError = 1002;
constexpr std::uint16_t kUnsupportedData = 1003;
constexpr std::uint16_t kInvalidPayload = 1007;
constexpr std::size_t kMaxControlPayload = 125;

std::uint16_t close_code_for(const std::error_code& error) {
  // The library's own answer to this one is 1011, as if the fault were ours.
  if (error == make_error_code(non_minimal_encoding)) {
    return kProtocolError;
  }
  return websocketpp::processor::error::to_ws(error);
}

WsCodec::Step parse_close(const std::string& payload, std::size_t consumed) {
  std::error_code error;
  const auto code = close_codes::extract_code(payload, error);
  if (error) {
    return {WsCodec::Event::kError, consumed, kProtocolError, "invalid close code"};
  }
  std::string reason = close_codes::extract_reason(payload, error);
  if (error) {
    return {WsCodec::Event::kError, consumed, kInvalidPayload, "close reason is not UTF-8"};
  }
  return {WsCodec::Event::kClose, consumed, code, std::move(reason)};
}

}  // namespace

class WsCodec::Reader : public Processor {
 public:
  Reader(Role role, std::size_t max_message_bytes)
      : Processor(false, role != Role::kClient, message_source, random_source),
        text_only(role == Role::kServerTextOnly) {
    set_max_message_size(max_message_bytes);
  }

  // The library checks this for unfragmented text only.
  bool text_ended_whole() { return m_data_msg.validator.complete(); }

  bool reads_binary() const {
    return m_data_msg.msg_ptr && m_data_msg.msg_ptr->get_opcode() == opcodes::binary;
  }

  const bool text_only;
  Message::ptr message;
};

WsCodec::WsCodec(Role role, std::size_t max_message_bytes)
    : reader_(std::make_unique<Reader>(role, max_message_bytes)) {}

WsCodec::~WsCodec() = default;

void WsCodec::set_max_message_bytes(std::size_t bytes) { reader_->set_max_message_size(bytes); }

WsCodec::Step WsCodec::read(char* data, std::size_t size) {
  reader_->message.reset();
  std::error_code error;
  const std::size_t consumed = reader_->consume(reinterpret_cast<std::uint8_t*>(data), size, error);
  if (error) {
    return {Event::kError, consumed, close_code_for(error), error.message()};
  }
  if (reader_->text_only && reader_->reads_binary()) {
    return {Event::kError, consumed, kUnsupportedData, "binary messages are not supported"};
  }
  if (!reader_->ready()) {
    return {Event::kNone, consumed, 0, {}};
  }
  reader_->message = reader_->get_message();
  switch (reader_->message->get_opcode()) {
    case opcodes::text:
      if (!reader_->text_ended_whole()) {
        return {Event::kError, consumed, kInvalidPayload, "text ends inside a UTF-8 sequence"};
      }
      return {Event::kText, consumed, 0, {}};
    case opcodes::binary:
      return {Event::kBinary, consumed, 0, {}};
    case opcodes::ping:
      return {Event::kPing, consumed, 0, {}};
    case opcodes::pong:
      return {Event::kPong, consumed, 0, {}};
    default:
      return parse_close(reader_->message->get_raw_payload(), consumed);
  }
}

std::string& WsCodec::payload() { return reader_->message->get_raw_payload(); }

void WsCodec::release() { reader_->message.reset(); }

std::string WsCodec::frame(Opcode opcode, std::string_view payload) {
  assert(opcode == Opcode::kText || payload.size() <= kMaxControlPayload);
  const auto in = message_source->get_message(static_cast<opcodes::value>(opcode), payload.size());
  in->get_raw_payload().assign(payload);
  const auto out = message_source->get_message(static_cast<opcodes::value>(opcode), payload.size());
  std::error_code error;
  switch (opcode) {
    case Opcode::kText:
      error = reader_->prepare_data_frame(in, out);
      break;
    case Opcode::kPing:
      error = reader_->prepare_ping(in->get_raw_payload(), out);
      break;
    case Opcode::kPong:
      error = reader_->prepare_pong(in->get_raw_payload(), out);
      break;
    case Opcode::kClose: {
      std::error_code ignored;
      error =
          reader_->prepare_close(close_codes::extract_code(in->get_raw_payload(), ignored),
                                 close_codes::extract_reason(in->get_raw_payload(), ignored), out);
      break;
    }
  }
  return error ? std::string() : out->get_header() + out->get_raw_payload();
}

std::string WsCodec::close_payload(std::uint16_t code, std::string_view reason) {
  if (code == close_codes::status::no_status) {
    return {};
  }
  std::size_t size = std::min(reason.size(), kMaxControlPayload - 2);
  while (size < reason.size() && size > 0 &&
         (static_cast<unsigned char>(reason[size]) & 0xC0) == 0x80) {
    --size;
  }
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  return payload.append(reason.substr(0, size));
}

std::size_t put_frame_header(WsCodec::Opcode opcode, std::uint64_t payload_size,
                             unsigned char (&header)[kMaxFrameHeader]) {
  header[0] = static_cast<unsigned char>(0x80 | static_cast<unsigned char>(opcode));
  std::size_t length_bytes = 0;
  if (payload_size < 126) {
    header[1] = static_cast<unsigned char>(payload_size);
  } else {
    length_bytes = payload_size < 65536 ? 2 : 8;
    header[1] = length_bytes == 2 ? 126 : 127;
  }
  for (std::size_t i = 0; i < length_bytes; ++i) {
    header[2 + i] = static_cast<unsigned char>(payload_size >> (8 * (length_bytes - 1 - i)));
  }
  return 2 + length_bytes;
}

}  // namespace ticker::net
