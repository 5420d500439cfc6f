#include <array>
#include <string>

#include "coinbase_rules.hpp"
#include "json_adapter.hpp"
#include "venues.hpp"

namespace ticker::feed {
namespace {

using market::Field;

enum Slot : std::uint8_t {
  kType,
  kProduct,
  kSequence,
  kPrice,
  kOpen,
  kHigh,
  kLow,
  kVolume,
  kBid,
  kBidSize,
  kAsk,
  kAskSize,
  kSide,
  kTime,
  kTradeId,
  kLastSize,
  kSize,
  kMessage,
  kReason
};
enum ChannelSlot : std::uint8_t { kName };

constexpr Shape kProducts = Shape::texts();
constexpr Shape kChannel = Shape::object({{"name", kName}, {"product_ids", kNoSlot, &kProducts}});
constexpr Shape kChannels = Shape::list_of(kChannel);
constexpr Shape kRoot = Shape::object({{"type", kType, nullptr, nullptr, true},
                                       {"product_id", kProduct},
                                       {"sequence", kSequence},
                                       {"price", kPrice},
                                       {"open_24h", kOpen},
                                       {"high_24h", kHigh},
                                       {"low_24h", kLow},
                                       {"volume_24h", kVolume},
                                       {"best_bid", kBid},
                                       {"best_bid_size", kBidSize},
                                       {"best_ask", kAsk},
                                       {"best_ask_size", kAskSize},
                                       {"side", kSide},
                                       {"time", kTime},
                                       {"trade_id", kTradeId},
                                       {"last_size", kLastSize},
                                       {"size", kSize},
                                       {"message", kMessage},
                                       {"reason", kReason},
                                       {"channels", kNoSlot, &kChannels}});

// A book of up to 40 KB is known by its type, which comes first.
bool is_wanted(const Message&, std::size_t, std::string_view type) {
  return type != "l2update" && type != "snapshot";
}

constexpr std::array kTicker{
    FieldSource{kBid, Field::kBid},      FieldSource{kBidSize, Field::kBidSize},
    FieldSource{kAsk, Field::kAsk},      FieldSource{kAskSize, Field::kAskSize},
    FieldSource{kPrice, Field::kLast},   FieldSource{kLastSize, Field::kLastSize},
    FieldSource{kOpen, Field::kOpen24h}, FieldSource{kHigh, Field::kHigh24h},
    FieldSource{kLow, Field::kLow24h},   FieldSource{kVolume, Field::kVolume24h},
    FieldSource{kSide, Field::kLastSide}};

// The ticker, one for each match, says what the last trade was.
constexpr TradeSource kMatch{.price = kPrice,
                             .size = kSize,
                             .side = kSide,
                             .time = kTime,
                             .id = kTradeId,
                             .read_time = read_rfc3339,
                             .read_side = read_makers_side,
                             .sets = {}};

class CoinbaseExchange final : public JsonAdapter {
 public:
  CoinbaseExchange() : JsonAdapter(&kRoot, nullptr, is_wanted) {}

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
      known.sequence.reset();
    }
  }

  void take_over(Adapter& before, bool) override {
    known_ = std::move(static_cast<CoinbaseExchange&>(before).known_);
  }

 private:
  struct Known {
    TradeIds trades;
    RisingNumber sequence;  // of the tickers on this connection
  };

  void read(Sink& sink) override {
    const auto type = message()[kType];
    const bool is_history = type == "last_match";
    if (type == "ticker") {
      for_instrument(message()[kProduct], sink,
                     [&](auto instrument) { return quote(instrument, sink); });
    } else if (type == "match" || is_history) {
      for_instrument(message()[kProduct], sink, [&](auto instrument) {
        return counted_trade(instrument, message().root(), kMatch,
                             is_history ? TradeKind::kHistory : TradeKind::kLive,
                             known_[instrument].trades, sink);
      });
    } else if (type.empty()) {
      sink.rejected(Rejected::kUndecodable);
    } else {
      sink.skipped(control(type, sink) ? Skipped::kControl : Skipped::kOtherChannel);
    }
  }

  Refusal quote(market::InstrumentId instrument, Sink& sink) {
    Known& known = known_[instrument];
    std::uint64_t sequence = 0;
    if (message().has(kSequence)) {
      if (const auto refusal = read_integer(message()[kSequence], sequence)) {
        return refusal;
      }
      // It numbers the product's whole feed, so that jumps mean nothing, and an equal one is the
      // same ticker once more.
      if (known.sequence.is_late(sequence, update_.receive_time)) {
        sink.skipped(Skipped::kDuplicate);
        return std::nullopt;
      }
    }
    // A product that nobody traded lately has a ticker without a time.
    Timestamp time = kNoTime;
    Refusal refusal = read_time(read_rfc3339, message()[kTime], time);
    refusal = refusal ? refusal : ticker(instrument, message().root(), kTicker, time, sink);
    if (!refusal && message().has(kSequence)) {
      known.sequence.take(sequence, update_.receive_time);
    }
    return refusal;
  }

  bool control(std::string_view type, Sink& sink) const {
    using Kind = Notice::Kind;
    if (type == "subscriptions") {
      message().for_each(kProducts, [&](const Record& product) {
        if (product.parent()[kName] == "ticker") {
          sink.notice({Kind::kSubscribed, plain_text(product[0]), {}});
        }
      });
    } else if (type == "error") {
      const auto reason = message()[kReason];
      const bool names_product =
          reason.ends_with(" is not a valid product") || reason.ends_with(" is delisted");
      const auto product =
          plain_text(names_product ? reason.substr(0, reason.find(' ')) : std::string_view());
      const auto text = plain_text(reason.empty() ? message()[kMessage] : reason);
      sink.notice({names_product ? Kind::kRefused : Kind::kError, product, text});
    } else {
      return type == "heartbeat";
    }
    return true;
  }

  const VenueRules rules_ = coinbase_rules();
  PerInstrument<Known> known_;
};

}  // namespace

std::unique_ptr<Adapter> make_coinbase_exchange(const Adapter::Options&) {
  return std::make_unique<CoinbaseExchange>();
}

}  // namespace ticker::feed
