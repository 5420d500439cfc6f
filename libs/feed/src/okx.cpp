#include <array>
#include <string>

#include "json_adapter.hpp"
#include "requests.hpp"
#include "venues.hpp"

namespace ticker::feed {
namespace {

using market::Field;

enum Slot : std::uint8_t { kEvent, kCode, kMsg, kChannel, kArgInstrument };
enum EntrySlot : std::uint8_t {
  kInstrument,
  kType,
  kTime,
  kLast,
  kLastSize,
  kBid,
  kBidSize,
  kAsk,
  kAskSize,
  kOpen,
  kHigh,
  kLow,
  kVolume,
  kCurrencyVolume,
  kTradeId,
  kPrice,
  kSize,
  kSide,
  kCount
};

constexpr Shape kArg = Shape::part(
    Shape::object({{"channel", kChannel, nullptr, nullptr, true}, {"instId", kArgInstrument}}));
constexpr Shape kEntry = Shape::object({{"instId", kInstrument},
                                        {"instType", kType},
                                        {"ts", kTime},
                                        {"last", kLast},
                                        {"lastSz", kLastSize},
                                        {"bidPx", kBid},
                                        {"bidSz", kBidSize},
                                        {"askPx", kAsk},
                                        {"askSz", kAskSize},
                                        {"open24h", kOpen},
                                        {"high24h", kHigh},
                                        {"low24h", kLow},
                                        {"vol24h", kVolume},
                                        {"volCcy24h", kCurrencyVolume},
                                        {"tradeId", kTradeId},
                                        {"px", kPrice},
                                        {"sz", kSize},
                                        {"side", kSide},
                                        {"count", kCount}});
constexpr Shape kEntries = Shape::list_of(kEntry);
constexpr Shape kRoot = Shape::object({{"event", kEvent},
                                       {"code", kCode},
                                       {"msg", kMsg},
                                       {"arg", kNoSlot, &kArg},
                                       {"data", kNoSlot, &kEntries}});

// Books are long; whose channel they are comes first.
bool is_wanted(const Message& message, std::size_t, std::string_view channel) {
  return message.has(kEvent) || channel == "tickers" || channel == "trades";
}

// The quote volume is the last: only spot has it. What derivatives have under its name counts base
// coins, and their `vol24h` and sizes are numbers of contracts.
constexpr std::array kTicker{FieldSource{kBid, Field::kBid},
                             FieldSource{kBidSize, Field::kBidSize},
                             FieldSource{kAsk, Field::kAsk},
                             FieldSource{kAskSize, Field::kAskSize},
                             FieldSource{kLast, Field::kLast},
                             FieldSource{kLastSize, Field::kLastSize},
                             FieldSource{kOpen, Field::kOpen24h},
                             FieldSource{kHigh, Field::kHigh24h},
                             FieldSource{kLow, Field::kLow24h},
                             FieldSource{kVolume, Field::kVolume24h},
                             FieldSource{kCurrencyVolume, Field::kQuoteVolume24h}};

// The ticker has price and size.
constexpr TradeSource kTrade{.price = kPrice,
                             .size = kSize,
                             .side = kSide,
                             .time = kTime,
                             .id = kTradeId,
                             .count = kCount,
                             .read_time = read_unix_time,
                             .read_side = read_side,
                             .sets = Field::kLastSide};

VenueRules okx_rules() {
  VenueRules rules;
  rules.feed_timeout = std::chrono::seconds(30);
  // Whoever neither sends nor is sent anything for 30 s is cut. No JSON: the answer is `pong`.
  rules.keepalive_interval = std::chrono::seconds(20);
  rules.keepalive_text = "ping";
  // The venue counts 480 an hour; how fast they may come it does not say.
  rules.requests_per_window = 3;
  rules.request_window = std::chrono::seconds(1);
  rules.connects_per_window = 3;
  rules.connect_window = std::chrono::seconds(1);
  rules.first_retry = std::chrono::milliseconds(400);
  return rules;
}

class Okx final : public JsonAdapter {
 public:
  Okx() : JsonAdapter(&kRoot, nullptr, is_wanted) {}

  const VenueRules& rules() const override { return rules_; }

