#include <array>
#include <string>

#include "coinbase.hpp"
#include "coinbase_exchange_message.hpp"
#include "coinbase_rules.hpp"
#include "trade_ids.hpp"
#include "values.hpp"

namespace ticker::feed {
namespace {

using market::Field;
using Message = CoinbaseExchangeMessage;

constexpr std::array kTicker{
    FieldSource{Message::kBid, Field::kBid},      FieldSource{Message::kBidSize, Field::kBidSize},
    FieldSource{Message::kAsk, Field::kAsk},      FieldSource{Message::kAskSize, Field::kAskSize},
    FieldSource{Message::kPrice, Field::kLast},   FieldSource{Message::kLastSize, Field::kLastSize},
    FieldSource{Message::kOpen, Field::kOpen24h}, FieldSource{Message::kHigh, Field::kHigh24h},
    FieldSource{Message::kLow, Field::kLow24h},   FieldSource{Message::kVolume, Field::kVolume24h},
    FieldSource{Message::kSide, Field::kLastSide}};

class CoinbaseExchange final : public Adapter {
 public:
  const VenueRules& rules() const override { return rules_; }
  std::optional<std::string> native_name(std::string_view canonical) const override {
    return coinbase_native_name(canonical);
  }
  std::vector<ConnectionPlan> plan(std::string_view url,
                                   const std::vector<std::string>& natives) const override {
    // In one message: whoever has subscribed nothing after 5 s is cut.
    return {{std::string(url),
             {R"({"type":"subscribe","product_ids":)" + json_list(natives) +
              R"(,"channels":["ticker","heartbeat","matches"]})"},
             natives}};
  }

  void reset() override {
    for (auto& known : known_) {
      known.trades.reset();
      known.sequence = 0;
    }
  }

  void decode(char* message, std::size_t size, Timestamp receive_time, Sink& sink) override {
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

 private:
  struct Known {
    TradeIds trades;
    std::uint64_t sequence = 0;  // of the last ticker on this connection
  };

  void dispatch(Timestamp receive_time, Sink& sink) {
    const auto type = message_[Message::kType];
    if (control(type, sink)) {
      return sink.skipped(Skipped::kControl);
    }
    const bool is_ticker = type == "ticker";
    const bool is_match = type == "match";
    const bool is_history = type == "last_match";
    if (!is_ticker && !is_match && !is_history && !type.empty()) {
      return sink.skipped(Skipped::kOtherChannel);
    }
    if (type.empty() || message_[Message::kProduct].empty()) {
      return sink.rejected(Rejected::kUndecodable);
    }
    const auto instrument = sink.find(message_[Message::kProduct]);
    if (!instrument) {
      return sink.rejected(Rejected::kUnknownInstrument);
    }
    update_.instrument = trade_.instrument = *instrument;
    update_.receive_time = trade_.receive_time = receive_time;
    Known& known = known_[*instrument];
    const Refusal refusal = is_ticker ? ticker(known, sink) : match(known.trades, is_history, sink);
    if (refusal) {
      sink.rejected(*refusal);
    }
  }

  Refusal ticker(Known& known, Sink& sink) {
    std::uint64_t sequence = 0;
    if (message_.has(Message::kSequence)) {
      if (const auto refusal = read_integer(message_[Message::kSequence], sequence)) {
        return refusal;
      }
      // It numbers the product's whole feed, so that jumps mean nothing, and an equal one is the
      // same ticker once more.
      if (sequence < known.sequence) {
        sink.skipped(Skipped::kDuplicate);
        return std::nullopt;
      }
    }
    update_.values.clear();
    if (const auto refusal = read_fields(message_.values(), kTicker, update_.values)) {
      return refusal;
    }
    if (const auto refusal = read_time(update_.exchange_time)) {
      return refusal;
    }
    if (update_.values.present().empty()) {
      return Rejected::kUndecodable;
    }
    known.sequence = sequence;
    sink.ticker(update_);
    return std::nullopt;
  }

  Refusal match(TradeIds& ids, bool is_history, Sink& sink) {
    std::uint64_t id = 0;
    if (const auto refusal = read_integer(message_[Message::kTradeId], id)) {
      return refusal;
    }
    if (is_history) {
      ids.note_history(id);
      sink.skipped(Skipped::kHistory);
      return std::nullopt;
    }
    if (ids.is_duplicate(id)) {
      sink.skipped(Skipped::kDuplicate);
      return std::nullopt;
    }
    market::Side makers{};
    Refusal refusal = read_side(message_[Message::kSide], makers);
    refusal = refusal ? refusal : read_decimal(message_[Message::kPrice], trade_.price);
    refusal = refusal ? refusal : read_decimal(message_[Message::kSize], trade_.size);
    refusal = refusal ? refusal : read_time(trade_.exchange_time);
    if (refusal) {
      return refusal;
    }
    trade_.id = market::TradeId(message_[Message::kTradeId]);
    trade_.side = opposite(makers);
    trade_.missed_before = ids.missed_before(id);
    ids.take(id);
    // The ticker, one for each match, says what the last trade was.
    sink.trade(trade_, market::FieldSet());
    return std::nullopt;
  }

  // A product that nobody traded lately has a ticker without a time.
  Refusal read_time(Timestamp& time) const {
    time = kNoTime;
    const auto text = message_[Message::kTime];
    return text.empty() ? std::nullopt : read_rfc3339(text, time);
  }

  bool control(std::string_view type, Sink& sink) const {
    using Kind = Notice::Kind;
    if (type == "subscriptions") {
      for (const auto product : message_.tickers()) {
        sink.notice({Kind::kSubscribed, plain_text(product), {}});
      }
    } else if (type == "error") {
      const auto reason = message_[Message::kReason];
      const bool names_product =
          reason.ends_with(" is not a valid product") || reason.ends_with(" is delisted");
      const auto product =
          plain_text(names_product ? reason.substr(0, reason.find(' ')) : std::string_view());
      const auto text = plain_text(reason.empty() ? message_[Message::kMessage] : reason);
      sink.notice({names_product ? Kind::kRefused : Kind::kError, product, text});
    } else {
      return type == "heartbeat";
    }
    return true;
  }

  const VenueRules rules_ = coinbase_rules();
  PerInstrument<Known> known_;
  CoinbaseExchangeMessage message_;
  market::Update update_;
  market::Trade trade_;
};

}  // namespace

std::unique_ptr<Adapter> make_coinbase_exchange(const Adapter::Options&) {
  return std::make_unique<CoinbaseExchange>();
}

}  // namespace ticker::feed
