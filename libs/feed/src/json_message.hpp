#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/result.hpp>
#include <ticker/feed/json_feed.hpp>

#include "json_template.hpp"
#include "json_text.hpp"
#include "values.hpp"

namespace ticker::feed {

// Texts that must stand at their places, or among the items of a list there.
class JsonConditions {
 public:
  void add(JsonPointer at, std::string_view form) {
    conditions_.push_back({std::move(at), JsonForm(form)});
  }
  // `null` is written like that.
  bool hold(const JsonText& text, JsonText::Place entry) const;

 private:
  struct Condition {
    JsonPointer at;
    JsonForm form;
  };
  std::vector<Condition> conditions_;
};

// A JsonMessage whose pointers have been read.
struct CompiledMessage {
  struct Value {
    market::Field field;
    JsonPointer at;
    int shift;
  };
  struct Trade {
    JsonPointer price;
    JsonPointer size;
    JsonPointer side;
    std::optional<JsonPointer> id;
    std::string buy;
    std::string sell;

    Refusal read_side(std::string_view text, market::Side& out) const;
  };
  enum class SymbolIn { kRequest, kKey, kValue };

  JsonConditions match;
  JsonConditions where;
  JsonMessage::Means means;
  SymbolIn symbol_in = SymbolIn::kRequest;
  JsonPointer symbol;
  JsonForm symbol_form;
  std::vector<Value> fields;
  std::optional<Trade> trade;
  std::optional<JsonPointer> time;
  JsonMessage::TimeUnit time_unit;
  bool zero_is_null;
  std::optional<JsonPointer> text;
  JsonAnswer answer;

  bool fits_message = false;  // the one in hand
};

// Those that may stand in the same entries, in their order.
struct CompiledGroup {
  std::optional<std::string> each;  // as it was written; none: the message is the entry
  JsonPointer entries;
  std::vector<CompiledMessage> messages;
};

// Error: it names the message by its place, from 0.
Result<std::vector<CompiledGroup>> compile(const std::vector<JsonMessage>& messages);

[[nodiscard]] Refusal read_time(JsonMessage::TimeUnit unit, std::string_view text, Timestamp& out);

}  // namespace ticker::feed
