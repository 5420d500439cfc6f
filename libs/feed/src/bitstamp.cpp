#include <algorithm>
#include <array>
#include <string>

#include "json_adapter.hpp"
#include "requests.hpp"
#include "venues.hpp"

namespace ticker::feed {
namespace {

using market::Field;

enum Slot : std::uint8_t { kEvent, kChannel };
enum DataSlot : std::uint8_t {
  kTime,
  kBid,
  kBidSize,
  kAsk,
  kAskSize,
  kPrice,
  kSize,
  kSide,
  kId,
  kIdText,
  kMessage
};

constexpr Shape kBestBid = Shape::part(Shape::array({{"", kBid}, {"", kBidSize}}));
constexpr Shape kBestAsk = Shape::part(Shape::array({{"", kAsk}, {"", kAskSize}}));
constexpr Shape kBids = Shape::part(Shape::array({{"", kNoSlot, &kBestBid}}));
constexpr Shape kAsks = Shape::part(Shape::array({{"", kNoSlot, &kBestAsk}}));
constexpr Shape kData = Shape::object({{"microtimestamp", kTime},
                                       {"bids", kBid, &kBids},
                                       {"asks", kAsk, &kAsks},
                                       {"price_str", kPrice},
                                       {"amount_str", kSize},
                                       {"type", kSide},
                                       {"id", kId},
                                       {"id_str", kIdText},
                                       {"message", kMessage}});
constexpr Shape kRoot =
    Shape::object({{"event", kEvent}, {"channel", kChannel}, {"data", kNoSlot, &kData}});

constexpr std::string_view kTrades = "live_trades_";
constexpr std::string_view kBook = "order_book_";

// The book is sorted, the best first.
constexpr std::array kQuote{FieldSource{kBid, Field::kBid}, FieldSource{kBidSize, Field::kBidSize},
                            FieldSource{kAsk, Field::kAsk}, FieldSource{kAskSize, Field::kAskSize}};

Refusal read_type(std::string_view text, market::Side& out) {
  if (text != "0" && text != "1") {
    return Rejected::kUndecodable;
  }
  out = text == "0" ? market::Side::kBuy : market::Side::kSell;
  return std::nullopt;
}

constexpr TradeSource trade_source(std::size_t id) {
  return {.price = kPrice,
          .size = kSize,
          .side = kSide,
          .time = kTime,
          .id = id,
          .read_time = read_unix_time,
          .read_side = read_type,
          .sets = market::kLastFields};
}

VenueRules bitstamp_rules() {
  VenueRules rules;
  rules.feed_timeout = std::chrono::seconds(60);
  rules.keepalive_interval = std::chrono::seconds(20);
  rules.keepalive_text = R"({"event":"bts:heartbeat"})";
  // Neither requests nor connections are numbered by the venue.
  rules.requests_per_window = 20;
  rules.request_window = std::chrono::seconds(1);
  rules.connects_per_window = 20;
  rules.connect_window = std::chrono::minutes(1);
  rules.max_age = std::chrono::hours(24) * 89;  // 90 days
  return rules;
}

class Bitstamp final : public JsonAdapter {
 public:
  Bitstamp() : JsonAdapter(&kRoot) { rules_.instruments_per_connection = kInstruments; }

  const VenueRules& rules() const override { return rules_; }

  // `BTC-USD` is btcusd, `BTC-USD-PERP` is btcusd-perp.
  std::optional<std::string> native_name(std::string_view canonical) const override {
    const auto pair = split_canonical(canonical);
    if (!pair || (!pair->contract.empty() && pair->contract != "PERP")) {
      return std::nullopt;
    }
    const auto name = std::string(pair->base).append(pair->quote);
    return lower_case(pair->contract.empty() ? name : name + "-PERP");
  }

  // One channel a request.
  std::vector<ConnectionPlan> plan(std::string_view url,
                                   const std::vector<std::string>& natives) const override {
    std::vector<ConnectionPlan> plans;
    for (const auto run : chunks(natives, kInstruments)) {
      ConnectionPlan plan{std::string(url), {}, {run.begin(), run.end()}};
      for (const auto channel : {kBook, kTrades}) {
        for (const auto& native : run) {
          plan.requests.push_back(R"({"event":"bts:subscribe","data":{"channel":)" +
                                  quoted(std::string(channel) + native) + "}}");
        }
      }
      plans.push_back(std::move(plan));
    }
    return plans;
  }