  // `BTC-USDT`, `BTC-USD-PERP` is BTC-USD-SWAP, `BTC-USD-220527`.
  std::optional<std::string> native_name(std::string_view canonical) const override {
    const auto pair = split_canonical(canonical);
    if (!pair) {
      return std::nullopt;
    }
    if (pair->contract == "PERP") {
      return std::string(pair->base).append("-").append(pair->quote).append("-SWAP");
    }
    return std::string(canonical);
  }

  std::vector<ConnectionPlan> plan(std::string_view url,
                                   const std::vector<std::string>& natives) const override {
    // 64 KB are allowed, and an instrument takes about a hundred bytes.
    constexpr std::size_t kInstruments = 200;
    ConnectionPlan plan{std::string(url), {}, natives};
    for (const auto run : chunks(natives, kInstruments)) {
      std::string args;
      for (const auto& native : run) {
        for (const auto* const channel : {"tickers", "trades"}) {
          args += args.empty() ? "" : ",";
          args +=
              R"({"channel":")" + std::string(channel) + R"(","instId":)" + quoted(native) + '}';
        }
      }
      plan.requests.push_back(R"({"op":"subscribe","args":[)" + args + "]}");
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
    known_ = std::move(static_cast<Okx&>(before).known_);
  }

  void decode(char* message, std::size_t size, Timestamp receive_time, Sink& sink) override {
    if (std::string_view(message, size) == "pong") {
      return sink.skipped(Skipped::kControl);
    }
    JsonAdapter::decode(message, size, receive_time, sink);
  }

 private:
  struct Known {
    TradeIds trades;
    Timestamp ticker = kNoTime;  // of the last one on this connection
  };

  void read(Sink& sink) override {
    if (message().has(kEvent)) {
      event(sink);
      return sink.skipped(Skipped::kControl);
    }
    const auto channel = message()[kChannel];
    bool has_entries = false;
    message().for_each(kEntry, [&](const Record& entry) {
      has_entries = !channel.empty();
      if (channel == "tickers") {
        for_instrument(entry[kInstrument], sink, [&](market::InstrumentId instrument) {
          return ticker_entry(instrument, entry, sink);
        });
      } else if (channel == "trades") {
        for_instrument(entry[kInstrument], sink, [&](market::InstrumentId instrument) {
          return counted_trade(instrument, entry, kTrade, TradeKind::kLive,
                               known_[instrument].trades, sink);
        });
      }
    });
    if (!has_entries) {
      sink.rejected(Rejected::kUndecodable);
    }
  }

  Refusal ticker_entry(market::InstrumentId instrument, const Record& entry, Sink& sink) {
    std::span<const FieldSource> fields = kTicker;
    if (entry[kType] != "SPOT") {
      fields = fields.first(fields.size() - 1);
    }
    Timestamp time = kNoTime;
    const auto refusal = read_time(read_unix_time, entry[kTime], time);
    return refusal
               ? refusal
               : ticker_in_order(instrument, entry, fields, time, known_[instrument].ticker, sink);
  }

  void event(Sink& sink) const {
    using Kind = Notice::Kind;
    const auto name = message()[kEvent];
    const auto code = message()[kCode];
    const auto text = plain_text(message()[kMsg]);
    if (name == "subscribe") {
      sink.notice({Kind::kSubscribed, plain_text(message()[kArgInstrument]), {}});
    } else if (name == "error" && code == "60014") {
      sink.notice({Kind::kAskAgain, {}, text});
    } else if (name == "error") {
      const auto instrument = refused_instrument(text);
      sink.notice({instrument.empty() ? Kind::kError : Kind::kRefused, instrument, text});
    } else if (name == "notice" && code == "64008") {
      sink.notice({Kind::kPlannedClose, {}, text});
    }
  }

  // `Wrong URL or channel:tickers,instId:LTC-USD-200327 doesn't exist. …`
  static std::string_view refused_instrument(std::string_view text) {
    constexpr std::string_view kName = "instId:";
    const auto at = text.find(kName);
    const auto end = text.find(" doesn't exist");
    if (at == std::string_view::npos || end == std::string_view::npos || end < at) {
      return {};
    }
    return text.substr(at + kName.size(), end - at - kName.size());
  }

  const VenueRules rules_ = okx_rules();
  PerInstrument<Known> known_;
};

}  // namespace

std::unique_ptr<Adapter> make_okx(const Adapter::Options&) { return std::make_unique<Okx>(); }

}  // namespace ticker::feed
