#include "coinbase_advanced_message.hpp"

#include <algorithm>

namespace ticker::feed {
namespace {

using Message = CoinbaseAdvancedMessage;

constexpr std::array<std::string_view, Message::kEnvelopeSlots> kEnvelopeKeys{
    "channel", "timestamp", "sequence_num", "type", "message"};
constexpr std::array<std::string_view, Message::kSlots> kEntryKeys{
    "product_id",  "price",
    "volume_24_h", "low_24_h",
    "high_24_h",   "price_percent_chg_24_h",
    "best_bid",    "best_bid_quantity",
    "best_ask",    "best_ask_quantity",
    "trade_id",    "size",
    "side",        "time"};

}  // namespace

bool CoinbaseAdvancedMessage::open(Shape shape, int depth) {
  envelope_slot_ = kEnvelopeSlots;
  slot_ = kSlots;
  event_type_next_ = false;
  if (depth == kEventDepth) {
    event_begin_ = entries_.size();
    list_ = List::kOther;
    is_snapshot_ = false;
  } else if (depth == kEntryDepth && shape == Shape::kObject &&
             (list_ == List::kTickers || list_ == List::kTrades)) {
    entry_ = &entries_.emplace_back();
    entry_->is_trade = list_ == List::kTrades;
  }
  return !too_many();
}

bool CoinbaseAdvancedMessage::close(Shape, int depth) {
  if (depth == kEntryDepth) {
    entry_ = nullptr;
    in_ticker_products_ = false;
  } else if (depth == kEventDepth) {
    end_event();
  }
  return true;
}

bool CoinbaseAdvancedMessage::key(std::string_view key, int depth) {
  envelope_slot_ = depth == 1 ? slot_of(kEnvelopeKeys, key) : kEnvelopeSlots;
  slot_ = depth == kEntryDepth && entry_ != nullptr ? slot_of(kEntryKeys, key) : kSlots;
  event_type_next_ = depth == kEventDepth && key == "type";
  in_ticker_products_ =
      depth == kEventDepth + 1 && list_ == List::kSubscriptions && key == "ticker";
  if (depth == kEventDepth) {
    list_ = key == "tickers"         ? List::kTickers
            : key == "trades"        ? List::kTrades
            : key == "subscriptions" ? List::kSubscriptions
                                     : List::kOther;
    // A book of up to 6 MB: nothing behind it is needed once the envelope is known.
    return key != "updates" || !has(kChannel) || !has(kSequence);
  }
  return true;
}

bool CoinbaseAdvancedMessage::value(std::string_view text, int depth) {
  if (envelope_slot_ != kEnvelopeSlots) {
    envelope_.set(envelope_slot_, text);
    envelope_slot_ = kEnvelopeSlots;
  } else if (slot_ != kSlots) {
    entry_->values.set(slot_, text);
    slot_ = kSlots;
  } else if (event_type_next_) {
    is_snapshot_ = text == "snapshot";
    event_type_next_ = false;
  } else if (in_ticker_products_ && depth == kEntryDepth && tickers_.size() < kMaxEntries) {
    tickers_.push_back(text);
  }
  return true;
}

void CoinbaseAdvancedMessage::end_event() {
  const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(event_begin_);
  std::for_each(begin, entries_.end(), [this](Entry& entry) { entry.is_history = is_snapshot_; });
  // An event has a list of one kind; should it have both, the order between kinds does not matter.
  std::reverse(
      std::find_if(begin, entries_.end(), [](const Entry& entry) { return entry.is_trade; }),
      entries_.end());
}

}  // namespace ticker::feed
