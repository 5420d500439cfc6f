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
      forget(record.line, record.last_seq, record.version);
    } else {
      records[position % records.size()] = std::move(record);
    }
  }
  size_ = end_ - kept;
  records_ = std::move(records);
}

void TradeRing::add(const Trade& trade, const Source& source) {
  if (trade.missed_before != 0) {
    Record& gap = next(source, trade.version);
    gap.gap = true;
    gap.first_seq = trade.seq;
    gap.last_seq = trade.seq - 1;
    Gap message{std::string(source.symbol), trade.seq, std::nullopt, Gap::Source::kVenue};
    if (trade.missed_before > 0) {
      message.missed = static_cast<std::uint64_t>(trade.missed_before);
    }
    encoder_.append_message(gap.text, message);
  }
  Record& record = next(source, trade.version);
  record.gap = false;
  record.first_seq = record.last_seq = trade.seq;
  encoder_.append_trade(record.text, source.symbol, trade);
}

void TradeRing::add_lost(const Source& source, const Lost& lost) {
  Record& gap = next(source, lost.by);
  gap.gap = true;
  gap.first_seq = lost.from_seq;
  gap.last_seq = lost.from_seq + lost.missed - 1;
  gap.lost_after = lost.after;
  encoder_.append_message(
      gap.text, Gap{std::string(source.symbol), lost.from_seq, lost.missed, Gap::Source::kClient});
}

void TradeRing::add_jump(const Source& source, std::uint64_t seq, Version version) {
  Record& gap = next(source, version);
  gap.gap = true;
  gap.first_seq = seq + 1;
  gap.last_seq = seq;
  encoder_.append_message(
      gap.text, Gap{std::string(source.symbol), 0, std::nullopt, Gap::Source::kClient});
}

void TradeRing::clear() {
  size_ = 0;
  forgotten_.clear();
}

void TradeRing::forget(InstrumentId line, std::uint64_t seq, Version version) {
  if (line >= forgotten_.size()) {
    forgotten_.resize(line + 1);
  }
  forgotten_[line] = {seq, version};
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

std::uint64_t TradeRing::forgotten_seq(InstrumentId line) const {
  return line < forgotten_.size() ? forgotten_[line].seq : 0;
}

Version TradeRing::forgotten_version(InstrumentId line) const {
  return line < forgotten_.size() ? forgotten_[line].version : 0;
}

TradeRing::Record& TradeRing::next(const Source& source, Version version) {
  Record& record = records_[end_ % records_.size()];
  if (size_ == records_.size()) {
    forget(record.line, record.last_seq, record.version);
  } else {
    ++size_;
  }
  ++end_;
  record.version = version;
  record.lost_after = version;
  record.instrument = source.instrument;
  record.line = source.line;
  record.symbol.assign(source.symbol);
  record.text.clear();
  return record;
}

}  // namespace ticker::hub
