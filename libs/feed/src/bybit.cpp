#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "bybit_message.hpp"
#include "requests.hpp"
#include "venues.hpp"

namespace ticker::feed {
namespace {

using namespace bybit;  // NOLINT: the tables of this adapter

VenueRules bybit_rules() {
  VenueRules rules;
  rules.feed_timeout = std::chrono::seconds(30);
  rules.keepalive_interval = std::chrono::seconds(20);
  rules.keepalive_text = R"({"op":"ping"})";
  // Not numbered by the venue.
  rules.requests_per_window = 20;
  rules.request_window = std::chrono::seconds(1);
  rules.connects_per_window = 500;
  rules.connect_window = std::chrono::minutes(5);
  return rules;
}

// What Bybit's markets have in common. They differ in where the quote comes from, and in whether
// tickers are whole.
class Bybit : public JsonAdapter {
 public:
  const VenueRules& rules() const override { return rules_; }

  std::vector<ConnectionPlan> plan(std::string_view url,
                                   const std::vector<std::string>& natives) const override {
    std::vector<ConnectionPlan> plans;
    for (const auto run : chunks(natives, kInstruments)) {
      ConnectionPlan plan{std::string(url), {}, {run.begin(), run.end()}};
      // One instrument each: a topic that the venue does not have refuses the whole request.
      for (const auto& native : run) {
        plan.requests.push_back(R"({"req_id":)" + quoted(native) + R"(,"op":"subscribe","args":)" +
                                json_list(topics(native)) + '}');
      }
      plans.push_back(std::move(plan));
    }
    return plans;
  }

  void reset() override {
    for (auto& known : known_) {
      known.may_have_missed = known.traded;
      known.has_snapshot = false;
      known.ticker.reset();
      known.book.reset();
    }
  }

  void interrupted() override {
    for (auto& known : known_) {
      known.may_have_missed = known.traded;
    }
  }

  void take_over(Adapter& before, bool overlapped) override {
    auto own = std::exchange(known_, std::move(static_cast<Bybit&>(before).known_));
    for (auto& known : known_) {
      known.may_have_missed = known.may_have_missed || (known.traded && !overlapped);
    }
    // Also of what `before` did not serve.
    market::InstrumentId instrument = 0;
    for (const auto& known : own) {
      auto& has_snapshot = known_[instrument++].has_snapshot;
      has_snapshot = has_snapshot || known.has_snapshot;
    }
  }

 protected:
  struct Known {
    bool traded = false;
    bool may_have_missed = false;  // ids do not count: after a reconnect nobody can tell
    bool has_snapshot = false;
    RisingNumber ticker = {};  // `cs`, on this connection
    RisingNumber book = {};    // `u`
    RisingNumber trade = {};   // `seq`, over connections: the next one may be behind
    std::vector<market::TradeId> ids = {};  // of the trades with the last number, the latest
    std::size_t next_id = 0;  // the place of the next one, once they are as many as are kept
  };

  Bybit() : JsonAdapter(&kRoot, nullptr, is_wanted) {
    rules_.instruments_per_connection = kInstruments;
  }

  virtual std::vector<std::string> topics(const std::string& native) const = 0;
  virtual Refusal tickers(market::InstrumentId instrument, const Record& data, Known& known,
                          Sink& sink) = 0;

  bool is_snapshot() const { return message()[kType] != "delta"; }

  Refusal ticker_at(std::size_t time_slot, market::InstrumentId instrument, const Record& data,
                    std::span<const FieldSource> fields, Sink& sink, Extent extent) {
    Timestamp time = kNoTime;
    const auto no_time = read_time(read_unix_time, message()[time_slot], time);
    if (no_time && extent == Extent::kWhole) {
      return no_time;
    }
    count(no_time, sink);
    return ticker(instrument, data, fields, time, sink, extent);
  }

  // A message's number; where it has none, the last one.
  static Refusal read_number(std::string_view text, const RisingNumber& known, std::uint64_t& out) {
    out = known.last();
    return text.empty() ? std::nullopt : read_integer(text, out);
  }

