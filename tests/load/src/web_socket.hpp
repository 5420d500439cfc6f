#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ticker::load {

// As much of RFC 6455 as the bench's own programs need among themselves and towards the peers, none
// of which is hostile: short handshakes, whole messages, no extensions.

enum Opcode : std::uint8_t { kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

// The client's request, with a fixed key, and the answer to a request that has arrived whole.
std::string upgrade_request(std::string_view host, std::string_view path);
std::string upgrade_answer(std::string_view request);

// What stands before `size` bytes of a server's message. A client's whole frame, masked with zeros.
void append_server_head(std::string& out, Opcode opcode, std::size_t size);
std::string server_frame(Opcode opcode, std::string_view payload);
std::string client_frame(Opcode opcode, std::string_view payload);

struct Frame {
  Opcode opcode;
  char* payload;
  std::size_t size;
  std::size_t bytes;  // of the whole frame
};

// The first frame of what arrived, unmasked in place; nothing if it has not arrived whole.
std::optional<Frame> next_frame(char* data, std::size_t size);

}  // namespace ticker::load
