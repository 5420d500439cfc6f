#include "json_writer.hpp"

#include <array>
#include <charconv>

namespace ticker::protocol {
namespace {

constexpr std::size_t kMaxDigits = 20;  // of a 64-bit number, sign included

constexpr bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

template <typename Number>
void append_any_number(std::string& out, Number number) {
  std::array<char, kMaxDigits> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), end);
}

// Ends an array whose every element was followed by a comma.
void end_array(std::string& out) {
  if (out.back() == ',') {
    out.back() = ']';
  } else {
    out += ']';
  }
}

void append_escape(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 0xFU];
  }
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.empty()) {
    return 0;
  }
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    return 1;
  }
  const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : lead >= 0xE0 && lead <= 0xEF ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0 || text.size() < length) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) {
      return 0;
    }
  }
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
      (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F)) {
    return 0;
  }
  return length;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain])) {
      ++plain;
    }
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) {
      break;
    }
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else if (length == 1 && text.front() != 0x7f) {
      append_escape(out, text.front());
      text.remove_prefix(1);
    } else {
      out.append(text.data(), length);
      text.remove_prefix(length);
    }
  }
  out += '"';
}

void append_number(std::string& out, std::uint64_t number) { append_any_number(out, number); }
void append_number(std::string& out, std::int64_t number) { append_any_number(out, number); }

std::string& JsonObject::value(std::string_view name) {
  if (!first_) {
    out_ += ',';
  }
  first_ = false;
  out_ += '"';
  out_ += name;
  out_ += "\":";
  return out_;
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
  value(name) += json;
  return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view text) {
  append_quoted(value(name), text);
  return *this;
}

JsonObject& JsonObject::number(std::string_view name, std::uint64_t number) {
  append_number(value(name), number);
  return *this;
}

JsonObject& JsonObject::time(std::string_view name, Timestamp time) {
  append_number(value(name), static_cast<std::int64_t>(to_us(time)));
  return *this;
}

JsonObject& JsonObject::texts(std::string_view name, const std::vector<std::string>& values) {
  value(name) += '[';
  for (const auto& text : values) {
    append_quoted(out_, text);
    out_ += ',';
  }
  end_array(out_);
  return *this;
}

JsonObject& JsonObject::fields(std::string_view name, market::FieldSet fields) {
  value(name) += '[';
  for (const market::Field field : fields) {
    append_quoted(out_, market::field_name(field));
    out_ += ',';
  }
  end_array(out_);
  return *this;
}

JsonObject& JsonObject::rejected(std::string_view name, const std::vector<Rejected>& values) {
  value(name) += '[';
  for (const auto& rejected : values) {
    JsonObject(out_)
        .text("symbol", rejected.symbol)
        .text("code", error_code_name(rejected.code))
        .end();
    out_ += ',';
  }
  end_array(out_);
  return *this;
}

}  // namespace ticker::protocol
