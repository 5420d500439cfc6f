#include <array>
#include <string>
#include <vector>

#include "kraken.hpp"
#include "kraken_rules.hpp"
#include "kraken_v1_message.hpp"
#include "requests.hpp"
#include "trade_ids.hpp"
#include "values.hpp"

namespace ticker::feed {
namespace {

using market::Field;
using Message = KrakenV1Message;

constexpr std::array kTicker{
    FieldSource{Message::kBid, Field::kBid},      FieldSource{Message::kBidSize, Field::kBidSize},
    FieldSource{Message::kAsk, Field::kAsk},      FieldSource{Message::kAskSize, Field::kAskSize},
    FieldSource{Message::kLast, Field::kLast},    FieldSource{Message::kLastSize, Field::kLastSize},
    FieldSource{Message::kOpen, Field::kOpen24h}, FieldSource{Message::kHigh, Field::kHigh24h},
    FieldSource{Message::kLow, Field::kLow24h},   FieldSource{Message::kVolume, Field::kVolume24h},
    FieldSource{Message::kVwap, Field::kVwap24h}};

// Kraken's own names of two assets.
std::string_view native_asset(std::string_view asset) {
  return asset == "BTC" ? "XBT" : asset == "DOGE" ? "XDG" : asset;
}

class KrakenV1 final : public Adapter {
 public:
  const VenueRules& rules() const override { return rules_; }

  std::optional<std::string> native_name(std::string_view canonical) const override {
    const auto pair = split_canonical(canonical);
    if (!pair || !pair->contract.empty()) {
      return std::nullopt;
    }
    return std::string(native_asset(pair->base)).append("/").append(native_asset(pair->quote));
  }

  std::vector<ConnectionPlan> plan(std::string_view url,
                                   const std::vector<std::string>& natives) const override {
    ConnectionPlan plan{std::string(url), {}, natives};
    for (const auto* const channel : {"ticker", "trade"}) {
      for (const auto run : chunks(natives, kKrakenSymbolsPerRequest)) {
        plan.requests.push_back(
            R"({"event":"subscribe","reqid":)" + std::to_string(plan.requests.size() + 1) +
            R"(,"pair":)" + json_list(run) + R"(,"subscription":{"name":")" + channel + R"("}})");
      }
    }
    return {plan};
  }

  void reset() override {
    for (auto& known : known_) {
      known.may_have_missed = known.traded;
    }
  }

  void decode(char* message, std::size_t size, Timestamp receive_time, Sink& sink) override {
    message_.clear();
    switch (parse_in_situ(message, size, message_)) {
      case ParseOutcome::kComplete:
        return dispatch(receive_time, sink);
      case ParseOutcome::kStopped:
      case ParseOutcome::kOutOfRange:
        return sink.rejected(Rejected::kOutOfRange);
      case ParseOutcome::kMalformed:
        return sink.rejected(Rejected::kUndecodable);
    }
  }

 private:
  // This protocol has no trade ids: after a reconnect nobody can tell what was missed.
  struct Known {
    bool traded = false;
    bool may_have_missed = false;
  };

  void dispatch(Timestamp receive_time, Sink& sink) {
    if (message_.is_event()) {
      return event(sink);
    }
    const bool is_ticker = message_.channel() == "ticker";
    if (!is_ticker && message_.channel() != "trade" && !message_.channel().empty()) {
      return sink.skipped(Skipped::kOtherChannel);
    }
    const bool has_payload = is_ticker ? message_.has_ticker() : !message_.trades().empty();
    if (message_.channel().empty() || message_.pair().empty() || !has_payload) {
      return sink.rejected(Rejected::kUndecodable);
    }
    const auto instrument = sink.find(message_.pair());
    if (!instrument) {
      return sink.rejected(Rejected::kUnknownInstrument);
    }
    update_.instrument = trade_.instrument = *instrument;
    update_.receive_time = trade_.receive_time = receive_time;
    if (is_ticker) {
      return ticker(sink);
    }
    for (const auto& entry : message_.trades()) {
      if (const auto refusal = trade(entry, known_[*instrument], sink)) {
        sink.rejected(*refusal);
      }
    }
  }

  void ticker(Sink& sink) {
    update_.values.clear();
    Refusal refusal = read_fields(message_.ticker(), kTicker, update_.values);
    if (!refusal && update_.values.present().empty()) {
      refusal = Rejected::kUndecodable;
    }
    return refusal ? sink.rejected(*refusal) : sink.ticker(update_);
  }

  Refusal trade(const Message::Trade& entry, Known& known, Sink& sink) {
    const auto side = entry[Message::kSide];
    if (side != "b" && side != "s") {
      return Rejected::kUndecodable;
    }
    Refusal refusal = read_decimal(entry[Message::kPrice], trade_.price);
    refusal = refusal ? refusal : read_decimal(entry[Message::kSize], trade_.size);
    refusal = refusal ? refusal : read_unix_seconds(entry[Message::kTime], trade_.exchange_time);
    if (refusal) {
      return refusal;
    }
    trade_.side = side == "b" ? market::Side::kBuy : market::Side::kSell;
    trade_.missed_before = known.may_have_missed ? market::Trade::kUnknownMissed : 0;
    known = {.traded = true, .may_have_missed = false};
    // The ticker has price and size.
    sink.trade(trade_, Field::kLastSide);
    return std::nullopt;
  }

  void event(Sink& sink) const {
    using Kind = Notice::Kind;
    const auto name = message_[Message::kEvent];
    const auto pair = plain_text(message_[Message::kPair]);
    const auto error = plain_text(message_[Message::kErrorMessage]);
    if (name == "subscriptionStatus" && message_[Message::kStatus] == "error") {
      sink.notice({Kind::kRefused, pair, error});
    } else if (name == "subscriptionStatus" && message_[Message::kStatus] == "subscribed") {
      sink.notice({Kind::kSubscribed, pair, {}});
    } else if (name == "systemStatus") {
      const auto status = plain_text(message_[Message::kStatus]);
      sink.notice({kraken_status(status), {}, status});
    } else if (name == "error" || !error.empty()) {
      sink.notice({Kind::kError, {}, error});
    } else if (name.empty()) {
      return sink.rejected(Rejected::kUndecodable);
    }
    sink.skipped(Skipped::kControl);
  }

  const VenueRules rules_ = kraken_rules(R"({"event":"ping"})");
  PerInstrument<Known> known_;
  KrakenV1Message message_;
  market::Update update_;
  market::Trade trade_;
};

}  // namespace

std::unique_ptr<Adapter> make_kraken_v1(const Adapter::Options&) {
  return std::make_unique<KrakenV1>();
}

}  // namespace ticker::feed
