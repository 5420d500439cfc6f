#include "trade_ring.hpp"

#include <algorithm>

#include <ticker/protocol/message.hpp>

namespace ticker::hub {

using market::InstrumentId;
using market::Trade;
using market::Version;
using protocol::Gap;

namespace {

constexpr std::size_t kLeastCapacity = 2;  // a trade, and the gap before it

}  // namespace

TradeRing::TradeRing(const protocol::Encoder& encoder, std::size_t capacity)
    : encoder_(encoder), records_(std::max(capacity, kLeastCapacity)) {}

void TradeRing::resize(std::size_t capacity) {
  std::vector<Record> records(std::max(capacity, kLeastCapacity));
  const Position kept = end_ - std::min(size_, records.size());
  for (Position position = begin(); position < end_; ++position) {
    Record& record = records_[position % records_.size()];
    if (position < kept) {
      forget(record.instrument, record.last_seq, record.version);
    } else {
      records[position % records.size()] = std::move(record);
    }
  }
  size_ = end_ - kept;
  records_ = std::move(records);
}

void TradeRing::add(const Trade& trade, std::string_view symbol) {
  if (trade.missed_before != 0) {
    Record& gap = next(trade.instrument, symbol, trade.version);
    gap.gap = true;
    gap.first_seq = trade.seq;
    gap.last_seq = trade.seq - 1;
    Gap message{std::string(symbol), trade.seq, std::nullopt, Gap::Source::kVenue};
    if (trade.missed_before > 0) {
      message.missed = static_cast<std::uint64_t>(trade.missed_before);
    }
    encoder_.append_message(gap.text, message);
  }
  Record& record = next(trade.instrument, symbol, trade.version);
  record.gap = false;
  record.first_seq = record.last_seq = trade.seq;
  encoder_.append_trade(record.text, symbol, trade);
}

void TradeRing::add_lost(InstrumentId instrument, std::string_view symbol, const Lost& lost) {
  Record& gap = next(instrument, symbol, lost.by);
  gap.gap = true;
  gap.first_seq = lost.from_seq;
  gap.last_seq = lost.from_seq + lost.missed - 1;
  gap.lost_after = lost.after;
  encoder_.append_message(
      gap.text, Gap{std::string(symbol), lost.from_seq, lost.missed, Gap::Source::kClient});
}

void TradeRing::clear() {
  size_ = 0;
  forgotten_.clear();
}

void TradeRing::forget(InstrumentId instrument, std::uint64_t seq, Version version) {
  if (instrument >= forgotten_.size()) {
    forgotten_.resize(instrument + 1);
  }
  forgotten_[instrument] = {seq, version};
}

TradeRing::Position TradeRing::after(Version version) const {
  Position low = begin();
  Position high = end();
  while (low < high) {
    const Position middle = low + (high - low) / 2;
    if (at(middle).version > version) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

std::uint64_t TradeRing::forgotten_seq(InstrumentId instrument) const {
  return instrument < forgotten_.size() ? forgotten_[instrument].seq : 0;
}

Version TradeRing::forgotten_version(InstrumentId instrument) const {
  return instrument < forgotten_.size() ? forgotten_[instrument].version : 0;
}

TradeRing::Record& TradeRing::next(InstrumentId instrument, std::string_view symbol,
                                   Version version) {
  Record& record = records_[end_ % records_.size()];
  if (size_ == records_.size()) {
    forget(record.instrument, record.last_seq, record.version);
  } else {
    ++size_;
  }
  ++end_;
  record.version = version;
  record.lost_after = version;
  record.instrument = instrument;
  record.symbol.assign(symbol);
  record.text.clear();
  return record;
}

}  // namespace ticker::hub
