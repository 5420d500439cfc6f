#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "record.hpp"
#include "sax.hpp"

namespace ticker::feed {

// One message of Coinbase Advanced Trade: the envelope, and the entries of `events[].tickers[]` and
// `events[].trades[]`, whatever the order of keys.
class CoinbaseAdvancedMessage {
 public:
  enum Envelope : std::size_t { kChannel, kTimestamp, kSequence, kType, kMessage, kEnvelopeSlots };
  enum Slot : std::size_t {
    kProduct,
    kPrice,
    kVolume,
    kLow,
    kHigh,
    kChangePercent,
    kBid,
    kBidSize,
    kAsk,
    kAskSize,
    kTradeId,
    kSize,
    kSide,
    kTime,
    kSlots
  };
  struct Entry {
    Record<kSlots> values;
    bool is_trade;
    bool is_history;  // of an event that is a snapshot
  };

  void clear() {
    envelope_.clear();
    entries_.clear();
    tickers_.clear();
    entry_ = nullptr;
    envelope_slot_ = kEnvelopeSlots;
  }

  std::string_view operator[](Envelope slot) const { return envelope_[slot]; }
  bool has(Envelope slot) const { return envelope_.has(slot); }
  // In the order in which they are to be passed on: of the trades in one event the newest comes
  // first on the wire, and last here.
  const std::vector<Entry>& entries() const { return entries_; }
  // The pass was stopped at a message longer than any that makes sense.
  bool too_many() const { return entries_.size() == kMaxEntries; }
  // Products that the ticker channel is subscribed for.
  const std::vector<std::string_view>& tickers() const { return tickers_; }

  // What the parser calls.
  bool open(Shape shape, int depth);
  bool close(Shape shape, int depth);
  bool key(std::string_view key, int depth);
  bool value(std::string_view text, int depth);

 private:
  // What an event's member holds.
  enum class List { kOther, kTickers, kTrades, kSubscriptions };
  static constexpr int kEventDepth = 3;  // root, `events`, its entries
  static constexpr int kEntryDepth = 5;  // the event, its list, the entry
  static constexpr std::size_t kMaxEntries = 10'000;

  void end_event();

  Record<kEnvelopeSlots> envelope_;
  std::vector<Entry> entries_;
  std::vector<std::string_view> tickers_;
  std::size_t envelope_slot_ = kEnvelopeSlots;  // of the value that comes next, if any
  Entry* entry_ = nullptr;                      // being read
  std::size_t slot_ = kSlots;                   // in it, of the value that comes next
  std::size_t event_begin_ = 0;                 // its first entry
  List list_ = List::kOther;
  bool event_type_next_ = false;
  bool in_ticker_products_ = false;
  bool is_snapshot_ = false;
};

}  // namespace ticker::feed
