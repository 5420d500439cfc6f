#include <array>
#include <string>

#include "kraken.hpp"
#include "kraken_rules.hpp"
#include "kraken_v2_message.hpp"
#include "requests.hpp"
#include "trade_ids.hpp"
#include "values.hpp"

namespace ticker::feed {
namespace {

using market::Decimal;
using market::Field;
using Message = KrakenV2Message;

constexpr std::array kTicker{FieldSource{Message::kBid, Field::kBid},
                             FieldSource{Message::kBidSize, Field::kBidSize},
                             FieldSource{Message::kAsk, Field::kAsk},
                             FieldSource{Message::kAskSize, Field::kAskSize},
                             FieldSource{Message::kLast, Field::kLast},
                             FieldSource{Message::kHigh, Field::kHigh24h},
                             FieldSource{Message::kLow, Field::kLow24h},
                             FieldSource{Message::kVolume, Field::kVolume24h},
                             FieldSource{Message::kVwap, Field::kVwap24h},
                             FieldSource{Message::kChange, Field::kChange24h},
                             FieldSource{Message::kChangePercent, Field::kChangePercent24h}};

// The ticker has the last price, but neither size nor side.
constexpr market::FieldSet kFromTrades = market::FieldSet(Field::kLastSize) | Field::kLastSide;

class KrakenV2 final : public Adapter {
 public:
  const VenueRules& rules() const override { return rules_; }

  // BTC is BTC here, unlike in v1.
  std::optional<std::string> native_name(std::string_view canonical) const override {
    const auto pair = split_canonical(canonical);
    if (!pair || !pair->contract.empty()) {
      return std::nullopt;
    }
    return std::string(pair->base).append("/").append(pair->quote);
  }

  std::vector<ConnectionPlan> plan(std::string_view url,
                                   const std::vector<std::string>& natives) const override {
    ConnectionPlan plan{std::string(url), {}, natives};
    // Without `bbo` a quote comes with a trade only.
    for (const auto* const channel :
         {R"("ticker","event_trigger":"bbo","snapshot":true)", R"("trade","snapshot":false)"}) {
      for (const auto run : chunks(natives, kKrakenSymbolsPerRequest)) {
        plan.requests.push_back(R"({"method":"subscribe","params":{"channel":)" +
                                std::string(channel) + R"(,"symbol":)" + json_list(run) +
                                R"(},"req_id":)" + std::to_string(plan.requests.size() + 1) + '}');
      }
    }
    return {plan};
  }

  void reset() override {
    for (auto& ids : trades_) {
      ids.reset();
    }
  }

  void decode(char* message, std::size_t size, Timestamp receive_time, Sink& sink) override {
    message_.clear();
    switch (parse_in_situ(message, size, message_)) {
      case ParseOutcome::kComplete:
        return dispatch(receive_time, sink);
      case ParseOutcome::kStopped:
        return message_.too_many() ? sink.rejected(Rejected::kOutOfRange)
                                   : sink.skipped(Skipped::kOtherChannel);
      case ParseOutcome::kOutOfRange:
        return sink.rejected(Rejected::kOutOfRange);
      case ParseOutcome::kMalformed:
        return sink.rejected(Rejected::kUndecodable);
    }
  }

 private:
  void dispatch(Timestamp receive_time, Sink& sink) {
    const auto channel = message_[Message::kChannel];
    if (channel.empty() || channel == "status" || channel == "heartbeat") {
      return control(sink) ? sink.skipped(Skipped::kControl)
                           : sink.rejected(Rejected::kUndecodable);
    }
    const bool is_ticker = channel == "ticker";
    if (!is_ticker && channel != "trade") {
      return sink.skipped(Skipped::kOtherChannel);
    }
    if (message_.entries().empty()) {
      return sink.rejected(Rejected::kUndecodable);
    }
    update_.receive_time = trade_.receive_time = receive_time;
    for (const auto& entry : message_.entries()) {
      const auto symbol = entry[Message::kSymbol];
      const auto instrument = symbol.empty() ? std::nullopt : sink.find(symbol);
      Refusal refusal = symbol.empty() ? Rejected::kUndecodable : Rejected::kUnknownInstrument;
      if (instrument) {
        update_.instrument = trade_.instrument = *instrument;
        refusal = is_ticker ? ticker(entry, sink) : trade(entry, trades_[*instrument], sink);
      }
      if (refusal) {
        sink.rejected(*refusal);
      }
    }
  }

