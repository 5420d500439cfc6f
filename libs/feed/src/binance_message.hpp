#pragma once

#include <cstddef>
#include <string_view>

#include "record.hpp"
#include "sax.hpp"

namespace ticker::feed {

// One Binance message in one pass: the values of the event object, `data` of a combined stream or
// else the root, by their one-letter keys in whatever order, and those few of the root that control
// messages have.
class BinanceMessage {
 public:
  enum Slot : std::size_t {
    kStream = 58,
    kResult,
    kCode,
    kMsg,
    kId,
    kData
  };  // after the letters 'A' to 'z'
  static constexpr std::size_t slot(char letter) { return static_cast<std::size_t>(letter - 'A'); }

  void clear() {
    texts_.clear();
    slot_ = kNone;
    in_data_ = false;
  }

  std::string_view operator[](char letter) const { return texts_[slot(letter)]; }
  bool has(char letter) const { return texts_.has(slot(letter)); }
  std::string_view operator[](Slot slot) const { return texts_[slot]; }
  bool has(Slot slot) const { return texts_.has(slot); }
  const Record<64>& texts() const { return texts_; }

  // What the parser calls.
  bool open(Shape shape, int depth) {
    in_data_ = in_data_ || (slot_ == kData && depth == 2 && shape == Shape::kObject);
    if (slot_ == kResult) {
      texts_.set(kResult, {});
    }
    slot_ = kNone;
    return true;
  }
  bool close(Shape, int) { return true; }
  bool key(std::string_view key, int depth) {
    slot_ = kNone;
    if (key.size() == 1 && key[0] >= 'A' && key[0] <= 'z' && depth == (in_data_ ? 2 : 1)) {
      slot_ = slot(key[0]);
    } else if (key.size() > 1 && depth <= 2) {
      slot_ = long_slot(key, depth);
    }
    // The one that a REST depth snapshot begins with: up to 64 KB that nobody needs.
    return depth != 1 || key != "lastUpdateId";
  }
  bool value(std::string_view text, int) {
    if (slot_ == kNone) {
      return true;
    }
    texts_.set(slot_, text);
    // The name of the stream, or of the event, tells early what needs no reading.
    const bool wanted = (slot_ != kStream || is_wanted_stream(text)) &&
                        (slot_ != slot('e') || text != "depthUpdate");
    slot_ = kNone;
    return wanted;
  }

 private:
  static constexpr std::size_t kNone = 64;

  static std::size_t long_slot(std::string_view key, int depth) {
    if (depth == 1) {
      return key == "stream"   ? kStream
             : key == "data"   ? kData
             : key == "result" ? kResult
             : key == "id"     ? kId
                               : error_slot(key);
    }
    return error_slot(key);
  }
  static std::size_t error_slot(std::string_view key) {
    return key == "code" ? kCode : key == "msg" ? kMsg : kNone;
  }

  // `btcusdt@bookTicker`; `!serverShutdown` has no second part.
  static bool is_wanted_stream(std::string_view stream) {
    const auto at = stream.find('@');
    const auto kind = at == std::string_view::npos ? std::string_view() : stream.substr(at + 1);
    return kind.empty() || kind == "bookTicker" || kind == "trade" || kind == "aggTrade" ||
           kind == "miniTicker" || kind == "ticker";
  }

  Record<64> texts_;
  std::size_t slot_ = kNone;  // of the value that comes next; kNone: not wanted
  bool in_data_ = false;
};

}  // namespace ticker::feed
