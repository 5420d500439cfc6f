#include "json_message.hpp"

#include <algorithm>
#include <utility>

namespace ticker::feed {
namespace {

std::string not_a_pointer(const std::string& text) {
  return "'" + text + "' is no JSON pointer such as /data/price";
}

// Reads pointers, and remembers the first that is none.
class PointerReader {
 public:
  JsonPointer operator()(const std::string& text) {
    auto pointer = JsonPointer::parse(text);
    if (!pointer && error_.empty()) {
      error_ = not_a_pointer(text);
    }
    return std::move(pointer).value_or(JsonPointer());
  }
  std::optional<JsonPointer> optional(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional((*this)(text));
  }
  JsonConditions conditions(const std::vector<JsonMessage::Match>& matches) {
    JsonConditions conditions;
    for (const auto& match : matches) {
      conditions.add((*this)(match.pointer), match.value);
    }
    return conditions;
  }
  const std::string& error() const { return error_; }

 private:
  std::string error_;
};

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool fits(const JsonForm& form, const JsonText::Value& value) {
  const auto text = value.kind == JsonText::Kind::kNull ? std::string_view("null") : value.text;
  return !value.has_values() && form.inside(text).has_value();
}

bool fits(const JsonForm& form, const JsonText& text, JsonText::Place place) {
  // The list of a whole message may be long, and each entry may ask for it.
  constexpr int kMostItems = 64;
  const auto& value = text.at(place);
  if (value.kind != JsonText::Kind::kArray) {
    return fits(form, value);
  }
  auto item = place + 1;
  for (int i = 0; i < kMostItems && item < value.end; ++i, item = text.at(item).end) {
    if (fits(form, text.at(item))) {
      return true;
    }
  }
  return false;
}

Result<CompiledMessage> compile(const JsonMessage& message) {
  PointerReader pointer;
  CompiledMessage compiled{.match = pointer.conditions(message.match),
                           .where = pointer.conditions(message.where),
                           .means = message.means,
                           .symbol = {},
                           .symbol_form = JsonForm(message.symbol_form),
                           .fields = {},
                           .trade = std::nullopt,
                           .time = pointer.optional(message.time),
                           .time_unit = message.time_unit,
                           .zero_is_null = message.zero_is_null,
                           .text = pointer.optional(message.text),
                           .answer = {}};
  if (message.symbol == JsonMapping::kKey) {
    compiled.symbol_in = CompiledMessage::SymbolIn::kKey;
  } else if (!message.symbol.empty()) {
    compiled.symbol_in = CompiledMessage::SymbolIn::kValue;
    compiled.symbol = pointer(message.symbol);
  }
  for (const auto& field : message.fields) {
    compiled.fields.push_back({field.field, pointer(field.pointer), field.shift});
  }
  if (const auto& trade = message.trade) {
    compiled.trade = CompiledMessage::Trade{
        pointer(trade->price),       pointer(trade->size), pointer(trade->side),
        pointer.optional(trade->id), trade->buy,           trade->sell};
  }
  auto answer = JsonAnswer::parse(message.answer);
  if (!pointer.error().empty()) {
    return Error{pointer.error()};
  }
  if (!answer) {
    return Error{"answer: what begins with {/ must be a pointer such as {/ts}"};
  }
  compiled.answer = std::move(*answer);
  return compiled;
}

}  // namespace

bool JsonConditions::hold(const JsonText& text, JsonText::Place entry) const {
  return std::ranges::all_of(conditions_, [&](const Condition& condition) {
    const auto place = condition.at.find(text, entry);
    return place && fits(condition.form, text, *place);
  });
}

Refusal CompiledMessage::Trade::read_side(std::string_view text, market::Side& out) const {
  if (equals_ignoring_case(text, buy)) {
    out = market::Side::kBuy;
  } else if (equals_ignoring_case(text, sell)) {
    out = market::Side::kSell;
  } else {
    return Rejected::kUndecodable;
  }
  return std::nullopt;
}

Result<std::vector<CompiledGroup>> compile(const std::vector<JsonMessage>& messages) {
  std::vector<CompiledGroup> groups;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto& each = messages[i].each;
    auto compiled = compile(messages[i]);
    const auto entries = JsonPointer::parse(each.value_or(""));
    if (!compiled || !entries) {
      return Error{"messages[" + std::to_string(i) +
                   "]: " + (compiled ? not_a_pointer(*each) : compiled.error().message)};
    }
    auto group = std::ranges::find(groups, each, &CompiledGroup::each);
    if (group == groups.end()) {
      group = groups.insert(group, {each, *entries, {}});
    }
    group->messages.push_back(std::move(compiled).value());
  }
  return groups;
}

Refusal read_time(JsonMessage::TimeUnit unit, std::string_view text, Timestamp& out) {
  constexpr std::size_t kNanosecondDigits = 3;  // below a microsecond
  switch (unit) {
    case JsonMessage::TimeUnit::kSeconds:
      return read_unix_seconds(text, out);
    case JsonMessage::TimeUnit::kMilliseconds:
    case JsonMessage::TimeUnit::kMicroseconds:
      return read_unix_time(text, out);
    case JsonMessage::TimeUnit::kNanoseconds:
      return read_unix_time(text.substr(0, text.size() - std::min(text.size(), kNanosecondDigits)),
                            out);
    case JsonMessage::TimeUnit::kRfc3339:
      return read_rfc3339(text, out);
  }
  return Rejected::kUndecodable;
}

}  // namespace ticker::feed
