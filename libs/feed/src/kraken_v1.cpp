#include <array>
#include <string>
#include <vector>

#include "json_adapter.hpp"
#include "kraken_rules.hpp"
#include "requests.hpp"
#include "venues.hpp"

namespace ticker::feed {
namespace {

using market::Field;

enum EventSlot : std::uint8_t { kEvent, kStatus, kEventPair, kErrorMessage };
enum DataSlot : std::uint8_t { kChannel, kPair, kFifth };
enum TickerSlot : std::uint8_t {
  kBid,
  kBidSize,
  kAsk,
  kAskSize,
  kLast,
  kLastSize,
  kOpen,
  kHigh,
  kLow,
  kVolume,
  kVwap
};
enum TradeSlot : std::uint8_t { kPrice, kSize, kTime, kSide };

constexpr Shape kEventShape = Shape::object({{"event", kEvent},
                                             {"status", kStatus},
                                             {"pair", kEventPair},
                                             {"errorMessage", kErrorMessage},
                                             {"Error", kErrorMessage}});
// Price, whole lots, lots; price, lots; today, last 24 hours.
constexpr Shape side(std::uint8_t price, std::uint8_t size) {
  return Shape::part(Shape::array({{"", price}, {}, {"", size}}));
}
constexpr Shape day(std::uint8_t slot) { return Shape::part(Shape::array({{}, {"", slot}})); }
constexpr Shape kAskPart = side(kAsk, kAskSize);
constexpr Shape kBidPart = side(kBid, kBidSize);
constexpr Shape kLastPart = Shape::part(Shape::array({{"", kLast}, {"", kLastSize}}));
constexpr Shape kOpenPart = day(kOpen);
constexpr Shape kHighPart = day(kHigh);
constexpr Shape kLowPart = day(kLow);
constexpr Shape kVolumePart = day(kVolume);
constexpr Shape kVwapPart = day(kVwap);
constexpr Shape kTicker = Shape::object({{"a", kNoSlot, &kAskPart},
                                         {"b", kNoSlot, &kBidPart},
                                         {"c", kNoSlot, &kLastPart},
                                         {"o", kNoSlot, &kOpenPart},
                                         {"h", kNoSlot, &kHighPart},
                                         {"l", kNoSlot, &kLowPart},
                                         {"v", kNoSlot, &kVolumePart},
                                         {"p", kNoSlot, &kVwapPart}});
constexpr Shape kTrade = Shape::array({{"", kPrice}, {"", kSize}, {"", kTime}, {"", kSide}});
constexpr Shape kTrades = Shape::list_of(kTrade);
// `[id, payload, "channel", "PAIR"]`; a book's message may have two payloads, and so a fifth place.
constexpr Shape kData = Shape::array(
    {{}, {"", kNoSlot, &kTicker, &kTrades}, {"", kChannel}, {"", kPair}}, {"", kFifth});

constexpr std::array kTickerFields{
    FieldSource{kBid, Field::kBid},      FieldSource{kBidSize, Field::kBidSize},
    FieldSource{kAsk, Field::kAsk},      FieldSource{kAskSize, Field::kAskSize},
    FieldSource{kLast, Field::kLast},    FieldSource{kLastSize, Field::kLastSize},
    FieldSource{kOpen, Field::kOpen24h}, FieldSource{kHigh, Field::kHigh24h},
    FieldSource{kLow, Field::kLow24h},   FieldSource{kVolume, Field::kVolume24h},
    FieldSource{kVwap, Field::kVwap24h}};

Refusal read_initial(std::string_view text, market::Side& out) {
  if (text != "b" && text != "s") {
    return Rejected::kUndecodable;
  }
  out = text == "b" ? market::Side::kBuy : market::Side::kSell;
  return std::nullopt;
}

// The ticker has price and size.
constexpr TradeSource kTradeFields{.price = kPrice,
                                   .size = kSize,
                                   .side = kSide,
                                   .time = kTime,
                                   .read_time = read_unix_seconds,
                                   .read_side = read_initial,
                                   .sets = Field::kLastSide};

// Kraken's own names of two assets.
std::string_view native_asset(std::string_view asset) {
  return asset == "BTC" ? "XBT" : asset == "DOGE" ? "XDG" : asset;
}

class KrakenV1 final : public JsonAdapter {
 public:
  KrakenV1() : JsonAdapter(&kEventShape, &kData) {}

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

  void interrupted() override {
    for (auto& known : known_) {
      known.may_have_missed = known.traded;
    }
  }

  void take_over(Adapter& before, bool overlapped) override {
    known_ = std::move(static_cast<KrakenV1&>(before).known_);
    for (auto& known : known_) {
      known.may_have_missed = known.may_have_missed || (known.traded && !overlapped);
    }
  }

 private:
  // This protocol has no trade ids: after a reconnect nobody can tell what was missed.
  struct Known {
    bool traded = false;
    bool may_have_missed = false;
  };

  void read(Sink& sink) override {
    if (message().root().is(kEventShape)) {
      return event(sink);
    }
    const auto channel = message()[kChannel];
    if (message().has(kFifth) || (!channel.empty() && channel != "ticker" && channel != "trade")) {
      return sink.skipped(Skipped::kOtherChannel);
    }
    const Shape& payload = channel == "ticker" ? kTicker : kTrade;
    if (channel.empty() || message().size() == 0 || !message().at(0).is(payload)) {
      return sink.rejected(Rejected::kUndecodable);
    }
    for_instrument(message()[kPair], sink, [&](market::InstrumentId instrument) {
      if (channel == "ticker") {
        return ticker(instrument, message().at(0), kTickerFields, kNoTime, sink);
      }
      message().for_each(
          kTrade, [&](const Record& entry) { count(trade_entry(instrument, entry, sink), sink); });
      return Refusal();
    });
  }

  Refusal trade_entry(market::InstrumentId instrument, const Record& entry, Sink& sink) {
    Known& known = known_[instrument];
    const auto missed = known.may_have_missed ? market::Trade::kUnknownMissed : 0;
    const auto refusal = trade(instrument, entry, kTradeFields, missed, sink);
    if (!refusal) {
      known = {.traded = true, .may_have_missed = false};
    }
    return refusal;
  }

  void event(Sink& sink) const {
    using Kind = Notice::Kind;
    const auto name = message()[kEvent];
    const auto status = plain_text(message()[kStatus]);
    const auto pair = plain_text(message()[kEventPair]);
    const auto error = plain_text(message()[kErrorMessage]);
    if (kraken_asked_too_much(error)) {
      sink.notice({Kind::kAskAgain, pair, error});
    } else if (name == "subscriptionStatus" && kraken_knows_already(error)) {
      sink.notice({Kind::kSubscribed, pair, {}});
    } else if (name == "subscriptionStatus" && status == "error") {
      sink.notice({Kind::kRefused, pair, error});
    } else if (name == "subscriptionStatus" && status == "subscribed") {
      sink.notice({Kind::kSubscribed, pair, {}});
    } else if (name == "systemStatus") {
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
};

}  // namespace

std::unique_ptr<Adapter> make_kraken_v1(const Adapter::Options&) {
  return std::make_unique<KrakenV1>();
}

}  // namespace ticker::feed
