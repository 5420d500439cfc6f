#include "web_socket.hpp"

#include <array>

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace ticker::load {
namespace {

constexpr std::string_view kMagic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr unsigned kFinal = 0x80;
constexpr unsigned kMasked = 0x80;

std::string accept_of(std::string_view key) {
  const std::string text = std::string(key).append(kMagic);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> base64{};
  const int size = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(size)};
}

void append_head(std::string& out, Opcode opcode, std::size_t size, unsigned mask_bit) {
  out.push_back(static_cast<char>(kFinal | opcode));
  unsigned length_bytes = 0;
  if (size < 126) {
    out.push_back(static_cast<char>(mask_bit | size));
  } else if (size <= 0xFFFF) {
    out.push_back(static_cast<char>(mask_bit | 126U));
    length_bytes = 2;
  } else {
    out.push_back(static_cast<char>(mask_bit | 127U));
    length_bytes = 8;
  }
  while (length_bytes-- > 0) {
    out.push_back(static_cast<char>(size >> (8 * length_bytes)));
  }
}

}  // namespace

std::string upgrade_request(std::string_view host, std::string_view path) {
  return std::string("GET ")
      .append(path)
      .append(" HTTP/1.1\r\nHost: ")
      .append(host)
      .append(
          "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
}

std::string upgrade_answer(std::string_view request) {
  std::string_view key;
  for (std::size_t at = 0; at < request.size();) {
    const auto end = request.find("\r\n", at);
    const auto line = request.substr(at, end - at);
    constexpr std::string_view kName = "sec-websocket-key:";
    bool matches = line.size() > kName.size();
    for (std::size_t i = 0; matches && i < kName.size(); ++i) {
      matches = (line[i] | 0x20) == (kName[i] | 0x20);
    }
    if (matches) {
      key = line.substr(line.find_first_not_of(' ', kName.size()));
    }
    at = end == std::string_view::npos ? request.size() : end + 2;
  }
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         accept_of(key) + "\r\n\r\n";
}

void append_server_head(std::string& out, Opcode opcode, std::size_t size) {
  append_head(out, opcode, size, 0);
}

std::string server_frame(Opcode opcode, std::string_view payload) {
  std::string frame;
  append_server_head(frame, opcode, payload.size());
  return frame.append(payload);
}

std::string client_frame(Opcode opcode, std::string_view payload) {
  std::string frame;
  append_head(frame, opcode, payload.size(), kMasked);
  return frame.append(4, '\0').append(payload);
}

std::optional<Frame> next_frame(char* data, std::size_t size) {
  if (size < 2) {
    return std::nullopt;
  }
  const auto byte = [data](std::size_t i) { return static_cast<unsigned char>(data[i]); };
  std::size_t length = byte(1) & 0x7FU;
  std::size_t head = 2;
  const std::size_t length_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (size < head + length_bytes) {
    return std::nullopt;
  }
  if (length_bytes != 0) {
    length = 0;
    for (; head < 2 + length_bytes; ++head) {
      length = length << 8U | byte(head);
    }
  }
  const bool masked = (byte(1) & kMasked) != 0;
  const std::size_t start = head + (masked ? 4 : 0);
  if (size < start || size - start < length) {
    return std::nullopt;
  }
  for (std::size_t i = 0; masked && i < length; ++i) {
    data[start + i] = static_cast<char>(byte(start + i) ^ byte(head + i % 4));
  }
  return Frame{static_cast<Opcode>(byte(0) & 0x0FU), data + start, length, start + length};
}

}  // namespace ticker::load
