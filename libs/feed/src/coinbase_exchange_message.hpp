#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "record.hpp"
#include "sax.hpp"

namespace ticker::feed {

// One message of Coinbase Exchange: the values of the root object, and of `subscriptions` the
// products of the ticker channel.
class CoinbaseExchangeMessage {
 public:
  enum Slot : std::size_t {
    kType,
    kProduct,
    kSequence,
    kPrice,
    kOpen,
    kHigh,
    kLow,
    kVolume,
    kBid,
    kBidSize,
    kAsk,
    kAskSize,
    kSide,
    kTime,
    kTradeId,
    kLastSize,
    kSize,
    kMessage,
    kReason,
    kSlots
  };

  void clear() {
    values_.clear();
    tickers_.clear();
    slot_ = kSlots;
  }

  std::string_view operator[](Slot slot) const { return values_[slot]; }
  bool has(Slot slot) const { return values_.has(slot); }
  const Record<kSlots>& values() const { return values_; }
  // Products that the ticker channel is subscribed for.
  const std::vector<std::string_view>& tickers() const { return tickers_; }

  // What the parser calls.
  bool open(Shape shape, int depth) {
    slot_ = kSlots;
    if (shape == Shape::kObject && depth == kChannelDepth) {
      channel_begin_ = tickers_.size();
      channel_name_ = {};
      in_products_ = false;
    }
    return true;
  }
  bool close(Shape shape, int depth) {
    if (shape == Shape::kObject && depth == kChannelDepth && channel_name_ != "ticker") {
      tickers_.resize(channel_begin_);
    }
    return true;
  }
  bool key(std::string_view key, int depth) {
    slot_ = depth == 1 ? slot_of(kKeys, key) : kSlots;
    in_products_ = depth == kChannelDepth && key == "product_ids";
    in_name_ = depth == kChannelDepth && key == "name";
    return true;
  }
  bool value(std::string_view text, int depth) {
    if (slot_ != kSlots) {
      values_.set(slot_, text);
      const bool wanted = slot_ != kType || (text != "l2update" && text != "snapshot");
      slot_ = kSlots;
      return wanted;
    }
    if (depth == kChannelDepth && in_name_) {
      channel_name_ = text;
    } else if (depth == kChannelDepth + 1 && in_products_ && tickers_.size() < kMaxTickers) {
      tickers_.push_back(text);
    }
    return true;
  }

 private:
  static constexpr int kChannelDepth = 3;  // root, `channels`, its entries
  static constexpr std::size_t kMaxTickers = 10'000;
  static constexpr std::array<std::string_view, kSlots> kKeys{
      "type",      "product_id",    "sequence",   "price",    "open_24h",
      "high_24h",  "low_24h",       "volume_24h", "best_bid", "best_bid_size",
      "best_ask",  "best_ask_size", "side",       "time",     "trade_id",
      "last_size", "size",          "message",    "reason"};

  Record<kSlots> values_;
  std::vector<std::string_view> tickers_;
  std::size_t slot_ = kSlots;  // of the value that comes next; kSlots: not wanted
  std::size_t channel_begin_ = 0;
  std::string_view channel_name_;
  bool in_products_ = false;
  bool in_name_ = false;
};

}  // namespace ticker::feed
