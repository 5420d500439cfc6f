#include "json_pass.hpp"

#include <cstdint>
#include <optional>

namespace ticker::feed {
namespace {

// The four hexadecimal digits of an escape. Never reads past something else, as the NUL is.
std::optional<std::uint32_t> hex4(const char* at) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) {
      return std::nullopt;
    }
    value = value << 4U | static_cast<std::uint32_t>(digit);
  }
  return value;
}

void append_utf8(std::uint32_t code, char*& out) {
  const auto put = [&](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  const auto put_rest = [&](unsigned shift) { put(0x80U | (code >> shift & 0x3FU)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put_rest(0);
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U);
    put_rest(6);
    put_rest(0);
  } else {
    put(0xF0U | code >> 18U);
    put_rest(12);
    put_rest(6);
    put_rest(0);
  }
}

// `at`: behind `\u`. The code is never longer than what it was written as.
char* unescape_code(char* at, char*& out) {
  auto code = hex4(at);
  if (!code) {
    return nullptr;
  }
  at += 4;
  if (*code >= 0xD800 && *code < 0xDC00) {
    const auto low = at[0] == '\\' && at[1] == 'u' ? hex4(at + 2) : std::nullopt;
    if (!low || *low < 0xDC00 || *low > 0xDFFF) {
      return nullptr;
    }
    code = 0x10000 + ((*code - 0xD800) << 10U) + (*low - 0xDC00);
    at += 6;
  }
  append_utf8(*code, out);
  return at;
}

}  // namespace

char* unescape(char* at, char*& out) {
  constexpr std::string_view kWritten = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  for (;;) {
    if (*at == '"') {
      return at;
    }
    if (static_cast<unsigned char>(*at) < ' ') {
      return nullptr;
    }
    if (*at != '\\') {
      *out++ = *at++;
    } else if (at[1] == 'u') {
      at = unescape_code(at + 2, out);
      if (at == nullptr) {
        return nullptr;
      }
    } else if (const auto which = kWritten.find(at[1]); which != std::string_view::npos) {
      *out++ = kMeant[which];
      at += 2;
    } else {
      return nullptr;
    }
  }
}

}  // namespace ticker::feed
