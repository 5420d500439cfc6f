#include "json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace ticker::feed {
namespace {

// `~1` is a slash and `~0` a tilde.
std::optional<std::string> unescaped(std::string_view step) {
  std::string text;
  for (std::size_t i = 0; i < step.size(); ++i) {
    if (step[i] != '~') {
      text += step[i];
      continue;
    }
    if (++i == step.size() || (step[i] != '0' && step[i] != '1')) {
      return std::nullopt;
    }
    text += step[i] == '0' ? '~' : '/';
  }
  return text;
}

}  // namespace

// What the pass calls.
class JsonText::Collector {
 public:
  explicit Collector(JsonText& text) : values_(text.values_), max_values_(text.max_values_) {}

  bool key(std::string_view text) {
    key_ = text;
    return true;
  }
  bool scalar(std::string_view text) { return add(text, Kind::kScalar); }
  bool null() { return add({}, Kind::kNull); }
  bool open(bool is_array) {
    open_[depth_++] = static_cast<Place>(values_.size());
    return add({}, is_array ? Kind::kArray : Kind::kObject);
  }
  bool close() {
    values_[open_[--depth_]].end = static_cast<Place>(values_.size());
    return true;
  }

  // Why the pass was stopped.
  ParseOutcome reason() const { return ParseOutcome::kOutOfRange; }

 private:
  bool add(std::string_view text, Kind kind) {
    if (values_.size() == max_values_) {
      return false;
    }
    values_.push_back(
        {std::exchange(key_, {}), text, static_cast<Place>(values_.size() + 1), kind});
    return true;
  }

  std::vector<Value>& values_;
  const std::size_t max_values_;
  std::string_view key_;  // of the value that comes next
  std::size_t depth_ = 0;
  std::array<Place, kMaxDepth> open_{};  // filled as far as depth_
};

ParseOutcome JsonText::parse(char* text, std::size_t size) {
  values_.clear();
  Collector collector(*this);
  return JsonPass<Collector>::run(text, size, collector);
}

std::optional<JsonPointer> JsonPointer::parse(std::string_view text) {
  JsonPointer pointer;
  if (text.starts_with('^')) {
    pointer.from_message_ = true;
    text.remove_prefix(1);
  }
  if (!text.empty() && text[0] != '/') {
    return std::nullopt;
  }
  while (!text.empty()) {
    text.remove_prefix(1);
    const auto size = std::min(text.find('/'), text.size());
    auto step = unescaped(text.substr(0, size));
    if (!step) {
      return std::nullopt;
    }
    pointer.steps_.push_back(std::move(*step));
    text.remove_prefix(size);
  }
  return pointer;
}

std::optional<JsonText::Place> JsonPointer::find(const JsonText& text,
                                                 JsonText::Place entry) const {
  auto place = from_message_ ? JsonText::kRoot : entry;
  for (const auto& step : steps_) {
    std::optional<JsonText::Place> found;
    if (text.at(place).kind == JsonText::Kind::kObject) {
      text.for_each_in(place, [&](JsonText::Place inside) {
        if (!found && text.at(inside).key == step) {
          found = inside;
        }
      });
    } else if (text.at(place).kind == JsonText::Kind::kArray) {
      std::size_t index = 0;
      const auto* const end = step.data() + step.size();
      const auto read = std::from_chars(step.data(), end, index);
      const bool is_index = read.ec == std::errc() && read.ptr == end;
      text.for_each_in(place, [&](JsonText::Place inside) {
        if (is_index && index-- == 0) {
          found = inside;
        }
      });
    }
    if (!found) {
      return std::nullopt;
    }
    place = *found;
  }
  return place;
}

}  // namespace ticker::feed
