#include "json_value.hpp"

#include <algorithm>

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace ticker::protocol {
namespace {

constexpr std::size_t kMaxDepth = 32;

class Builder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Builder> {
 public:
  Builder(std::string_view bytes, const rapidjson::MemoryStream& stream)
      : bytes_(bytes), stream_(stream) {}

  bool Null() { return put(JsonValue::Kind::kNull) != nullptr; }
  bool Bool(bool truth) {
    put(JsonValue::Kind::kBool)->truth = truth;
    return true;
  }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return scalar(JsonValue::Kind::kNumber, {text, size});
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return scalar(JsonValue::Kind::kString, {text, size});
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    key_.assign(text, size);
    value_from_ = stream_.Tell();
    return true;
  }
  bool StartObject() { return open(JsonValue::Kind::kObject); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool StartArray() { return open(JsonValue::Kind::kArray); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  JsonValue take() { return std::move(root_); }

 private:
  JsonValue* put(JsonValue::Kind kind) {
    JsonValue* value = &root_;
    if (!open_.empty()) {
      JsonValue& parent = *open_.back();
      value = parent.kind == JsonValue::Kind::kArray
                  ? &parent.items.emplace_back()
                  : &parent.members.emplace_back(key_, JsonValue()).second;
    }
    value->kind = kind;
    return value;
  }
  bool scalar(JsonValue::Kind kind, std::string_view text) {
    JsonValue& value = *put(kind);
    value.text = text;
    value.raw = bytes_.substr(value_from_, stream_.Tell() - value_from_);
    value.raw.remove_prefix(std::min(value.raw.find_first_not_of(" \t\r\n:,"), value.raw.size()));
    value_from_ = stream_.Tell();
    return true;
  }
  // Pointers stay good: only the innermost open value grows.
  bool open(JsonValue::Kind kind) {
    if (open_.size() >= kMaxDepth) {
      return false;
    }
    open_.push_back(put(kind));
    value_from_ = stream_.Tell();
    return true;
  }
  bool close() {
    open_.pop_back();
    value_from_ = stream_.Tell();
    return true;
  }

  const std::string_view bytes_;
  const rapidjson::MemoryStream& stream_;
  JsonValue root_;
  std::vector<JsonValue*> open_;
  std::string key_;
  std::size_t value_from_ = 0;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const auto& member) { return member.first == name; });
  return found == members.end() ? nullptr : &found->second;
}

std::optional<JsonValue> parse_json(std::string_view bytes, std::string& fault) {
  if (bytes.find('\0') != std::string_view::npos) {
    fault = "not JSON: it holds a NUL byte";
    return std::nullopt;
  }
  rapidjson::MemoryStream stream(bytes.data(), bytes.size());
  Builder builder(bytes, stream);
  rapidjson::Reader reader;
  constexpr unsigned kFlags =
      rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
  if (result.IsError()) {
    fault = result.Code() == rapidjson::kParseErrorTermination
                ? "nested too deeply"
                : std::string("not JSON: ") + rapidjson::GetParseError_En(result.Code());
    return std::nullopt;
  }
  return builder.take();
}

}  // namespace ticker::protocol
