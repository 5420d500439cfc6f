#include "binance_adapter.hpp"

#include <algorithm>
#include <array>

#include "requests.hpp"

namespace ticker::feed {
namespace {

using market::Field;

constexpr auto slot = &BinanceMessage::slot;

constexpr std::array kQuoteSources{
    FieldSource{slot('b'), Field::kBid}, FieldSource{slot('B'), Field::kBidSize},
    FieldSource{slot('a'), Field::kAsk}, FieldSource{slot('A'), Field::kAskSize}};
// The quote volume is the last, so that a venue without one takes the others only. `c` is read
// apart.
constexpr std::array kMiniTickerSources{
    FieldSource{slot('o'), Field::kOpen24h}, FieldSource{slot('h'), Field::kHigh24h},
    FieldSource{slot('l'), Field::kLow24h}, FieldSource{slot('v'), Field::kVolume24h},
    FieldSource{slot('q'), Field::kQuoteVolume24h}};
// Bid and ask of `24hrTicker` are a second old and would overtake bookTicker's: not read.
constexpr std::array kTickerSources{
    FieldSource{slot('o'), Field::kOpen24h},   FieldSource{slot('h'), Field::kHigh24h},
    FieldSource{slot('l'), Field::kLow24h},    FieldSource{slot('v'), Field::kVolume24h},
    FieldSource{slot('p'), Field::kChange24h}, FieldSource{slot('P'), Field::kChangePercent24h},
    FieldSource{slot('w'), Field::kVwap24h},   FieldSource{slot('q'), Field::kQuoteVolume24h}};

enum class Event { kQuote, kTrade, kMiniTicker, kTicker, kOther, kNone };

Event event_of(const BinanceMessage& message) {
  const auto name = message['e'];
  if (name.empty()) {
    // Spot's bookTicker does not say that it is one.
    return message.has('u') && message.has('s') ? Event::kQuote : Event::kNone;
  }
  return name == "bookTicker"                    ? Event::kQuote
         : name == "trade" || name == "aggTrade" ? Event::kTrade
         : name == "24hrMiniTicker"              ? Event::kMiniTicker
         : name == "24hrTicker"                  ? Event::kTicker
                                                 : Event::kOther;
}

}  // namespace

void BinanceAdapter::reset() {
  for (auto& known : known_) {
    known.trades.reset();
    known.book_update = 0;
    known.last = false;
  }
}

void BinanceAdapter::decode(char* message, std::size_t size, Timestamp receive_time, Sink& sink) {
  message_.clear();
  switch (parse_in_situ(message, size, message_)) {
    case ParseOutcome::kComplete:
      return dispatch(receive_time, sink);
    case ParseOutcome::kStopped:
      return sink.skipped(Skipped::kOtherChannel);
    case ParseOutcome::kOutOfRange:
      return sink.rejected(Rejected::kOutOfRange);
    case ParseOutcome::kMalformed:
      return sink.rejected(Rejected::kUndecodable);
  }
}

void BinanceAdapter::dispatch(Timestamp receive_time, Sink& sink) {
  if (control(sink)) {
    return sink.skipped(Skipped::kControl);
  }
  const Event event = event_of(message_);
  if (event == Event::kOther || (event == Event::kTrade && !takes_trades(message_['e']))) {
    return sink.skipped(Skipped::kOtherChannel);
  }
  if (event == Event::kNone || message_['s'].empty()) {
    return sink.rejected(Rejected::kUndecodable);
  }
  const auto instrument = sink.find(message_['s']);
  if (!instrument) {
    return sink.rejected(Rejected::kUnknownInstrument);
  }
  update_.instrument = trade_.instrument = *instrument;
  update_.receive_time = trade_.receive_time = receive_time;
  update_.exchange_time = trade_.exchange_time = kNoTime;
  update_.values.clear();
  const Refusal refusal =
      event == Event::kQuote        ? quote(*instrument, sink)
      : event == Event::kTrade      ? trade(*instrument, message_['e'] == "trade" ? 't' : 'a', sink)
      : event == Event::kMiniTicker ? statistics(*instrument, kMiniTickerSources, sink)
                                    : statistics(*instrument, kTickerSources, sink);
  if (refusal) {
    sink.rejected(*refusal);
  }
}

bool BinanceAdapter::takes_trades(std::string_view event) {
  if (dialect_.trades.empty()) {
    dialect_.trades = event;
  }
  return event == dialect_.trades;
}

Refusal BinanceAdapter::quote(market::InstrumentId instrument, Sink& sink) {
  Known& known = known_[instrument];
  std::uint64_t book_update = 0;
  if (const auto refusal = read_integer(message_['u'], book_update); refusal && message_.has('u')) {
    return refusal;
  }
  if (message_.has('u') && known.book_update != 0 && book_update <= known.book_update) {
    sink.skipped(Skipped::kDuplicate);
    return std::nullopt;
  }
  if (const auto refusal = read_fields(message_.texts(), kQuoteSources, update_.values)) {
    return refusal;
  }
  if (update_.values.present().empty()) {
    return Rejected::kUndecodable;
  }
  if (message_.has('T')) {
    if (const auto refusal = read_unix_time(message_['T'], update_.exchange_time)) {
      return refusal;
    }
  }
  known.book_update = std::max(known.book_update, book_update);
  sink.ticker(update_);
  return std::nullopt;
}

Refusal BinanceAdapter::trade(market::InstrumentId instrument, char id_key, Sink& sink) {
  TradeIds& ids = known_[instrument].trades;
  std::uint64_t id = 0;
  if (const auto refusal = read_integer(message_[id_key], id)) {
    return refusal;
  }
  if (ids.is_duplicate(id)) {
    sink.skipped(Skipped::kDuplicate);
    return std::nullopt;
  }
  // Futures print liquidations of the insurance fund too, up to 10 % off the market.
  if (message_.has('X') && message_['X'] != "MARKET") {
    sink.skipped(Skipped::kNotMarketTrade);
    ids.pass_over(id);
    return std::nullopt;
  }
  const auto maker_bought = message_['m'];
  if (maker_bought != "true" && maker_bought != "false") {
    return Rejected::kUndecodable;
  }
  Refusal refusal = read_decimal(message_['p'], trade_.price);
  refusal = refusal ? refusal : read_decimal(message_['q'], trade_.size);
  refusal =
      refusal || !message_.has('T') ? refusal : read_unix_time(message_['T'], trade_.exchange_time);
  if (refusal) {
    return refusal;
  }
  trade_.id = market::TradeId(message_[id_key]);
  trade_.side = maker_bought == "true" ? market::Side::kSell : market::Side::kBuy;
  trade_.missed_before = ids.missed_before(id);
  ids.take(id);
  known_[instrument].last = true;
  sink.trade(trade_, market::kLastFields);
  return std::nullopt;
}

Refusal BinanceAdapter::statistics(market::InstrumentId instrument,
                                   std::span<const FieldSource> sources, Sink& sink) {
  if (!dialect_.quote_volume) {
    sources = sources.first(sources.size() - 1);
  }
  Known& known = known_[instrument];
  Refusal refusal = read_fields(message_.texts(), sources, update_.values);
  if (message_.has('c') && !known.last) {
    refusal = refusal ? refusal : read_field(message_['c'], Field::kLast, update_.values);
  }
  refusal = refusal || !message_.has('E') ? refusal
                                          : read_unix_time(message_['E'], update_.exchange_time);
  if (refusal) {
    return refusal;
  }
  if (update_.values.present().empty()) {
    return Rejected::kUndecodable;
  }
  // Where trades come on another connection this one never sees them: after the first price theirs
  // is the newer one.
  known.last = known.last || dialect_.trades_come_elsewhere;
  sink.ticker(update_);
  return std::nullopt;
}

bool BinanceAdapter::control(Sink& sink) const {
  using Kind = Notice::Kind;
  if (message_.has(BinanceMessage::kCode) || message_.has(BinanceMessage::kMsg)) {
    sink.notice({Kind::kError, {}, plain_text(message_[BinanceMessage::kMsg])});
  } else if (message_['e'] == "serverShutdown") {
    sink.notice({Kind::kPlannedClose, {}, "serverShutdown"});
  } else if (message_.has(BinanceMessage::kResult)) {
    sink.notice({Kind::kSubscribed, {}, {}});
  } else {
    return false;
  }
  return true;
}

std::vector<std::string> BinanceAdapter::subscriptions(std::span<const std::string> natives,
                                                       std::span<const std::string> channels) {
  constexpr std::size_t kMaxParams = 100;
  std::vector<std::string> streams;
  for (const auto& native : natives) {
    for (const auto& channel : channels) {
      streams.push_back(lower_case(native) + '@' + channel);
    }
  }
  std::vector<std::string> requests;
  for (const auto run : chunks(streams, kMaxParams)) {
    requests.push_back(R"({"method":"SUBSCRIBE","params":)" + json_list(run) + R"(,"id":)" +
                       std::to_string(requests.size() + 1) + '}');
  }
  return requests;
}

}  // namespace ticker::feed
