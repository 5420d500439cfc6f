#include "binance_adapter.hpp"

#include <array>
#include <utility>

#include "requests.hpp"

namespace ticker::feed {
namespace {

using market::Field;

// The event's keys are single letters, the same in all events.
enum Slot : std::uint8_t {
  kEvent,
  kEventTime,
  kSymbol,
  kTime,
  kUpdate,
  kBid,
  kBidSize,
  kAsk,  // of an aggTrade its id
  kAskSize,
  kTradeId,
  kPrice,  // of a ticker the change
  kQuantity,
  kMakerBought,
  kOrderType,
  kClose,
  kOpen,
  kHigh,
  kLow,
  kVolume,
  kChangePercent,
  kVwap,
  kStream,
  kData,
  kResult,
  kCode,
  kMsg,
  kLastUpdate
};

constexpr Shape kOpaque = Shape::object({});
constexpr Shape kError = Shape::object({{"code", kCode}, {"msg", kMsg}});

// The event is the message, or the `data` of a combined stream.
constexpr Shape event_shape(const Shape* data) {
  return Shape::object({{"e", kEvent, nullptr, nullptr, true},
                        {"E", kEventTime},
                        {"s", kSymbol},
                        {"T", kTime},
                        {"u", kUpdate},
                        {"b", kBid},
                        {"B", kBidSize},
                        {"a", kAsk},
                        {"A", kAskSize},
                        {"t", kTradeId},
                        {"p", kPrice},
                        {"q", kQuantity},
                        {"m", kMakerBought},
                        {"X", kOrderType},
                        {"c", kClose},
                        {"o", kOpen},
                        {"h", kHigh},
                        {"l", kLow},
                        {"v", kVolume},
                        {"P", kChangePercent},
                        {"w", kVwap},
                        {"stream", kStream, nullptr, nullptr, true},
                        {"data", kData, data},
                        {"result", kResult, &kOpaque},
                        {"error", kNoSlot, &kError},
                        {"code", kCode},
                        {"msg", kMsg},
                        {"lastUpdateId", kLastUpdate, nullptr, nullptr, true}});
}
constexpr Shape kInner = event_shape(nullptr);
constexpr Shape kRoot = event_shape(&kInner);

// `btcusdt@bookTicker`; `!serverShutdown` has no second part.
bool is_wanted_stream(std::string_view stream) {
  const auto at = stream.find('@');
  const auto kind = at == std::string_view::npos ? std::string_view() : stream.substr(at + 1);
  return kind.empty() || kind == "bookTicker" || kind == "trade" || kind == "aggTrade" ||
         kind == "miniTicker" || kind == "ticker";
}

// The stream's name, or the event's, tells early what needs no reading; a REST depth snapshot of up
// to 64 KB begins with its update id.
bool is_wanted(const Message&, std::size_t slot, std::string_view text) {
  return slot == kStream  ? is_wanted_stream(text)
         : slot == kEvent ? text != "depthUpdate"
                          : slot != kLastUpdate;
}

constexpr std::array kQuoteSources{
    FieldSource{kBid, Field::kBid}, FieldSource{kBidSize, Field::kBidSize},
    FieldSource{kAsk, Field::kAsk}, FieldSource{kAskSize, Field::kAskSize}};
// The last price comes first, and the quote volume last, so that either can be left out.
constexpr std::array kMiniTickerSources{
    FieldSource{kClose, Field::kLast},       FieldSource{kOpen, Field::kOpen24h},
    FieldSource{kHigh, Field::kHigh24h},     FieldSource{kLow, Field::kLow24h},
    FieldSource{kVolume, Field::kVolume24h}, FieldSource{kQuantity, Field::kQuoteVolume24h}};
// Bid and ask of `24hrTicker` are a second old and would overtake bookTicker's: not read.
constexpr std::array kTickerSources{FieldSource{kClose, Field::kLast},
                                    FieldSource{kOpen, Field::kOpen24h},
                                    FieldSource{kHigh, Field::kHigh24h},
                                    FieldSource{kLow, Field::kLow24h},
                                    FieldSource{kVolume, Field::kVolume24h},
                                    FieldSource{kPrice, Field::kChange24h},
                                    FieldSource{kChangePercent, Field::kChangePercent24h},
                                    FieldSource{kVwap, Field::kVwap24h},
                                    FieldSource{kQuantity, Field::kQuoteVolume24h}};

Refusal read_maker_bought(std::string_view text, market::Side& out) {
  if (text != "true" && text != "false") {
    return Rejected::kUndecodable;
  }
  out = text == "true" ? market::Side::kSell : market::Side::kBuy;
  return std::nullopt;
}

constexpr auto trade_source(std::size_t id) {
  return TradeSource{.price = kPrice,
                     .size = kQuantity,
                     .side = kMakerBought,
                     .time = kTime,
                     .id = id,
                     .read_time = read_unix_time,
                     .read_side = read_maker_bought,
                     .sets = market::kLastFields};
}
constexpr auto kTrade = trade_source(kTradeId);
constexpr auto kAggTrade = trade_source(kAsk);

enum class Event { kQuote, kOneTrade, kAggregate, kMiniTicker, kTicker, kOther, kNone };

Event event_of(const Record& event) {
  const auto name = event[kEvent];
  if (name.empty()) {
    // Spot's bookTicker does not say that it is one.
    return event.has(kUpdate) && event.has(kSymbol) ? Event::kQuote : Event::kNone;
  }
  return name == "bookTicker"       ? Event::kQuote
         : name == "trade"          ? Event::kOneTrade
         : name == "aggTrade"       ? Event::kAggregate
         : name == "24hrMiniTicker" ? Event::kMiniTicker
         : name == "24hrTicker"     ? Event::kTicker
                                    : Event::kOther;
}

}  // namespace

BinanceAdapter::BinanceAdapter(Dialect dialect)
    : JsonAdapter(&kRoot, nullptr, is_wanted), dialect_(std::move(dialect)) {}

void BinanceAdapter::reset() {
  for (auto& known : known_) {
    known.trades.reset();
    known.book.reset();
    known.last = false;
  }
}

void BinanceAdapter::take_over(Adapter& before, bool) {
  known_ = std::move(static_cast<BinanceAdapter&>(before).known_);
}

void BinanceAdapter::read(Sink& sink) {
  const bool is_combined = message().size() > 0 && message().at(0).is(kInner);
  const Record& event = is_combined ? message().at(0) : message().root();
  const Event kind = event_of(event);
  if (kind == Event::kNone || kind == Event::kOther) {
    return control(event, sink)    ? sink.skipped(Skipped::kControl)
           : kind == Event::kOther ? sink.skipped(Skipped::kOtherChannel)
                                   : sink.rejected(Rejected::kUndecodable);
  }
  const bool is_trade = kind == Event::kOneTrade || kind == Event::kAggregate;
  if (is_trade && !takes_trades(event[kEvent])) {
    return sink.skipped(Skipped::kOtherChannel);
  }
  for_instrument(event[kSymbol], sink, [&](market::InstrumentId instrument) {
    if (kind == Event::kQuote) {
      return quote(instrument, event, sink);
    }
    if (!is_trade) {
      return statistics(instrument, event,
                        kind == Event::kTicker ? std::span<const FieldSource>(kTickerSources)
                                               : kMiniTickerSources,
                        sink);
    }
    // Futures print liquidations of the insurance fund too, up to 10 % off the market.
    const bool is_market = !event.has(kOrderType) || event[kOrderType] == "MARKET";
    Known& known = known_[instrument];
    const auto refusal =
        counted_trade(instrument, event, kind == Event::kOneTrade ? kTrade : kAggTrade,
                      is_market ? TradeKind::kLive : TradeKind::kNotMarket, known.trades, sink);
    known.last = known.last || (is_market && !refusal);
    return refusal;
  });
}

bool BinanceAdapter::takes_trades(std::string_view kind) {
  if (dialect_.trades.empty()) {
    dialect_.trades = kind;
  }
  return kind == dialect_.trades;
}

Refusal BinanceAdapter::quote(market::InstrumentId instrument, const Record& event, Sink& sink) {
  Known& known = known_[instrument];
  std::uint64_t update = 0;
  if (event.has(kUpdate)) {
    if (const auto refusal = read_integer(event[kUpdate], update)) {
      return refusal;
    }
    if (known.book.has_come(update, update_.receive_time)) {
      sink.skipped(Skipped::kDuplicate);
      return std::nullopt;
    }
  }
  Timestamp time = kNoTime;
  Refusal refusal = read_time(read_unix_time, event[kTime], time);
  refusal = refusal ? refusal : ticker(instrument, event, kQuoteSources, time, sink);
  if (!refusal && event.has(kUpdate)) {
    known.book.take(update, update_.receive_time);
  }
  return refusal;
}

Refusal BinanceAdapter::statistics(market::InstrumentId instrument, const Record& event,
                                   std::span<const FieldSource> sources, Sink& sink) {
  Known& known = known_[instrument];
  sources = known.last ? sources.subspan(1) : sources;
  sources = dialect_.quote_volume ? sources : sources.first(sources.size() - 1);
  Timestamp time = kNoTime;
  Refusal refusal = read_time(read_unix_time, event[kEventTime], time);
  refusal = refusal ? refusal : ticker(instrument, event, sources, time, sink);
  // Where trades come on another connection this one never sees them: after the first price theirs
  // is the newer one.
  known.last = known.last || (!refusal && dialect_.trades_come_elsewhere);
  return refusal;
}

bool BinanceAdapter::control(const Record& event, Sink& sink) const {
  using Kind = Notice::Kind;
  const bool has_error = message().size() > 0 && message().at(0).is(kError);
  const Record& error = has_error ? message().at(0) : message().root();
  if (error.has(kCode) || error.has(kMsg)) {
    sink.notice({Kind::kError, {}, plain_text(error[kMsg])});
  } else if (event[kEvent] == "serverShutdown") {
    sink.notice({Kind::kPlannedClose, {}, "serverShutdown"});
  } else if (message().has(kResult)) {
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
