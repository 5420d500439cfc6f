#include <array>
#include <string>

#include "coinbase.hpp"
#include "coinbase_advanced_message.hpp"
#include "coinbase_rules.hpp"
#include "trade_ids.hpp"
#include "values.hpp"

namespace ticker::feed {
namespace {

using market::Field;
using Message = CoinbaseAdvancedMessage;

constexpr std::array kTicker{FieldSource{Message::kBid, Field::kBid},
                             FieldSource{Message::kBidSize, Field::kBidSize},
                             FieldSource{Message::kAsk, Field::kAsk},
                             FieldSource{Message::kAskSize, Field::kAskSize},
                             FieldSource{Message::kPrice, Field::kLast},
                             FieldSource{Message::kHigh, Field::kHigh24h},
                             FieldSource{Message::kLow, Field::kLow24h},
                             FieldSource{Message::kVolume, Field::kVolume24h},
                             FieldSource{Message::kChangePercent, Field::kChangePercent24h}};

// The ticker has the last price, but neither size nor side.
constexpr market::FieldSet kFromTrades = market::FieldSet(Field::kLastSize) | Field::kLastSide;

class CoinbaseAdvanced final : public Adapter {
 public:
  const VenueRules& rules() const override { return rules_; }
  std::optional<std::string> native_name(std::string_view canonical) const override {
    return coinbase_native_name(canonical);
  }
  // One channel a request; without heartbeats a quiet channel is closed.
  std::vector<ConnectionPlan> plan(std::string_view url,
                                   const std::vector<std::string>& natives) const override {
    const std::string begin =
        R"({"type":"subscribe","product_ids":)" + json_list(natives) + R"(,"channel":")";
    return {{std::string(url),
             {begin + R"(ticker"})", begin + R"(market_trades"})",
              R"({"type":"subscribe","channel":"heartbeats"})"},
             natives}};
  }

  void reset() override {
    for (auto& ids : trades_) {
      ids.reset();
    }
    next_sequence_.reset();
  }

  void decode(char* message, std::size_t size, Timestamp receive_time, Sink& sink) override {
    message_.clear();
    switch (parse_in_situ(message, size, message_)) {
      case ParseOutcome::kComplete:
        return dispatch(receive_time, sink);
      case ParseOutcome::kStopped:
        check_sequence(sink);
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
    check_sequence(sink);
    const auto channel = message_[Message::kChannel];
    if (control(channel, sink)) {
      return sink.skipped(Skipped::kControl);
    }
    const bool has_trades = channel == "market_trades";
    const bool has_tickers = channel == "ticker" || channel == "ticker_batch";
    if (!has_trades && !has_tickers && !channel.empty()) {
      return sink.skipped(Skipped::kOtherChannel);
    }
    update_.exchange_time = kNoTime;
    const auto time = message_[Message::kTimestamp];
    const Refusal bad_time =
        time.empty() ? std::nullopt : read_rfc3339(time, update_.exchange_time);
    if (bad_time || channel.empty() || message_.entries().empty()) {
      return sink.rejected(bad_time.value_or(Rejected::kUndecodable));
    }
    update_.receive_time = trade_.receive_time = receive_time;
    for (const auto& entry : message_.entries()) {
      const Refusal refusal = entry.is_trade != has_trades ? Refusal(Rejected::kUndecodable)
                              : entry.is_trade             ? trade(entry, sink)
                                                           : ticker(entry, sink);
      if (refusal) {
        sink.rejected(*refusal);
      }
    }
  }

  Refusal ticker(const Message::Entry& entry, Sink& sink) {
    const auto instrument = find(entry, sink);
    if (!instrument) {
      return unknown(entry);
    }
    update_.instrument = *instrument;
    update_.values.clear();
    if (const auto refusal = read_fields(entry.values, kTicker, update_.values)) {
      return refusal;
    }
    if (update_.values.present().empty()) {
      return Rejected::kUndecodable;
    }
    sink.ticker(update_);
    return std::nullopt;
  }

  Refusal trade(const Message::Entry& entry, Sink& sink) {
    const auto instrument = find(entry, sink);
    if (!instrument) {
      return unknown(entry);
    }
    TradeIds& ids = trades_[*instrument];
    std::uint64_t id = 0;
    if (const auto refusal = read_integer(entry.values[Message::kTradeId], id)) {
      return refusal;
    }
    if (entry.is_history) {
      ids.note_history(id);
      sink.skipped(Skipped::kHistory);
      return std::nullopt;
    }
    if (ids.is_duplicate(id)) {
      sink.skipped(Skipped::kDuplicate);
      return std::nullopt;
    }
    market::Side makers{};
    trade_.exchange_time = kNoTime;
    Refusal refusal = read_side(entry.values[Message::kSide], makers);
    refusal = refusal ? refusal : read_trade_id(entry.values[Message::kTradeId], trade_.id);
    refusal = refusal ? refusal : read_decimal(entry.values[Message::kPrice], trade_.price);
    refusal = refusal ? refusal : read_decimal(entry.values[Message::kSize], trade_.size);
    refusal = refusal || !entry.values.has(Message::kTime)
                  ? refusal
                  : read_rfc3339(entry.values[Message::kTime], trade_.exchange_time);
    if (refusal) {
      return refusal;
    }
    trade_.instrument = *instrument;
    trade_.side = opposite(makers);
    trade_.missed_before = ids.missed_before(id);
    ids.take(id);
    sink.trade(trade_, kFromTrades);
    return std::nullopt;
  }

  // Whoever asks for BTC-USDC is told of BTC-USD.
  static std::optional<market::InstrumentId> find(const Message::Entry& entry, Sink& sink) {
    const auto product = entry.values[Message::kProduct];
    if (product.empty()) {
      return std::nullopt;
    }
    const auto instrument = sink.find(product);
    return instrument || !product.ends_with("-USD") ? instrument
                                                    : sink.find(std::string(product) + 'C');
  }
  static Refusal unknown(const Message::Entry& entry) {
    return entry.values[Message::kProduct].empty() ? Rejected::kUndecodable
                                                   : Rejected::kUnknownInstrument;
  }

  // One counter for the connection, over all channels. A jump is told and no more: entries are
  // whole, and trades have ids.
  void check_sequence(Sink& sink) {
    std::uint64_t sequence = 0;
    if (read_integer(message_[Message::kSequence], sequence)) {
      return;
    }
    if (next_sequence_ && sequence != *next_sequence_) {
      sink.notice({Notice::Kind::kSequenceGap, {}, {}});
    }
    next_sequence_ = sequence + 1;
  }

  bool control(std::string_view channel, Sink& sink) const {
    if (channel == "subscriptions") {
      for (const auto product : message_.tickers()) {
        sink.notice({Notice::Kind::kSubscribed, plain_text(product), {}});
      }
    } else if (message_[Message::kType] == "error") {
      sink.notice({Notice::Kind::kError, {}, plain_text(message_[Message::kMessage])});
    } else {
      return channel == "heartbeats";
    }
    return true;
  }

  const VenueRules rules_ = coinbase_rules();
  PerInstrument<TradeIds> trades_;
  std::optional<std::uint64_t> next_sequence_;
  CoinbaseAdvancedMessage message_;
  market::Update update_;
  market::Trade trade_;
};

}  // namespace

std::unique_ptr<Adapter> make_coinbase_advanced(const Adapter::Options&) {
  return std::make_unique<CoinbaseAdvanced>();
}

}  // namespace ticker::feed
