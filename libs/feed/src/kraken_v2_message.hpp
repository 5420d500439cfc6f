#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "record.hpp"
#include "sax.hpp"

namespace ticker::feed {

// One message of Kraken v2: the values of the root object and of `result`, and the entries of
// `data[]`.
class KrakenV2Message {
 public:
  enum RootSlot : std::size_t {
    kChannel,
    kType,
    kMethod,
    kSuccess,
    kError,
    kRefusedSymbol,
    kResultSymbol,
    kRootSlots
  };
  enum Slot : std::size_t {
    kSymbol,
    kBid,
    kBidSize,
    kAsk,
    kAskSize,
    kLast,
    kVolume,
    kVwap,
    kLow,
    kHigh,
    kChange,
    kChangePercent,
    kTimestamp,
    kSide,
    kPrice,
    kSize,
    kTradeId,
    kSystem,
    kSlots
  };
  using Entry = Record<kSlots>;

  void clear() {
    root_.clear();
    entries_.clear();
    root_slot_ = kRootSlots;
    slot_ = kSlots;
    in_data_ = in_result_ = in_entry_ = false;
  }

  std::string_view operator[](RootSlot slot) const { return root_[slot]; }
  bool has(RootSlot slot) const { return root_.has(slot); }
  const std::vector<Entry>& entries() const { return entries_; }
  // The pass was stopped at a message longer than any that makes sense.
  bool too_many() const { return entries_.size() == kMaxEntries; }

  // What the parser calls.
  bool open(Shape shape, int depth) {
    root_slot_ = kRootSlots;
    slot_ = kSlots;
    if (in_data_ && depth == kEntryDepth && shape == Shape::kObject) {
      entries_.emplace_back();
      in_entry_ = true;
    }
    return !too_many();
  }
  bool close(Shape, int depth) {
    in_entry_ = in_entry_ && depth != kEntryDepth;
    return true;
  }
  bool key(std::string_view key, int depth) {
    root_slot_ = kRootSlots;
    slot_ = kSlots;
    if (depth == 1) {
      root_slot_ = root_slot(key);
      in_data_ = key == "data";
      in_result_ = key == "result";
      return !in_data_ || !has(kChannel) || is_wanted_channel();
    }
    if (depth == 2 && in_result_ && key == "symbol") {
      root_slot_ = kResultSymbol;
    } else if (depth == kEntryDepth && in_entry_) {
      slot_ = slot_of(kKeys, key);
    }
    return true;
  }
  bool value(std::string_view text, int) {
    if (root_slot_ != kRootSlots) {
      root_.set(root_slot_, text);
      root_slot_ = kRootSlots;
    } else if (slot_ != kSlots) {
      entries_.back().set(slot_, text);
      slot_ = kSlots;
    }
    return true;
  }

 private:
  static constexpr int kEntryDepth = 3;  // root, `data`, its entries
  static constexpr std::size_t kMaxEntries = 10'000;
  static constexpr std::array<std::string_view, kResultSymbol> kRootKeys{
      "channel", "type", "method", "success", "error", "symbol"};
  static constexpr std::array<std::string_view, kSlots> kKeys{
      "symbol",    "bid",  "bid_qty", "ask",  "ask_qty",  "last",
      "volume",    "vwap", "low",     "high", "change",   "change_pct",
      "timestamp", "side", "price",   "qty",  "trade_id", "system"};

  static std::size_t root_slot(std::string_view key) {
    const auto slot = slot_of(kRootKeys, key);
    return slot < kRootKeys.size() ? slot
           : key == "Error"        ? std::size_t{kError}
                                   : std::size_t{kRootSlots};
  }

  bool is_wanted_channel() const {
    const auto channel = root_[kChannel];
    return channel == "ticker" || channel == "trade" || channel == "status" ||
           channel == "heartbeat";
  }

  Record<kRootSlots> root_;
  std::vector<Entry> entries_;
  std::size_t root_slot_ = kRootSlots;  // of the value that comes next, if any
  std::size_t slot_ = kSlots;           // in the entry
  bool in_data_ = false;
  bool in_result_ = false;
  bool in_entry_ = false;
};

}  // namespace ticker::feed
