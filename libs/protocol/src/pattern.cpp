#include <ticker/protocol/pattern.hpp>

#include <algorithm>
#include <cstring>

#include "json_writer.hpp"

namespace ticker::protocol {
namespace {

// memmem is linear in both lengths, which string_view::find is not.
std::size_t find_in(std::string_view text, std::string_view part) {
  const void* const found = ::memmem(text.data(), text.size(), part.data(), part.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// C0 and DEL, and C1 as UTF-8 writes it.
bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7f || c1) {
      return true;
    }
  }
  return false;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

Pattern::Pattern(std::string_view text)
    : text_(text), plain_(text.find('*') == std::string_view::npos) {
  std::size_t star = 0;
  while ((star = text.find('*')) != std::string_view::npos) {
    parts_.emplace_back(text.substr(0, star));
    text.remove_prefix(star + 1);
  }
  parts_.emplace_back(text);
}

bool Pattern::matches(std::string_view symbol) const {
  if (plain_) {
    return symbol == text_;
  }
  const std::string_view first = parts_.front();
  const std::string_view last = parts_.back();
  if (symbol.size() < first.size() + last.size() || !symbol.starts_with(first) ||
      !symbol.ends_with(last)) {
    return false;
  }
  symbol = symbol.substr(first.size(), symbol.size() - first.size() - last.size());
  // The leftmost place for each part leaves the most room for those after it, so there is nothing
  // to go back on.
  for (std::size_t part = 1; part + 1 < parts_.size(); ++part) {
    const std::size_t at = find_in(symbol, parts_[part]);
    if (at == std::string_view::npos) {
      return false;
    }
    symbol.remove_prefix(at + parts_[part].size());
  }
  return true;
}

std::string_view symbol_text_fault(std::string_view text) {
  if (text.empty()) {
    return "is empty";
  }
  if (text.size() > Pattern::kMaxText) {
    return "is longer than 128 bytes";
  }
  if (static_cast<std::size_t>(std::count(text.begin(), text.end(), '*')) > Pattern::kMaxStars) {
    return "has more than 4 stars";
  }
  if (!is_utf8(text)) {
    return "is not UTF-8";
  }
  return has_control(text) ? "has a control character" : std::string_view();
}

}  // namespace ticker::protocol
