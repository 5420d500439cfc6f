#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/market/decimal.hpp>
#include <ticker/market/field.hpp>
#include <ticker/protocol/message.hpp>

#include "json_value.hpp"

namespace ticker::protocol {

// Takes members out of one object, and remembers the first that was not as it must be.
class MemberReader {
 public:
  MemberReader(const JsonValue& object, std::string& fault) : object_(object), fault_(fault) {
    if (!object.is(JsonValue::Kind::kObject)) {
      wrong("a message or an entry", "is no object");
    }
  }

  bool has(std::string_view name) const { return object_.find(name) != nullptr; }
  bool flag(std::string_view name) { return get(name, JsonValue::Kind::kBool).truth; }
  bool flag_or(std::string_view name, bool otherwise) { return has(name) ? flag(name) : otherwise; }
  std::string text(std::string_view name) { return get(name, JsonValue::Kind::kString).text; }
  std::uint64_t number(std::string_view name) { return whole<std::uint64_t>(name); }
  std::uint32_t small_number(std::string_view name) { return whole<std::uint32_t>(name); }
  Timestamp time(std::string_view name) { return from_us(whole<std::int64_t>(name)); }
  RequestId id() {
    const JsonValue* const found = object_.find("id");
    return found == nullptr ? RequestId() : RequestId{std::string(found->raw)};
  }
  // nullptr: the member is null.
  const JsonValue* nullable(std::string_view name) {
    const JsonValue* const found = object_.find(name);
    if (found == nullptr) {
      wrong(name, "is missing");
    }
    return found == nullptr || found->is(JsonValue::Kind::kNull) ? nullptr : found;
  }
  const JsonValue& get(std::string_view name, JsonValue::Kind kind) {
    static const JsonValue nothing;
    const JsonValue* const found = object_.find(name);
    if (found == nullptr || !found->is(kind)) {
      wrong(name, found == nullptr ? "is missing" : "is of another type");
      return nothing;
    }
    return *found;
  }
  // The value that a text stands for; `from_name` gives an optional.
  template <typename FromName>
  auto named(std::string_view name, FromName&& from_name) {
    const auto found = from_name(text(name));
    if (!found) {
      wrong(name, "is not known");
    }
    return found.value_or(typename std::decay_t<decltype(found)>::value_type());
  }
  market::Decimal decimal(std::string_view name) {
    market::Decimal value;
    if (market::Decimal::parse(text(name), value) != market::Decimal::ParseResult::kOk) {
      wrong(name, "is no decimal");
    }
    return value;
  }
  std::vector<std::string> texts(std::string_view name) {
    std::vector<std::string> all;
    for (const JsonValue& item : get(name, JsonValue::Kind::kArray).items) {
      if (!item.is(JsonValue::Kind::kString)) {
        wrong(name, "holds something else than texts");
      }
      all.push_back(item.text);
    }
    return all;
  }
  market::FieldSet fields(std::string_view name) {
    market::FieldSet set;
    for (const std::string& text : texts(name)) {
      if (const auto field = market::field_from_name(text)) {
        set.add(*field);
      }
    }
    return set;
  }
  std::vector<Rejected> rejected(std::string_view name) {
    std::vector<Rejected> all;
    for (const JsonValue& item : get(name, JsonValue::Kind::kArray).items) {
      MemberReader reader(item, fault_);
      all.push_back({reader.text("symbol"), reader.named("code", error_code_from_name)});
    }
    return all;
  }
  template <typename Item, typename Read>
  std::vector<Item> list(std::string_view name, Read&& read) {
    std::vector<Item> all;
    for (const JsonValue& item : get(name, JsonValue::Kind::kArray).items) {
      MemberReader reader(item, fault_);
      all.push_back(read(reader));
    }
    return all;
  }
  MemberReader object(std::string_view name) {
    return {get(name, JsonValue::Kind::kObject), fault_};
  }
  void wrong(std::string_view name, std::string_view words) {
    if (fault_.empty()) {
      fault_.append(name).append(" ").append(words);
    }
  }

 private:
  template <typename Number>
  Number whole(std::string_view name) {
    const JsonValue& value = get(name, JsonValue::Kind::kNumber);
    Number number = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto read = std::from_chars(value.text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) {
      wrong(name, "is no whole number, or out of its range");
    }
    return number;
  }

  const JsonValue& object_;
  std::string& fault_;
};

}  // namespace ticker::protocol
