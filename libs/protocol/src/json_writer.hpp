#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/market/field.hpp>
#include <ticker/protocol/message.hpp>

namespace ticker::protocol {

// Appends `text` as a JSON string. Whatever the bytes are, what comes out is valid JSON in valid
// UTF-8: bytes that are no UTF-8 become U+FFFD.
void append_quoted(std::string& out, std::string_view text);
void append_number(std::string& out, std::uint64_t number);
void append_number(std::string& out, std::int64_t number);
// Length of the valid UTF-8 sequence at the start of `text`; 0: there is none.
std::size_t utf8_length(std::string_view text);

// Writes one object member by member; the caller's order is the order on the wire.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  JsonObject& raw(std::string_view name, std::string_view json);
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& number(std::string_view name, std::uint64_t value);
  JsonObject& time(std::string_view name, Timestamp value);
  JsonObject& flag(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
  }
  JsonObject& texts(std::string_view name, const std::vector<std::string>& values);
  JsonObject& fields(std::string_view name, market::FieldSet fields);
  JsonObject& rejected(std::string_view name, const std::vector<Rejected>& values);
  // Begins a member whose value the caller appends.
  std::string& value(std::string_view name);
  void end() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace ticker::protocol
