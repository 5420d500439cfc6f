#pragma once

#include <cstddef>
#include <string_view>

#include <rapidjson/reader.h>

namespace ticker::feed {

// How far a message could be read.
enum class ParseOutcome {
  kComplete,
  kStopped,     // the handler had seen enough
  kOutOfRange,  // a number that no parser can take (1e400): the rest is unread
  kMalformed,   // not JSON, or nested deeper than kMaxDepth
};

enum class Shape { kObject, kArray };

// Venues nest six deep at most; RapidJSON recurses, so that unbounded depth would be a way to crash
// us.
inline constexpr int kMaxDepth = 32;

// What RapidJSON calls, in the few words that adapters need. Handler has
//   bool open(Shape, int depth), bool close(Shape, int depth)   the root's depth is 1
//   bool key(std::string_view, int depth), bool value(std::string_view, int depth)   the depth of
//   what holds it
// where false stops the pass. Values are text: of strings and numbers their own, `true`, `false`,
// and for null the empty one.
template <typename Handler>
class SaxBridge {
 public:
  explicit SaxBridge(Handler& handler) : handler_(handler) {}

  bool Null() { return handler_.value({}, depth_); }
  bool Bool(bool value) { return handler_.value(value ? "true" : "false", depth_); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return handler_.value({text, size}, depth_);
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return handler_.value({text, size}, depth_);
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    return handler_.key({text, size}, depth_);
  }
  bool StartObject() { return open(Shape::kObject); }
  bool EndObject(rapidjson::SizeType) { return handler_.close(Shape::kObject, depth_--); }
  bool StartArray() { return open(Shape::kArray); }
  bool EndArray(rapidjson::SizeType) { return handler_.close(Shape::kArray, depth_--); }

  // Numbers come as text only.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  bool too_deep() const { return depth_ > kMaxDepth; }

 private:
  bool open(Shape shape) { return ++depth_ <= kMaxDepth && handler_.open(shape, depth_); }

  Handler& handler_;
  int depth_ = 0;
};

// One pass over `message`, which is overwritten; texts that the handler keeps point into it.
// Requires: message[size] is writable.
template <typename Handler>
ParseOutcome parse_in_situ(char* message, std::size_t size, Handler& handler) {
  constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
  message[size] = '\0';
  rapidjson::InsituStringStream stream(message);
  rapidjson::Reader reader;
  SaxBridge<Handler> bridge(handler);
  if (reader.Parse<kFlags>(stream, bridge)) {
    // A NUL within the message ends it for RapidJSON.
    return stream.Tell() == size ? ParseOutcome::kComplete : ParseOutcome::kMalformed;
  }
  switch (reader.GetParseErrorCode()) {
    case rapidjson::kParseErrorTermination:
      return bridge.too_deep() ? ParseOutcome::kMalformed : ParseOutcome::kStopped;
    case rapidjson::kParseErrorNumberTooBig:
      return ParseOutcome::kOutOfRange;
    default:
      return ParseOutcome::kMalformed;
  }
}

}  // namespace ticker::feed
