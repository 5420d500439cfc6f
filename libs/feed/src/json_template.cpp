#include "json_template.hpp"

#include <algorithm>
#include <utility>

namespace ticker::feed {
namespace {

// A venue's ping has a number or a short text in it.
constexpr std::size_t kLongestEcho = 256;

void append_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
}

}  // namespace

JsonForm::JsonForm(std::string_view form) : is_open_(form.find('*') != std::string_view::npos) {
  const auto at = std::min(form.find('*'), form.size());
  before_ = form.substr(0, at);
  after_ = form.substr(std::min(at + 1, form.size()));
}

std::optional<std::string_view> JsonForm::inside(std::string_view text) const {
  if (!is_open_) {
    return text == before_ ? std::optional(std::string_view()) : std::nullopt;
  }
  if (text.size() < before_.size() + after_.size() || !text.starts_with(before_) ||
      !text.ends_with(after_)) {
    return std::nullopt;
  }
  text.remove_prefix(before_.size());
  text.remove_suffix(after_.size());
  return text;
}

// Braces of the JSON around are followed by something else than a pointer begins with.
std::optional<JsonAnswer> JsonAnswer::parse(std::string_view text) {
  JsonAnswer answer;
  std::string before;
  while (!text.empty()) {
    const bool is_value = text.starts_with("{/") || text.starts_with("{^");
    const auto end = is_value ? text.find('}') : 0;
    if (!is_value) {
      before += text[0];
      text.remove_prefix(1);
      continue;
    }
    auto pointer =
        end == std::string_view::npos ? std::nullopt : JsonPointer::parse(text.substr(1, end - 1));
    if (!pointer) {
      return std::nullopt;
    }
    answer.parts_.push_back({std::exchange(before, {}), std::move(*pointer)});
    text.remove_prefix(end + 1);
  }
  answer.rest_ = std::move(before);
  return answer;
}

bool JsonAnswer::write(const JsonText& text, JsonText::Place entry, std::string& out) const {
  out.clear();
  for (const auto& part : parts_) {
    const auto place = part.value.find(text, entry);
    if (!place || text.at(*place).kind != JsonText::Kind::kScalar ||
        text.at(*place).text.size() > kLongestEcho) {
      return false;
    }
    out += part.before;
    append_escaped(text.at(*place).text, out);
  }
  out += rest_;
  return true;
}

}  // namespace ticker::feed
