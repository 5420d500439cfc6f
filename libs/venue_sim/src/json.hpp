#pragma once

#include <charconv>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <ticker/base/clock.hpp>

namespace ticker::venue_sim {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

// False: not JSON. Iterative, so that depth costs memory and not the stack.
inline bool parse_json(std::string_view text, rapidjson::Document& out) {
  return !out.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size()).HasParseError();
}

inline std::string_view text_of(const rapidjson::Value& value) {
  return value.IsString() ? std::string_view(value.GetString(), value.GetStringLength())
                          : std::string_view();
}

// The member of that name; null if `object` is none or has none.
inline const rapidjson::Value& member(const rapidjson::Value& object, const char* name) {
  static const rapidjson::Value none;
  if (!object.IsObject()) {
    return none;
  }
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? none : found->value;
}

inline std::string_view text_member(const rapidjson::Value& object, const char* name) {
  return text_of(member(object, name));
}

inline void write_text(JsonWriter& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

inline void write_member(JsonWriter& writer, std::string_view name, std::string_view text) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  write_text(writer, text);
}

inline std::string taken(const rapidjson::StringBuffer& buffer) {
  return {buffer.GetString(), buffer.GetSize()};
}

// 2026-08-09T21:05:48.228568Z
inline std::string rfc3339(Timestamp time) {
  const auto us = to_us(time);
  const auto seconds = static_cast<std::time_t>(us / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char date[32];
  const auto length = std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S.", &parts);
  auto fraction = std::to_string(us % 1'000'000);
  return std::string(date, length) + std::string(6 - fraction.size(), '0') + fraction + "Z";
}

}  // namespace ticker::venue_sim
