#include <array>
#include <string>

#include "json_adapter.hpp"
#include "kraken_rules.hpp"
#include "requests.hpp"
#include "venues.hpp"

namespace ticker::feed {
namespace {

using market::Decimal;
using market::Field;

enum Slot : std::uint8_t { kChannel, kType, kMethod, kSuccess, kError, kRefusedSymbol };
enum ResultSlot : std::uint8_t { kResultSymbol };
enum EntrySlot : std::uint8_t {
  kSymbol,
  kBid,
  kBidSize,
  kAsk,
  kAskSize,
  kLast,
  kVolume,
  kVwap,
  kLow,
  kHigh,
  kChange,
  kChangePercent,
  kTimestamp,
  kSide,
  kPrice,
  kSize,
  kTradeId,
  kSystem
};

constexpr Shape kEntry = Shape::object({{"symbol", kSymbol},
                                        {"bid", kBid},
                                        {"bid_qty", kBidSize},
                                        {"ask", kAsk},
                                        {"ask_qty", kAskSize},
                                        {"last", kLast},
                                        {"volume", kVolume},
                                        {"vwap", kVwap},
                                        {"low", kLow},
                                        {"high", kHigh},
                                        {"change", kChange},
                                        {"change_pct", kChangePercent},
                                        {"timestamp", kTimestamp},
                                        {"side", kSide},
                                        {"price", kPrice},
                                        {"qty", kSize},
                                        {"trade_id", kTradeId},
                                        {"system", kSystem}});
constexpr Shape kEntries = Shape::list_of(kEntry);
constexpr Shape kResultShape = Shape::object({{"symbol", kResultSymbol}});
constexpr Shape kRoot = Shape::object({{"channel", kChannel, nullptr, nullptr, true},
                                       {"type", kType},
                                       {"method", kMethod},
                                       {"success", kSuccess},
                                       {"error", kError},
                                       {"Error", kError},
                                       {"symbol", kRefusedSymbol},
                                       {"result", kNoSlot, &kResultShape},
                                       {"data", kNoSlot, &kEntries}});

bool is_wanted(const Message&, std::size_t, std::string_view channel) {
  return channel == "ticker" || channel == "trade" || channel == "status" || channel == "heartbeat";
}

constexpr std::array kTickerFields{FieldSource{kBid, Field::kBid},
                                   FieldSource{kBidSize, Field::kBidSize},
                                   FieldSource{kAsk, Field::kAsk},
                                   FieldSource{kAskSize, Field::kAskSize},
                                   FieldSource{kLast, Field::kLast},
                                   FieldSource{kHigh, Field::kHigh24h},
                                   FieldSource{kLow, Field::kLow24h},
                                   FieldSource{kVolume, Field::kVolume24h},
                                   FieldSource{kVwap, Field::kVwap24h},
                                   FieldSource{kChange, Field::kChange24h},
                                   FieldSource{kChangePercent, Field::kChangePercent24h}};

// The ticker has the last price, but neither size nor side.
constexpr TradeSource kTradeFields{.price = kPrice,
                                   .size = kSize,
                                   .side = kSide,
                                   .time = kTimestamp,
                                   .id = kTradeId,
                                   .read_time = read_rfc3339,
                                   .read_side = read_side,
                                   .sets = market::FieldSet(Field::kLastSize) | Field::kLastSide};

class KrakenV2 final : public JsonAdapter {
 public:
  KrakenV2() : JsonAdapter(&kRoot, nullptr, is_wanted) {}

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
    for (auto& known : known_) {
      known.trades.reset();
      known.ticker = kNoTime;
    }
  }

  void take_over(Adapter& before, bool) override {
    known_ = std::move(static_cast<KrakenV2&>(before).known_);
  }

 private:
  struct Known {
    TradeIds trades;
    Timestamp ticker = kNoTime;  // of the last one on this connection
  };

  void read(Sink& sink) override {
    const auto channel = message()[kChannel];
    if (channel.empty() || channel == "status" || channel == "heartbeat") {
      return control(sink) ? sink.skipped(Skipped::kControl)
                           : sink.rejected(Rejected::kUndecodable);
    }
    bool has_entries = false;
    message().for_each(kEntry, [&](const Record& entry) {
      has_entries = true;
      for_instrument(entry[kSymbol], sink, [&](market::InstrumentId instrument) {
        return channel == "ticker" ? ticker_entry(instrument, entry, sink)
                                   : trade_entry(instrument, entry, sink);
      });
    });
    if (!has_entries) {
      sink.rejected(Rejected::kUndecodable);
    }
  }

  Refusal ticker_entry(market::InstrumentId instrument, const Record& entry, Sink& sink) {
    // Older integrations have no time.
    Timestamp time = kNoTime;
    const auto refusal = read_time(read_rfc3339, entry[kTimestamp], time);
    return refusal ? refusal
                   : ticker_in_order(instrument, entry, kTickerFields, time,
                                     known_[instrument].ticker, sink);
  }

  // The venue sends no open; it is what the change is counted from.
  void complete(market::FieldValues& values) const override {
    const auto given = values.present() - values.null();
    if (given.contains(market::FieldSet(Field::kLast) | Field::kChange24h)) {
      const auto open =
          Decimal::difference(values.decimal(Field::kLast), values.decimal(Field::kChange24h));
      if (open) {
        values.set(Field::kOpen24h, *open);
      }
    }
  }

  Refusal trade_entry(market::InstrumentId instrument, const Record& entry, Sink& sink) {
    const bool is_history = message()[kType] == "snapshot";
    return counted_trade(instrument, entry, kTradeFields,
                         is_history ? TradeKind::kHistory : TradeKind::kLive,
                         known_[instrument].trades, sink);
  }

  // False: no message that we know.
  bool control(Sink& sink) const {
    using Kind = Notice::Kind;
    const auto channel = message()[kChannel];
    const auto method = message()[kMethod];
    const auto error = plain_text(message()[kError]);
    if (channel == "status") {
      message().for_each(kEntry, [&](const Record& entry) {
        const auto status = plain_text(entry[kSystem]);
        sink.notice({kraken_status(status), {}, status});
      });
    } else if (method == "subscribe" && message()[kSuccess] == "true") {
      sink.notice({Kind::kSubscribed, plain_text(acknowledged_symbol()), {}});
    } else if (kraken_asked_too_much(error)) {
      sink.notice({Kind::kAskAgain, plain_text(refused_symbol()), error});
    } else if (method == "subscribe" && kraken_knows_already(error)) {
      sink.notice({Kind::kSubscribed, plain_text(refused_symbol()), {}});
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

  std::string_view acknowledged_symbol() const {
    const bool has_result = message().size() > 0 && message().at(0).is(kResultShape);
    return has_result ? message().at(0)[kResultSymbol] : std::string_view();
  }

  // In `symbol` or, in older frames, the last word of the error: `Currency pair not supported
  // XBT/USD`.
  std::string_view refused_symbol() const {
    if (message().has(kRefusedSymbol)) {
      return message()[kRefusedSymbol];
    }
    const auto error = message()[kError];
    const auto last_word = error.substr(error.rfind(' ') + 1);
    return last_word.find('/') == std::string_view::npos ? std::string_view() : last_word;
  }

  const VenueRules rules_ = kraken_rules(R"({"method":"ping"})");
  PerInstrument<Known> known_;
};

}  // namespace

std::unique_ptr<Adapter> make_kraken_v2(const Adapter::Options&) {
  return std::make_unique<KrakenV2>();
}

}  // namespace ticker::feed
