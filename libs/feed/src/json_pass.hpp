#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace ticker::feed {

// How far a message could be read.
enum class ParseOutcome {
  kComplete,
  kUnwanted,    // the adapter had seen enough
  kOutOfRange,  // more entries or values than any message that makes sense has
  kMalformed,   // not JSON, or nested deeper than kMaxDepth
};

// Venues nest six deep at most; the pass recurses, so that unbounded depth would be a way to crash
// us.
inline constexpr std::size_t kMaxDepth = 32;

// Undoes the escapes of a string, in its place. `at`: the first backslash, where `out` begins too
// and comes to stand behind the text. Gives the closing quote; nullptr: there is none, or something
// before it that may not be. Requires: a NUL ends what can be read.
char* unescape(char* at, char*& out);

// One pass over a JSON text (RFC 8259) in its own bytes, that tells a handler what it meets, in the
// order of the text:
//   bool key(text)         of the value that follows
//   bool scalar(text)      a string; a number, `true` or `false` as they are written
//   bool null()
//   bool open(is_array)    nothing is opened in what is kMaxDepth deep
//   bool close()
//   ParseOutcome reason()  why one of these returned false, which ends the pass
// Texts point into the message. Bytes beyond ASCII are taken as they are.
template <typename Handler>
class JsonPass {
 public:
  // Requires: text[size] is writable.
  static ParseOutcome run(char* text, std::size_t size, Handler& handler) {
    text[size] = '\0';  // is part of no value: each ends there
    JsonPass pass(text + size, handler);
    const char* const end = pass.value(after_space(text));
    return pass.stopped_                                     ? handler.reason()
           : end != nullptr && after_space(end) == pass.end_ ? ParseOutcome::kComplete
                                                             : ParseOutcome::kMalformed;
  }

 private:
  JsonPass(const char* end, Handler& handler) : end_(end), handler_(handler) {}

  // These get the place where something begins and give the one behind it; nullptr: the pass ends.
  // Few instructions, and branches that are guessed right, are what makes this fast: looking at
  // eight bytes at once was slower, because what follows has to wait for its result.

  [[gnu::always_inline]] char* value(char* at) {
    std::string_view text;
    switch (*at) {
      case '"':
        at = string(at, text);
        break;
      case '{':
        return object(at);
      case '[':
        return array(at);
      case 't':
        at = literal(at, text = "true");
        break;
      case 'f':
        at = literal(at, text = "false");
        break;
      case 'n':
        at = literal(at, "null");
        return at == nullptr ? nullptr : unless_stopped(handler_.null(), at);
      default:
        at = number(at, text);
    }
    return at == nullptr ? nullptr : unless_stopped(handler_.scalar(text), at);
  }

  [[gnu::noinline]] char* object(char* at) {
    if (!begin(false)) {
      return nullptr;
    }
    at = after_space(at + 1);
    if (*at == '}') {
      return end(at);
    }
    for (;; at = after_space(at + 1)) {
      std::string_view key;
      at = *at == '"' ? string(at, key) : nullptr;
      if (at == nullptr || !unless_stopped(handler_.key(key), at)) {
        return nullptr;
      }
      at = after_space(at);
      if (*at != ':') {
        return nullptr;
      }
      at = value(after_space(at + 1));
      if (at == nullptr) {
        return nullptr;
      }
      at = after_space(at);
      if (*at != ',') {
        return *at == '}' ? end(at) : nullptr;
      }
    }
  }

  [[gnu::noinline]] char* array(char* at) {
    if (!begin(true)) {
      return nullptr;
    }
    at = after_space(at + 1);
    if (*at == ']') {
      return end(at);
    }
    for (;; at = after_space(at + 1)) {
      at = value(at);
      if (at == nullptr) {
        return nullptr;
      }
      at = after_space(at);
      if (*at != ',') {
        return *at == ']' ? end(at) : nullptr;
      }
    }
  }

  bool begin(bool is_array) {
    if (depth_ == kMaxDepth) {
      return false;
    }
    ++depth_;
    stopped_ = !handler_.open(is_array);
    return !stopped_;
  }
  char* end(char* at) {
    --depth_;
    return unless_stopped(handler_.close(), at + 1);
  }

  [[gnu::always_inline]] static char* string(char* at, std::string_view& text) {
    char* const begin = at + 1;
    at = begin;
    while (kIsPlain[static_cast<unsigned char>(*at)]) {
      ++at;
    }
    char* end = at;
    if (*at == '\\') {
      at = unescape(at, end);
    }
    text = {begin, static_cast<std::size_t>(end - begin)};
    return at != nullptr && *at == '"' ? at + 1 : nullptr;
  }

  [[gnu::always_inline]] static char* number(char* at, std::string_view& text) {
    char* const begin = at;
    at += *at == '-' ? 1 : 0;
    char* const digits = at;
    at = after_digits(at);
    if (at == digits || (*digits == '0' && at - digits > 1)) {
      return nullptr;
    }
    if (*at == '.' || *at == 'e' || *at == 'E') {
      at = after_fraction(at);
      if (at == nullptr) {
        return nullptr;
      }
    }
    text = {begin, static_cast<std::size_t>(at - begin)};
    return at;
  }

  // The digits behind a point, an exponent, or both.
  static char* after_fraction(char* at) {
    if (*at == '.') {
      char* const fraction = at + 1;
      at = after_digits(fraction);
      if (at == fraction) {
        return nullptr;
      }
    }
    if (*at == 'e' || *at == 'E') {
      ++at;
      char* const exponent = at + (*at == '-' || *at == '+' ? 1 : 0);
      at = after_digits(exponent);
      if (at == exponent) {
        return nullptr;
      }
    }
    return at;
  }

  static char* after_digits(char* at) {
    while (*at >= '0' && *at <= '9') {
      ++at;
    }
    return at;
  }

  char* literal(char* at, std::string_view word) const {
    const std::string_view rest(at, static_cast<std::size_t>(end_ - at));
    return rest.starts_with(word) ? at + word.size() : nullptr;
  }

  template <typename Char>
  static Char* after_space(Char* at) {
    while (static_cast<unsigned char>(*at) <= ' ' &&
           (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
      ++at;
    }
    return at;
  }

  char* unless_stopped(bool goes_on, char* at) {
    if (goes_on) {
      return at;
    }
    stopped_ = true;
    return nullptr;
  }

  // Bytes of a string that stand for themselves.
  static constexpr auto kIsPlain = [] {
    std::array<bool, 256> plain{};
    for (std::size_t c = ' '; c < plain.size(); ++c) {
      plain[c] = c != '"' && c != '\\';
    }
    return plain;
  }();

  const char* const end_;
  Handler& handler_;
  std::size_t depth_ = 0;
  bool stopped_ = false;
};

}  // namespace ticker::feed