  // Calls take(), unless the message is late by its number.
  template <typename Take>
  Refusal in_order(std::uint64_t number, RisingNumber& known, Sink& sink, Take&& take) {
    if (known.is_late(number, update_.receive_time)) {
      sink.skipped(Skipped::kDuplicate);
      return std::nullopt;
    }
    const Refusal refusal = take();
    if (!refusal) {
      known.take(number, update_.receive_time);
    }
    return refusal;
  }

 private:
  // The text of all topics of a connection has 21,000 characters at most; three of an instrument
  // take up to a hundred.
  static constexpr std::size_t kInstruments = 200;
  // A message has so many trades at most; 41 of one number is the most that was seen.
  static constexpr std::size_t kMostIds = 1024;

  void read(Sink& sink) override {
    const auto topic = message()[kTopic];
    if (topic.empty()) {
      return control(sink);
    }
    const bool has_trades = topic.starts_with(kPublicTrade);
    if (message().size() == 0 || !message().at(0).is(has_trades ? kTrade : kData)) {
      return sink.rejected(Rejected::kUndecodable);
    }
    if (has_trades) {
      message().for_each(kTrade, [&](const Record& entry) {
        for_instrument(entry[kTradeSymbol], sink, [&](market::InstrumentId instrument) {
          return trade_entry(instrument, entry, known_[instrument], sink);
        });
      });
      return;
    }
    const Record& data = message().at(0);
    for_instrument(data[kSymbol], sink, [&](market::InstrumentId instrument) {
      return topic.starts_with(kBook) ? book(instrument, data, known_[instrument], sink)
                                      : tickers(instrument, data, known_[instrument], sink);
    });
  }

  // Only its best levels, and always both: a side without any is empty. It is repeated when nothing
  // happens, and begins again at 1 when the venue's service does.
  Refusal book(market::InstrumentId instrument, const Record& data, Known& known, Sink& sink) {
    if (data[kUpdate] == "1") {
      known.book.reset();
    }
    std::uint64_t number = 0;
    if (const auto refusal = read_number(data[kUpdate], known.book, number)) {
      return refusal;
    }
    return in_order(number, known.book, sink, [&] {
      return ticker_at(message().has(kBookTime) ? kBookTime : kTime, instrument, data,
                       std::span(kTickerFields).first(kQuoteFields), sink, Extent::kWhole);
    });
  }

  Refusal trade_entry(market::InstrumentId instrument, const Record& entry, Known& known,
                      Sink& sink) {
    const auto received = trade_.receive_time;
    std::uint64_t number = 0;
    if (const auto refusal = read_number(entry[kSequence], known.trade, number)) {
      return refusal;
    }
    const bool is_same_number = number == known.trade.last();
    const bool has_come =
        is_same_number &&
        std::ranges::find(known.ids, entry[kTradeId], &market::TradeId::text) != known.ids.end();
    if (has_come || known.trade.is_late(number, received)) {
      sink.skipped(Skipped::kDuplicate);
      return std::nullopt;
    }
    // A block trade was agreed upon off the book.
    if (entry[kIsBlock] == "true") {
      sink.skipped(Skipped::kNotMarketTrade);
      return std::nullopt;
    }
    const auto missed = known.may_have_missed ? market::Trade::kUnknownMissed : 0;
    const auto refusal = trade(instrument, entry, kTradeFields, missed, sink);
    if (!refusal) {
      if (!is_same_number) {
        known.ids.clear();
        known.next_id = 0;
      }
      known.trade.take(number, received);
      remember(trade_.id, known);
      known.traded = true;
      known.may_have_missed = false;
    }
    return refusal;
  }

  // All trades of one taker's order have one number.
  static void remember(const market::TradeId& id, Known& known) {
    if (known.ids.size() < kMostIds) {
      known.ids.push_back(id);
    } else {
      known.ids[known.next_id++ % kMostIds] = id;
    }
  }

  // A side without any level has neither price nor size.
  void complete(market::FieldValues& values) const override { clear_sizes(values); }

