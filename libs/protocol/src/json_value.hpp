#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ticker::protocol {

// A parsed JSON text whose numbers keep their digits. For what clients read; requests, which
// hostile peers send, have a reader of their own that builds no tree.
struct JsonValue {
  enum class Kind : std::uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  bool truth = false;
  std::string text;      // of a string, decoded; of a number, its digits; of either, see `raw`
  std::string_view raw;  // of a number or string: as it stands in the parsed bytes
  std::vector<JsonValue> items;
  std::vector<std::pair<std::string, JsonValue>> members;

  bool is(Kind wanted) const { return kind == wanted; }
  // nullptr: not an object, or it has no such member.
  const JsonValue* find(std::string_view name) const;
};

// nullopt: not JSON, not UTF-8, or nested too deeply; `fault` says which.
std::optional<JsonValue> parse_json(std::string_view bytes, std::string& fault);

}  // namespace ticker::protocol
