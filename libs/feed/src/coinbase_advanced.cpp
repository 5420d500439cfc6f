#include <algorithm>
#include <array>
#include <string>

#include "coinbase_rules.hpp"
#include "connection_sequence.hpp"
#include "json_adapter.hpp"
#include "venues.hpp"

namespace ticker::feed {
namespace {

using market::Field;

enum Slot : std::uint8_t { kChannel, kTimestamp, kSequence, kType, kMessage };
enum EventSlot : std::uint8_t { kEventType };
enum EntrySlot : std::uint8_t {
  kProduct,
  kPrice,
  kVolume,
  kLow,
  kHigh,
  kChangePercent,
  kBid,
  kBidSize,
  kAsk,
  kAskSize,
  kTradeId,
  kSize,
  kSide,
  kTime
};

constexpr Shape kTicker = Shape::object({{"product_id", kProduct},
                                         {"price", kPrice},
                                         {"volume_24_h", kVolume},
                                         {"low_24_h", kLow},
                                         {"high_24_h", kHigh},
                                         {"price_percent_chg_24_h", kChangePercent},
                                         {"best_bid", kBid},
                                         {"best_bid_quantity", kBidSize},
                                         {"best_ask", kAsk},
                                         {"best_ask_quantity", kAskSize}});
constexpr Shape kTrade = Shape::object({{"product_id", kProduct},
                                        {"trade_id", kTradeId},
                                        {"price", kPrice},
                                        {"size", kSize},
                                        {"side", kSide},
                                        {"time", kTime}});
constexpr Shape kTickers = Shape::list_of(kTicker);
constexpr Shape kTrades = Shape::list_of(kTrade);
constexpr Shape kProducts = Shape::texts();
constexpr Shape kSubscriptions = Shape::object({{"ticker", kNoSlot, &kProducts}});
constexpr Shape kEvent = Shape::object({{"type", kEventType},
                                        {"tickers", kNoSlot, &kTickers},
                                        {"trades", kNoSlot, &kTrades},
                                        {"subscriptions", kNoSlot, &kSubscriptions}});
constexpr Shape kEvents = Shape::list_of(kEvent);
constexpr Shape kRoot = Shape::object({{"channel", kChannel, nullptr, nullptr, true},
                                       {"timestamp", kTimestamp},
                                       {"sequence_num", kSequence, nullptr, nullptr, true},
                                       {"type", kType},
                                       {"message", kMessage},
                                       {"events", kNoSlot, &kEvents}});

// Of a book of up to 6 MB nothing is needed but its number.
bool is_wanted(const Message& message, std::size_t, std::string_view) {
  return message[kChannel] != "l2_data" || !message.has(kSequence);
}

constexpr std::array kTickerFields{FieldSource{kBid, Field::kBid},
                                   FieldSource{kBidSize, Field::kBidSize},
                                   FieldSource{kAsk, Field::kAsk},
                                   FieldSource{kAskSize, Field::kAskSize},
                                   FieldSource{kPrice, Field::kLast},
                                   FieldSource{kHigh, Field::kHigh24h},
                                   FieldSource{kLow, Field::kLow24h},
                                   FieldSource{kVolume, Field::kVolume24h},
                                   FieldSource{kChangePercent, Field::kChangePercent24h}};

// The ticker has the last price, but neither size nor side.
constexpr TradeSource kTradeFields{.price = kPrice,
                                   .size = kSize,
                                   .side = kSide,
                                   .time = kTime,
                                   .id = kTradeId,
                                   .read_time = read_rfc3339,
                                   .read_side = read_makers_side,
                                   .sets = market::FieldSet(Field::kLastSize) | Field::kLastSide};

class CoinbaseAdvanced final : public JsonAdapter {
 public:
  CoinbaseAdvanced() : JsonAdapter(&kRoot, nullptr, is_wanted) {}

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
    for (auto& known : known_) {
      known.trades.reset();
      known.sequence = 0;
    }
    sequence_.reset();
  }

  void take_over(Adapter& before, bool) override {
    known_ = std::move(static_cast<CoinbaseAdvanced&>(before).known_);
    for (auto& known : known_) {
      known.sequence = 0;  // each connection has numbers of its own
    }
  }

 private:
  struct Known {
    TradeIds trades;
    std::uint64_t sequence = 0;  // of the last ticker on this connection
  };