  void control(Sink& sink) const {
    using Kind = Notice::Kind;
    const auto op = message()[kOp];
    const auto text = plain_text(message()[kRetMsg]);
    if (op.empty() && !message().has(kSuccess)) {
      return sink.rejected(Rejected::kUndecodable);
    }
    if (message()[kSuccess] == "false" && !text.starts_with("error:already subscribed")) {
      const auto symbol = refused_symbol(text);
      sink.notice({symbol.empty() ? Kind::kError : Kind::kRefused, symbol, text});
    } else if (op == "subscribe") {
      sink.notice({Kind::kSubscribed, plain_text(message()[kReqId]), {}});
    }
    sink.skipped(Skipped::kControl);
  }

  // `error:handler not found,topic:publicTrade.NOTASYMBOL`
  static std::string_view refused_symbol(std::string_view text) {
    constexpr std::string_view kNotFound = "error:handler not found,topic:";
    return text.starts_with(kNotFound) ? text.substr(text.rfind('.') + 1) : std::string_view();
  }

  VenueRules rules_ = bybit_rules();
  PerInstrument<Known> known_;
};

class BybitSpot final : public Bybit {
 public:
  std::optional<std::string> native_name(std::string_view canonical) const override {
    const auto pair = split_canonical(canonical);
    if (!pair || !pair->contract.empty()) {
      return std::nullopt;
    }
    return std::string(pair->base).append(pair->quote);
  }

 private:
  // Spot's tickers have no quote.
  std::vector<std::string> topics(const std::string& native) const override {
    return {std::string(kBook) + native, std::string(kTickers) + native,
            std::string(kPublicTrade) + native};
  }

  Refusal tickers(market::InstrumentId instrument, const Record& data, Known& known,
                  Sink& sink) override {
    std::uint64_t number = 0;
    if (const auto refusal = read_number(message()[kCross], known.ticker, number)) {
      return refusal;
    }
    return in_order(number, known.ticker, sink, [&] {
      return ticker_at(kTime, instrument, data, std::span(kTickerFields).subspan(kQuoteFields),
                       sink, Extent::kWhole);
    });
  }
};

class BybitLinear final : public Bybit {
 public:
  // `BTC-USDT-PERP` is BTCUSDT, `BTC-USDT-26DEC25` is BTCUSDT-26DEC25.
  std::optional<std::string> native_name(std::string_view canonical) const override {
    const auto pair = split_canonical(canonical);
    if (!pair || pair->contract.empty()) {
      return std::nullopt;
    }
    const auto name = std::string(pair->base).append(pair->quote);
    return pair->contract == "PERP" ? name : name + '-' + std::string(pair->contract);
  }

 private:
  std::vector<std::string> topics(const std::string& native) const override {
    return {std::string(kTickers) + native, std::string(kPublicTrade) + native};
  }

  // A snapshot is all that there is; a delta names only what changed since, which may be nothing of
  // ours. Neither must be lost: nothing would say so again until the next connection, since who
  // subscribes to what he has gets no snapshot.
  Refusal tickers(market::InstrumentId instrument, const Record& data, Known& known,
                  Sink& sink) override {
    if (is_snapshot()) {
      known.ticker.reset();
    } else if (!known.has_snapshot) {
      sink.skipped(Skipped::kBeforeSnapshot);
      return std::nullopt;
    }
    std::uint64_t number = 0;
    count(read_number(message()[kCross], known.ticker, number), sink);
    return in_order(number, known.ticker, sink, [&] {
      const auto refusal = ticker_at(kTime, instrument, data, kTickerFields, sink,
                                     is_snapshot() ? Extent::kSnapshot : Extent::kDelta);
      known.has_snapshot = known.has_snapshot || !refusal;
      return refusal;
    });
  }
};

}  // namespace

std::unique_ptr<Adapter> make_bybit_spot(const Adapter::Options&) {
  return std::make_unique<BybitSpot>();
}
std::unique_ptr<Adapter> make_bybit_linear(const Adapter::Options&) {
  return std::make_unique<BybitLinear>();
}

}  // namespace ticker::feed
