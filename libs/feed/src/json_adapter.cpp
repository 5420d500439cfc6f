#include "json_adapter.hpp"

#include <algorithm>
#include <utility>

namespace ticker::feed {

void JsonAdapter::decode(char* message, std::size_t size, Timestamp receive_time, Sink& sink) {
  const auto outcome = message_.parse(message, size);
  update_.receive_time = trade_.receive_time = receive_time;
  switch (outcome) {
    case ParseOutcome::kComplete:
      return read(sink);
    case ParseOutcome::kUnwanted:
      return pass_over(sink);
    case ParseOutcome::kOutOfRange:
      return sink.rejected(Rejected::kOutOfRange);
    case ParseOutcome::kMalformed:
      return sink.rejected(Rejected::kUndecodable);
  }
}

Refusal JsonAdapter::ticker(market::InstrumentId instrument, const Record& record,
                            std::span<const FieldSource> sources, Timestamp exchange_time,
                            Sink& sink, Extent extent) {
  update_.values.clear();
  const auto refusal = read_fields(record, sources, update_.values);
  if (refusal && extent == Extent::kWhole) {
    return refusal;
  }
  for (std::size_t i = 0; refusal && i < sources.size(); ++i) {
    if (read_fields(record, sources.subspan(i, 1), update_.values)) {
      update_.values.set_null(sources[i].field);
    }
  }
  if (update_.values.present().empty() && extent != Extent::kDelta) {
    return Rejected::kUndecodable;
  }
  for (const auto& source : sources) {
    if (extent == Extent::kSnapshot && !record.has(source.slot)) {
      update_.values.set_null(source.field);
    }
  }
  complete(update_.values);
  update_.instrument = instrument;
  update_.exchange_time = exchange_time;
  sink.ticker(update_);
  count(refusal, sink);
  return std::nullopt;
}

Refusal JsonAdapter::ticker_in_order(market::InstrumentId instrument, const Record& record,
                                     std::span<const FieldSource> sources, Timestamp exchange_time,
                                     Timestamp& newest, Sink& sink) {
  const bool has_time = exchange_time != kNoTime;
  if (has_time && exchange_time < newest && newest - exchange_time < kLatest) {
    sink.skipped(Skipped::kDuplicate);
    return std::nullopt;
  }
  const auto refusal = ticker(instrument, record, sources, exchange_time, sink);
  if (!refusal && has_time) {
    newest = exchange_time;
  }
  return refusal;
}

void JsonAdapter::clear_sizes(market::FieldValues& values) {
  using market::Field;
  for (const auto& [price, size] :
       {std::pair(Field::kBid, Field::kBidSize), std::pair(Field::kAsk, Field::kAskSize)}) {
    if (values.null().has(price)) {
      values.set_null(size);
    }
  }
}

Refusal JsonAdapter::trade(market::InstrumentId instrument, const Record& record,
                           const TradeSource& source, std::int64_t missed_before, Sink& sink) {
  Refusal refusal = source.read_side(record[source.side], trade_.side);
  refusal = refusal ? refusal : read_decimal(record[source.price], trade_.price);
  auto size = record[source.size];
  if (source.signed_size && size.starts_with('-')) {
    size.remove_prefix(1);
  }
  refusal = refusal ? refusal : read_decimal(size, trade_.size);
  refusal =
      refusal ? refusal : read_time(source.read_time, record[source.time], trade_.exchange_time);
  if (!refusal && source.id != TradeSource::kNone) {
    refusal = read_trade_id(record[source.id], trade_.id);
  }
  if (refusal) {
    return refusal;
  }
  trade_.instrument = instrument;
  trade_.missed_before = missed_before;
  sink.trade(trade_, source.sets);
  return std::nullopt;
}

Refusal JsonAdapter::counted_trade(market::InstrumentId instrument, const Record& record,
                                   const TradeSource& source, TradeKind kind, TradeIds& ids,
                                   Sink& sink) {
  std::uint64_t id = 0;
  if (const auto refusal = read_integer(record[source.id], id)) {
    return refusal;
  }
  if (kind == TradeKind::kHistory) {
    ids.note_history(id);
    sink.skipped(Skipped::kHistory);
    return std::nullopt;
  }
  const auto received = trade_.receive_time;
  if (ids.is_duplicate(id, received)) {
    sink.skipped(Skipped::kDuplicate);
    return std::nullopt;
  }
  if (kind == TradeKind::kNotMarket) {
    ids.pass_over(id, received);
    sink.skipped(Skipped::kNotMarketTrade);
    return std::nullopt;
  }
  std::uint64_t count = 1;
  if (source.count != TradeSource::kNone && record.has(source.count)) {
    if (const auto refusal = read_integer(record[source.count], count)) {
      return refusal;
    }
  }
  const auto missed = ids.missed_before(id, std::max<std::uint64_t>(count, 1));
  const auto refusal = trade(instrument, record, source, missed, sink);
  if (!refusal) {
    ids.take(id, received);
  }
  return refusal;
}

}  // namespace ticker::feed