  Refusal ticker(const Message::Entry& entry, Sink& sink) {
    update_.values.clear();
    Refusal refusal = read_fields(entry, kTicker, update_.values);
    refusal = refusal ? refusal : read_time(entry, update_.exchange_time);
    if (refusal) {
      return refusal;
    }
    const auto present = update_.values.present();
    if (present.empty()) {
      return Rejected::kUndecodable;
    }
    // The venue sends no open; it is what the change is counted from.
    const auto given = present - update_.values.null();
    if (given.contains(market::FieldSet(Field::kLast) | Field::kChange24h)) {
      const auto open = Decimal::difference(update_.values.decimal(Field::kLast),
                                            update_.values.decimal(Field::kChange24h));
      if (open) {
        update_.values.set(Field::kOpen24h, *open);
      }
    }
    sink.ticker(update_);
    return std::nullopt;
  }

  Refusal trade(const Message::Entry& entry, TradeIds& ids, Sink& sink) {
    std::uint64_t id = 0;
    if (const auto refusal = read_integer(entry[Message::kTradeId], id)) {
      return refusal;
    }
    if (message_[Message::kType] == "snapshot") {
      ids.note_history(id);
      sink.skipped(Skipped::kHistory);
      return std::nullopt;
    }
    if (ids.is_duplicate(id)) {
      sink.skipped(Skipped::kDuplicate);
      return std::nullopt;
    }
    Refusal refusal = read_side(entry[Message::kSide], trade_.side);
    refusal = refusal ? refusal : read_trade_id(entry[Message::kTradeId], trade_.id);
    refusal = refusal ? refusal : read_decimal(entry[Message::kPrice], trade_.price);
    refusal = refusal ? refusal : read_decimal(entry[Message::kSize], trade_.size);
    refusal = refusal ? refusal : read_time(entry, trade_.exchange_time);
    if (refusal) {
      return refusal;
    }
    trade_.missed_before = ids.missed_before(id);
    ids.take(id);
    sink.trade(trade_, kFromTrades);
    return std::nullopt;
  }

  // Older integrations have no time.
  static Refusal read_time(const Message::Entry& entry, Timestamp& time) {
    time = kNoTime;
    return entry.has(Message::kTimestamp) ? read_rfc3339(entry[Message::kTimestamp], time)
                                          : std::nullopt;
  }

  // False: no message that we know.
  bool control(Sink& sink) const {
    using Kind = Notice::Kind;
    const auto channel = message_[Message::kChannel];
    const auto method = message_[Message::kMethod];
    const auto error = plain_text(message_[Message::kError]);
    if (channel == "status") {
      for (const auto& entry : message_.entries()) {
        const auto status = plain_text(entry[Message::kSystem]);
        sink.notice({kraken_status(status), {}, status});
      }
    } else if (method == "subscribe" && message_[Message::kSuccess] == "true") {
      sink.notice({Kind::kSubscribed, plain_text(message_[Message::kResultSymbol]), {}});
    } else if (method == "subscribe") {
      const auto symbol = plain_text(refused_symbol());
      sink.notice({symbol.empty() ? Kind::kError : Kind::kRefused, symbol, error});
    } else if (!error.empty()) {
      sink.notice({Kind::kError, {}, error});
    } else {
      return channel == "heartbeat" || !method.empty();
    }
    return true;
  }

  // In `symbol` or, in older frames, the last word of the error: `Currency pair not supported
  // XBT/USD`.
  std::string_view refused_symbol() const {
    if (message_.has(Message::kRefusedSymbol)) {
      return message_[Message::kRefusedSymbol];
    }
    const auto error = message_[Message::kError];
    const auto last_word = error.substr(error.rfind(' ') + 1);
    return last_word.find('/') == std::string_view::npos ? std::string_view() : last_word;
  }

  const VenueRules rules_ = kraken_rules(R"({"method":"ping"})");
  PerInstrument<TradeIds> trades_;
  KrakenV2Message message_;
  market::Update update_;
  market::Trade trade_;
};

}  // namespace

std::unique_ptr<Adapter> make_kraken_v2(const Adapter::Options&) {
  return std::make_unique<KrakenV2>();
}

}  // namespace ticker::feed
