#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "record.hpp"
#include "sax.hpp"

namespace ticker::feed {

// One message of Kraken v1: an event (an object), or data: `[id, payload, "channel", "PAIR"]`,
// where the payload of a ticker is an object of arrays and that of trades an array of arrays. A
// book message may have two payloads.
class KrakenV1Message {
 public:
  enum EventSlot : std::size_t { kEvent, kStatus, kPair, kErrorMessage, kEventSlots };
  enum TickerSlot : std::size_t {
    kBid,
    kBidSize,
    kAsk,
    kAskSize,
    kLast,
    kLastSize,
    kOpen,
    kHigh,
    kLow,
    kVolume,
    kVwap,
    kTickerSlots
  };
  enum TradeSlot : std::size_t { kPrice, kSize, kTime, kSide, kTradeSlots };
  using Trade = Record<kTradeSlots>;

  void clear() {
    event_.clear();
    ticker_.clear();
    trades_.clear();
    channel_ = pair_ = {};
    scalars_ = 0;
    is_event_ = has_ticker_ = in_trade_ = false;
    event_slot_ = kEventSlots;
    ticker_key_ = 0;
  }

  bool is_event() const { return is_event_; }
  std::string_view operator[](EventSlot slot) const { return event_[slot]; }
  // Empty unless the message has the shape above.
  std::string_view channel() const { return scalars_ == 3 ? channel_ : std::string_view(); }
  std::string_view pair() const { return pair_; }
  bool has_ticker() const { return has_ticker_; }
  const Record<kTickerSlots>& ticker() const { return ticker_; }
  const std::vector<Trade>& trades() const { return trades_; }

  // What the parser calls.
  bool open(Shape shape, int depth) {
    event_slot_ = kEventSlots;
    if (depth == 1) {
      is_event_ = shape == Shape::kObject;
    } else if (depth == 2 && !is_event_) {
      has_ticker_ = shape == Shape::kObject;
    } else if (depth == kItemsDepth && !is_event_) {
      index_ = 0;
      in_trade_ = !has_ticker_ && shape == Shape::kArray;
      if (in_trade_) {
        trades_.emplace_back();
      }
    }
    return trades_.size() < kMaxTrades;
  }
  bool close(Shape, int depth) {
    if (depth == kItemsDepth) {
      in_trade_ = false;
      ticker_key_ = 0;
    }
    return true;
  }
  bool key(std::string_view key, int depth) {
    event_slot_ = is_event_ && depth == 1 ? event_slot(key) : std::size_t{kEventSlots};
    ticker_key_ = !is_event_ && depth == 2 && key.size() == 1 ? key[0] : '\0';
    return true;
  }
  bool value(std::string_view text, int depth) {
    if (event_slot_ != kEventSlots) {
      event_.set(event_slot_, text);
      event_slot_ = kEventSlots;
    } else if (depth == 1) {
      channel_ = std::exchange(pair_, text);  // the last two of the array
      ++scalars_;
    } else if (depth == kItemsDepth && in_trade_) {
      if (index_ < kTradeSlots) {
        trades_.back().set(index_, text);
      }
      ++index_;
    } else if (depth == kItemsDepth && ticker_key_ != 0) {
      if (const auto slot = ticker_slot(ticker_key_, index_); slot != kTickerSlots) {
        ticker_.set(slot, text);
      }
      ++index_;
    }
    return true;
  }

 private:
  static constexpr int kItemsDepth = 3;  // root, payload, its arrays
  static constexpr std::size_t kMaxTrades = 10'000;

  static std::size_t event_slot(std::string_view key) {
    constexpr std::array<std::string_view, kEventSlots> kKeys{"event", "status", "pair",
                                                              "errorMessage"};
    return key == "Error" ? std::size_t{kErrorMessage} : slot_of(kKeys, key);
  }
  // `a`, `b`: price, whole lots, lots; `c`: price, lots; the others: today, last 24 hours.
  static std::size_t ticker_slot(char key, std::size_t index) {
    switch (key) {
      case 'a':
        return index == 0 ? kAsk : index == 2 ? kAskSize : kTickerSlots;
      case 'b':
        return index == 0 ? kBid : index == 2 ? kBidSize : kTickerSlots;
      case 'c':
        return index == 0 ? kLast : index == 1 ? kLastSize : kTickerSlots;
      default:
        break;
    }
    if (index != 1) {
      return kTickerSlots;
    }
    return key == 'o'   ? kOpen
           : key == 'h' ? kHigh
           : key == 'l' ? kLow
           : key == 'v' ? kVolume
           : key == 'p' ? kVwap
                        : kTickerSlots;
  }

  Record<kEventSlots> event_;
  Record<kTickerSlots> ticker_;
  std::vector<Trade> trades_;
  std::string_view channel_;
  std::string_view pair_;
  std::size_t scalars_ = 0;  // of the root array: id, channel, pair
  bool is_event_ = false;
  bool has_ticker_ = false;  // the payload is an object
  bool in_trade_ = false;
  std::size_t event_slot_ = kEventSlots;  // of the value that comes next, if any
  char ticker_key_ = 0;                   // of the ticker's array being read
  std::size_t index_ = 0;                 // in the array being read
};

}  // namespace ticker::feed