  void pass_over(Sink& sink) override {
    check_sequence(sink);
    sink.skipped(Skipped::kOtherChannel);
  }

  void read(Sink& sink) override {
    check_sequence(sink);
    const auto channel = message()[kChannel];
    if (control(channel, sink)) {
      return sink.skipped(Skipped::kControl);
    }
    const bool has_trades = channel == "market_trades";
    const bool has_tickers = channel == "ticker" || channel == "ticker_batch";
    if (!has_trades && !has_tickers && !channel.empty()) {
      return sink.skipped(Skipped::kOtherChannel);
    }
    Timestamp time = kNoTime;
    if (const auto refusal = read_time(read_rfc3339, message()[kTimestamp], time)) {
      return sink.rejected(*refusal);
    }
    bool has_entries = false;
    const auto take = [&](const Record& entry) {
      has_entries = true;
      for_product(entry[kProduct], sink, [&](market::InstrumentId instrument) {
        return has_tickers ? ticker_entry(instrument, entry, time, sink)
                           : trade_entry(instrument, entry, sink);
      });
    };
    if (has_tickers) {
      message().for_each(kTicker, take);
    } else if (has_trades) {
      for_each_oldest_first(take);
    }
    if (!has_entries) {
      sink.rejected(Rejected::kUndecodable);
    }
  }

  // Of the trades in one event the newest comes first.
  template <typename Fn>
  void for_each_oldest_first(Fn&& fn) const {
    for (std::size_t begin = 0; begin < message().size();) {
      std::size_t end = begin + 1;
      while (end < message().size() && !message().at(end).is(kEvent)) {
        ++end;
      }
      for (std::size_t i = end; i-- > begin;) {
        if (message().at(i).is(kTrade)) {
          fn(message().at(i));
        }
      }
      begin = end;
    }
  }

  Refusal ticker_entry(market::InstrumentId instrument, const Record& entry, Timestamp time,
                       Sink& sink) {
    Known& known = known_[instrument];
    if (ConnectionSequence::is_older(number_, known.sequence)) {
      sink.skipped(Skipped::kDuplicate);
      return std::nullopt;
    }
    const auto refusal = ticker(instrument, entry, kTickerFields, time, sink);
    known.sequence = refusal ? known.sequence : number_;
    return refusal;
  }

  Refusal trade_entry(market::InstrumentId instrument, const Record& entry, Sink& sink) {
    const bool is_history = entry.parent()[kEventType] == "snapshot";
    return counted_trade(instrument, entry, kTradeFields,
                         is_history ? TradeKind::kHistory : TradeKind::kLive,
                         known_[instrument].trades, sink);
  }

  // Whoever asks for BTC-USDC is told of BTC-USD.
  template <typename Fn>
  static void for_product(std::string_view product, Sink& sink, Fn&& fn) {
    if (product.empty()) {
      return sink.rejected(Rejected::kUndecodable);
    }
    auto instrument = sink.find(product);
    if (!instrument && product.ends_with("-USD")) {
      instrument = sink.find(std::string(product) + 'C');
    }
    for_found(instrument, sink, fn);
  }

  // One counter for the connection, over all channels. A jump is told and no more: entries are
  // whole, and trades have ids.
  void check_sequence(Sink& sink) {
    // Without one it is where the last one was.
    number_ = sequence_.last();
    if (!read_integer(message()[kSequence], number_) && !sequence_.take(number_)) {
      sink.notice({Notice::Kind::kSequenceGap, {}, {}});
    }
  }

  bool control(std::string_view channel, Sink& sink) const {
    if (channel == "subscriptions") {
      message().for_each(kProducts, [&](const Record& product) {
        sink.notice({Notice::Kind::kSubscribed, plain_text(product[0]), {}});
      });
    } else if (message()[kType] == "error") {
      sink.notice({Notice::Kind::kError, {}, plain_text(message()[kMessage])});
    } else {
      return channel == "heartbeats";
    }
    return true;
  }

  const VenueRules rules_ = coinbase_rules();
  PerInstrument<Known> known_;
  ConnectionSequence sequence_;
  std::uint64_t number_ = 0;  // in it, of the message that is being read
};

}  // namespace

std::unique_ptr<Adapter> make_coinbase_advanced(const Adapter::Options&) {
  return std::make_unique<CoinbaseAdvanced>();
}

}  // namespace ticker::feed
