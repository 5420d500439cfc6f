#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ticker::protocol {

// A symbol text as a request names it: a plain name, or a pattern in which `*` stands for any run
// of characters.
class Pattern {
 public:
  static constexpr std::size_t kMaxText = 128;  // bytes
  static constexpr std::size_t kMaxStars = 4;

  // Requires: symbol_text_fault(text) is empty.
  explicit Pattern(std::string_view text);

  // No star: names one instrument.
  bool is_plain() const { return plain_; }
  const std::string& text() const { return text_; }
  // Linear in the length of `symbol`, whatever the pattern.
  bool matches(std::string_view symbol) const;

 private:
  std::string text_;
  std::vector<std::string> parts_;  // what stands between the stars: one more than there are stars
  bool plain_;
};

// Why `text` can't be a symbol or pattern of a request, in words that follow its name; empty: it
// can. Symbols are UTF-8 without control characters, 1 to Pattern::kMaxText bytes, with at most
// Pattern::kMaxStars stars.
std::string_view symbol_text_fault(std::string_view text);

}  // namespace ticker::protocol