  void reset() override {
    for (auto& known : known_) {
      known = {
          .traded = known.traded, .may_have_missed = known.traded, .trade = known.trade};
    }
  }

  void interrupted() override {
    for (auto& known : known_) {
      known.may_have_missed = known.traded;
    }
  }

  void take_over(Adapter& before, bool overlapped) override {
    known_ = std::move(static_cast<Bitstamp&>(before).known_);
    for (auto& known : known_) {
      known.may_have_missed = known.may_have_missed || (known.traded && !overlapped);
    }
  }

 private:
  // Two channels each, of 1024 on a connection.
  static constexpr std::size_t kInstruments = 500;

  struct Known {
    bool traded = false;
    bool may_have_missed = false;  // ids are the venue's: after a reconnect nobody can tell
    Timestamp book = kNoTime;      // of the last one on this connection
    RisingNumber trade = {};       // the ids, over connections: the next one may be behind
  };

  void read(Sink& sink) override {
    const auto name = message()[kEvent];
    const auto channel = message()[kChannel];
    if (name.starts_with("bts:")) {
      control(name, sink);
      return sink.skipped(Skipped::kControl);
    }
    const bool has_book = channel.starts_with(kBook);
    const bool has_trade = channel.starts_with(kTrades);
    if (!has_book && !has_trade && !channel.empty()) {
      return sink.skipped(Skipped::kOtherChannel);
    }
    if (channel.empty() || message().size() == 0) {
      return sink.rejected(Rejected::kUndecodable);
    }
    const Record& data = message().at(0);
    for_instrument(native(channel), sink, [&](market::InstrumentId instrument) {
      return has_book ? book(instrument, data, sink) : trade_of(instrument, data, sink);
    });
  }

  static std::string_view native(std::string_view channel) {
    return channel.substr(channel.rfind('_') + 1);
  }

  Refusal book(market::InstrumentId instrument, const Record& data, Sink& sink) {
    Known& known = known_[instrument];
    Timestamp time = kNoTime;
    if (const auto refusal = read_time(read_unix_time, data[kTime], time)) {
      return refusal;
    }
    return ticker_in_order(instrument, data, kQuote, time, known.book, sink);
  }

  // A side without any level has neither price nor size.
  void complete(market::FieldValues& values) const override { clear_sizes(values); }

  Refusal trade_of(market::InstrumentId instrument, const Record& data, Sink& sink) {
    Known& known = known_[instrument];
    const std::size_t id_slot = data.has(kIdText) ? kIdText : kId;
    std::uint64_t id = 0;
    if (const auto refusal = read_integer(data[id_slot], id)) {
      return refusal;
    }
    if (known.trade.has_come(id, trade_.receive_time)) {
      sink.skipped(Skipped::kDuplicate);
      return std::nullopt;
    }
    const auto missed = known.may_have_missed ? market::Trade::kUnknownMissed : 0;
    const auto refusal = trade(instrument, data, trade_source(id_slot), missed, sink);
    if (!refusal) {
      known.trade.take(id, trade_.receive_time);
      known.traded = true;
      known.may_have_missed = false;
    }
    return refusal;
  }

  void control(std::string_view name, Sink& sink) const {
    using Kind = Notice::Kind;
    if (name == "bts:subscription_succeeded") {
      sink.notice({Kind::kSubscribed, plain_text(native(message()[kChannel])), {}});
    } else if (name == "bts:request_reconnect") {
      sink.notice({Kind::kPlannedClose, {}, "bts:request_reconnect"});
    } else if (name == "bts:error") {
      // It does not say of which request; a market that does not exist is acknowledged, and silent.
      const bool has_text = message().size() > 0;
      sink.notice({Kind::kError, {}, has_text ? plain_text(message().at(0)[kMessage]) : ""});
    }
  }

  VenueRules rules_ = bitstamp_rules();
  PerInstrument<Known> known_;
};

}  // namespace

std::unique_ptr<Adapter> make_bitstamp(const Adapter::Options&) {
  return std::make_unique<Bitstamp>();
}

}  // namespace ticker::feed
