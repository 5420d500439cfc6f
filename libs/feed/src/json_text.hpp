#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json_pass.hpp"

namespace ticker::feed {

// A JSON text as the list of all its values, in their order: for shapes that are known only when
// the service runs. What a Message does for the shapes of a venue, more slowly. Reused: in the
// steady state nothing is allocated.
class JsonText {
 public:
  enum class Kind : std::uint8_t { kNull, kScalar, kArray, kObject };
  struct Value {
    std::string_view key;   // in an object
    std::string_view text;  // of a scalar: the string, the number's digits, `true` or `false`
    std::uint32_t end;      // the place behind it and all that is in it
    Kind kind;

    bool has_values() const { return kind == Kind::kArray || kind == Kind::kObject; }
  };
  using Place = std::uint32_t;
  static constexpr Place kRoot = 0;

  // Of 40 bytes each; the longest of known messages (all tickers of a venue) have 50,000.
  static constexpr std::size_t kMaxValues = 500'000;

  explicit JsonText(std::size_t max_values = kMaxValues) : max_values_(max_values) {}

  // One pass over `text`, which is overwritten. Requires: text[size] is writable.
  ParseOutcome parse(char* text, std::size_t size);

  const Value& at(Place place) const { return values_[place]; }
  // Calls fn(place) for each value directly in the one at `place`.
  template <typename Fn>
  void for_each_in(Place place, Fn&& fn) const {
    const auto end = values_[place].end;
    for (Place inside = place + 1; inside < end; inside = values_[inside].end) {
      fn(inside);
    }
  }

 private:
  class Collector;

  std::size_t max_values_;
  std::vector<Value> values_;
};

// A JSON Pointer (RFC 6901), `/data/0/p`, into the entry in hand; with a `^` in front, into the
// whole message.
class JsonPointer {
 public:
  // nullopt: it is none.
  static std::optional<JsonPointer> parse(std::string_view text);

  std::optional<JsonText::Place> find(const JsonText& text, JsonText::Place entry) const;

 private:
  std::vector<std::string> steps_;
  bool from_message_ = false;
};

}  // namespace ticker::feed
