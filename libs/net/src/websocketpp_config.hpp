#pragma once

// What websocketpp's processor is told to use. Only ws_codec.cpp and handshake.cpp include this.

#include <openssl/rand.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

// Its map of headers compares names by tolower(c), a call and a look into the locale for each
// letter: a twentieth of a handshake. This one is found first, and knows the letters that names may
// have.
namespace websocketpp::utility {
constexpr int tolower(int c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; }
}  // namespace websocketpp::utility

#include <websocketpp/utf8_validator.hpp>

// Its check of text goes through a table for each byte: a third of what a venue's message costs.
// Eight bytes of ASCII need no look at it.
namespace websocketpp::utf8_validator {
template <>
inline bool validator::decode(std::string::iterator begin, std::string::iterator end) {
  constexpr std::uint64_t kNotAscii = 0x8080808080808080;
  while (begin != end) {
    std::uint64_t eight = 0;
    if (m_state == utf8_accept && end - begin >= 8 &&
        (std::memcpy(&eight, &*begin, sizeof eight), (eight & kNotAscii) == 0)) {
      begin += sizeof eight;
    } else if (!consume(static_cast<std::uint8_t>(*begin++))) {
      return false;
    }
  }
  return true;
}
}  // namespace websocketpp::utf8_validator

#include <websocketpp/extensions/permessage_deflate/disabled.hpp>
#include <websocketpp/frame.hpp>
#include <websocketpp/http/request.hpp>
#include <websocketpp/http/response.hpp>
#include <websocketpp/processors/hybi13.hpp>

namespace ticker::net {

// Where the processor collects a message. Unlike the library's own it does not reserve what a
// header merely announces.
class Message {
 public:
  using ptr = std::shared_ptr<Message>;

  Message(websocketpp::frame::opcode::value opcode, std::size_t announced) : opcode_(opcode) {
    payload_.reserve(std::min(announced, kTrustedSize));
  }

  websocketpp::frame::opcode::value get_opcode() const { return opcode_; }
  void set_opcode(websocketpp::frame::opcode::value opcode) { opcode_ = opcode; }
  std::string& get_raw_payload() { return payload_; }
  const std::string& get_header() const { return header_; }
  void set_header(const std::string& header) { header_ = header; }
  bool get_fin() const { return true; }
  bool get_compressed() const { return false; }
  void set_compressed(bool) {}
  void set_prepared(bool) {}

 private:
  static constexpr std::size_t kTrustedSize = 4096;

  websocketpp::frame::opcode::value opcode_;
  std::string header_;
  std::string payload_;
};

class MessageSource {
 public:
  using ptr = std::shared_ptr<MessageSource>;
  Message::ptr get_message(websocketpp::frame::opcode::value opcode, std::size_t announced) {
    return std::make_shared<Message>(opcode, announced);
  }
};

// Masks and handshake keys must not be guessable by what runs between (RFC 6455 10.3).
struct RandomSource {
  std::uint32_t operator()() {
    std::uint32_t value = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value);
    return value;
  }
};

struct ProcessorConfig {
  using request_type = websocketpp::http::parser::request;
  using response_type = websocketpp::http::parser::response;
  using message_type = Message;
  using con_msg_manager_type = MessageSource;
  using rng_type = RandomSource;
  struct NoDeflate {};
  using permessage_deflate_type = websocketpp::extensions::permessage_deflate::disabled<NoDeflate>;
  static const bool enable_extensions = false;
  static const std::size_t max_message_size = 65536;
};

using Processor = websocketpp::processor::hybi13<ProcessorConfig>;

// Without state, so one serves all threads.
inline RandomSource random_source;
inline const MessageSource::ptr message_source = std::make_shared<MessageSource>();

}  // namespace ticker::net
