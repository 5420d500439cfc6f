#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json_text.hpp"

namespace ticker::feed {

// A text in which one `*` stands for any other: `market.*.ticker`. None: it is the whole text.
class JsonForm {
 public:
  explicit JsonForm(std::string_view form);
  // What stands where the `*` does (nothing, where there is none); nullopt: the text has another
  // form.
  std::optional<std::string_view> inside(std::string_view text) const;

 private:
  std::string before_;
  std::string after_;
  bool is_open_;
};

// What is sent back for a message: `{"op":"pong","ts":{/ts}}`.
class JsonAnswer {
 public:
  // nullopt: what stands in braces is no pointer.
  static std::optional<JsonAnswer> parse(std::string_view text);

  bool empty() const { return parts_.empty() && rest_.empty(); }
  // False: the message has no such value, or one that is too long to be sent back.
  bool write(const JsonText& text, JsonText::Place entry, std::string& out) const;

 private:
  struct Part {
    std::string before;
    JsonPointer value;
  };
  std::vector<Part> parts_;
  std::string rest_;
};

}  // namespace ticker::feed
