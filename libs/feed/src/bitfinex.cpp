#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "bitfinex_message.hpp"
#include "connection_sequence.hpp"
#include "requests.hpp"
#include "venues.hpp"

namespace ticker::feed {
namespace {

using namespace bitfinex;  // NOLINT: the tables of this adapter

VenueRules bitfinex_rules() {
  VenueRules rules;
  rules.feed_timeout = std::chrono::seconds(35);  // two heartbeats
  // A connection without a subscription is cut after a minute of silence.
  rules.keepalive_interval = std::chrono::seconds(20);
  rules.keepalive_text = R"({"event":"ping"})";
  rules.requests_per_window = 10;
  rules.request_window = std::chrono::seconds(1);
  rules.connects_per_window = 15;  // 20 are allowed; who makes more is blocked for a minute
  rules.connect_window = std::chrono::minutes(1);
  rules.first_retry = std::chrono::seconds(4);
  return rules;
}

// Bitfinex has names of its own for some assets.
std::string native_asset(std::string_view asset) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNames{
      {{"USDT", "UST"}, {"IOTA", "IOT"}, {"DASH", "DSH"}, {"QTUM", "QTM"}}};
  const auto* const found =
      std::ranges::find(kNames, asset, &std::pair<std::string_view, std::string_view>::first);
  return std::string(found == kNames.end() ? asset : found->second);
}

class Bitfinex final : public JsonAdapter {
 public:
  Bitfinex() : JsonAdapter(&kEventShape, &kData) {
    rules_.instruments_per_connection = kInstruments;
  }

  const VenueRules& rules() const override { return rules_; }

  // `BTC-USD` is BTCUSD, `DOGE-USD` is DOGE:USD, `BTC-USDT-PERP` is BTCF0:USTF0. What the venue
  // calls the symbol has a `t` before it.
  std::optional<std::string> native_name(std::string_view canonical) const override {
    constexpr std::size_t kPlainAsset = 3;
    const auto pair = split_canonical(canonical);
    if (!pair || (!pair->contract.empty() && pair->contract != "PERP")) {
      return std::nullopt;
    }
    const std::string suffix = pair->contract.empty() ? "" : "F0";
    const auto base = native_asset(pair->base) + suffix;
    const auto quote = native_asset(pair->quote) + suffix;
    const bool is_plain = base.size() == kPlainAsset && quote.size() == kPlainAsset;
    return base + (is_plain ? "" : ":") + quote;
  }

  // One channel of one symbol a request, behind the one that has every array numbered.
  std::vector<ConnectionPlan> plan(std::string_view url,
                                   const std::vector<std::string>& natives) const override {
    std::vector<ConnectionPlan> plans;
    for (const auto run : chunks(natives, kInstruments)) {
      ConnectionPlan plan{std::string(url), {}, {run.begin(), run.end()}};
      plan.requests.push_back(R"({"event":"conf","flags":65536})");
      for (const auto* const channel : {"ticker", "trades"}) {
        for (const auto& native : run) {
          plan.requests.push_back(R"({"event":"subscribe","channel":")" + std::string(channel) +
                                  R"(","symbol":)" + quoted("t" + native) + '}');
        }
      }
      plans.push_back(std::move(plan));
    }
    return plans;
  }

  void reset() override {
    for (auto& known : known_) {
      known.may_have_missed = known.traded;
      known.has_last = false;
      known.last_id = market::TradeId();
      known.passed_on = 0;
    }
    channels_.clear();
    sequence_.reset();
    is_numbered_ = false;
  }

  void interrupted() override {
    for (auto& known : known_) {
      known.may_have_missed = known.traded;
    }
  }

  void take_over(Adapter& before, bool overlapped) override {
    known_ = std::move(static_cast<Bitfinex&>(before).known_);
    for (auto& known : known_) {
      known.may_have_missed = known.may_have_missed || (known.traded && !overlapped);
      if (read_integer(known.last_id.text(), known.passed_on)) {
        known.passed_on = 0;
      }
    }
  }

 private:
  // Two channels each, of 25 on a connection.
  static constexpr std::size_t kInstruments = 12;
  // The venue opens 36 at most.
  static constexpr std::size_t kMaxChannels = 256;

  struct Known {
    bool traded = false;
    bool may_have_missed = false;  // ids are the venue's: after a reconnect nobody can tell
    bool has_last = false;         // a trade of this connection tells it better than the ticker
    market::TradeId last_id;
    std::uint64_t passed_on = 0;  // trades up to this id came over the connection before this one
  };
  enum class Content { kQuotes, kTrades, kOther };
  // What a channel's number means on this connection.
  struct Channel {
    std::uint64_t id;
    Content content;
    std::string pair;
  };

  void read(Sink& sink) override {
    if (message().root().is(kEventShape)) {
      return event(sink);
    }
    std::uint64_t id = 0;
    if (!message().root().is(kData) || read_integer(message()[kChannelId], id) ||
        !message().has(kWord)) {
      return sink.rejected(Rejected::kUndecodable);
    }
    const auto word = message()[kWord];
    check_sequence(word, sink);
    if (word == "hb") {
      return sink.skipped(Skipped::kControl);  // which may come before its channel is known
    }
    const auto channel =
        std::ranges::find(channels_, id, [](const Channel& known) { return known.id; });
    if (channel == channels_.end()) {
      return sink.rejected(Rejected::kUnknownInstrument);
    }
    if (channel->content == Content::kOther || word == "cs") {
      return sink.skipped(Skipped::kOtherChannel);
    }
    const bool has_trade = channel->content == Content::kTrades;
    if (has_trade && word.empty()) {
      return sink.skipped(Skipped::kHistory);
    }
    if (has_trade && word == "tu") {
      return sink.skipped(Skipped::kDuplicate);  // `te` has told it
    }
    if (message().size() == 0 || (has_trade ? word != "te" : !word.empty())) {
      return sink.rejected(Rejected::kUndecodable);
    }
    for_instrument(channel->pair, sink, [&](market::InstrumentId instrument) {
      const Record& payload = message().at(0);
      return has_trade ? trade_of(instrument, payload, sink) : quote(instrument, payload, sink);
    });
  }

  Refusal quote(market::InstrumentId instrument, const Record& payload, Sink& sink) {
    const bool has_last = known_[instrument].has_last;
    return ticker(instrument, payload, std::span(kTicker).subspan(has_last ? 1 : 0), kNoTime, sink);
  }

  Refusal trade_of(market::InstrumentId instrument, const Record& payload, Sink& sink) {
    Known& known = known_[instrument];
    std::uint64_t id = 0;
    const bool is_old = !read_integer(payload[kId], id) && id <= known.passed_on;
    if (is_old || (!payload[kId].empty() && payload[kId] == known.last_id.text())) {
      sink.skipped(Skipped::kDuplicate);
      return std::nullopt;
    }
    const auto missed = known.may_have_missed ? market::Trade::kUnknownMissed : 0;
    const auto refusal = trade(instrument, payload, kTrade, missed, sink);
    if (!refusal) {
      known.traded = known.has_last = true;
      known.may_have_missed = false;
      known.last_id = trade_.id;
    }
    return refusal;
  }

  // Arrays of all channels, heartbeats too, are numbered together, the number being the last.
  void check_sequence(std::string_view word, Sink& sink) {
    const bool has_payload_behind = word == "te" || word == "tu" || word == "cs";
    std::uint64_t sequence = 0;
    if (!is_numbered_ || read_integer(message()[has_payload_behind ? kFourth : kThird], sequence)) {
      return;
    }
    if (!sequence_.take(sequence)) {
      interrupted();
      sink.notice({Notice::Kind::kSequenceGap, {}, {}});
    }
  }

  void event(Sink& sink) {
    const auto name = message()[kEvent];
    if (name == "subscribed") {
      return subscribed(sink);
    }
    if (name == "info") {
      info(sink);
    } else if (name == "conf") {
      is_numbered_ = message()[kFlags] == "65536";
    } else if (name == "error") {
      error(sink);
    } else if (name.empty()) {
      return sink.rejected(Rejected::kUndecodable);
    }
    sink.skipped(Skipped::kControl);
  }

  void subscribed(Sink& sink) {
    Channel channel{0, Content::kOther, std::string(message()[kPair])};
    if (const auto refusal = read_integer(message()[kEventChannelId], channel.id)) {
      return sink.rejected(*refusal);
    }
    const auto kind = message()[kChannel];
    // Funding has other layouts.
    if (message()[kSymbol].starts_with('t')) {
      channel.content = kind == "ticker"   ? Content::kQuotes
                        : kind == "trades" ? Content::kTrades
                                           : Content::kOther;
    }
    std::erase_if(channels_, [&](const Channel& known) { return known.id == channel.id; });
    if (channels_.size() == kMaxChannels) {
      return sink.rejected(Rejected::kOutOfRange);
    }
    sink.notice({Notice::Kind::kSubscribed, plain_text(channel.pair), {}});
    channels_.push_back(std::move(channel));
    sink.skipped(Skipped::kControl);
  }

  void info(Sink& sink) const {
    using Kind = Notice::Kind;
    const auto code = message()[kCode];
    const auto text = plain_text(message()[kMsg]);
    if (code == "20051" || code == "20061") {
      // After maintenance every channel has to be subscribed anew: the same as a new connection.
      sink.notice({Kind::kPlannedClose, {}, text});
    } else if (code == "20060" || message()[kStatus] == "0") {
      sink.notice({Kind::kUnavailable, {}, text.empty() ? "maintenance" : text});
    } else if (message().has(kVersion) && message()[kVersion] != "2") {
      sink.notice({Kind::kUnavailable, {}, "protocol " + plain_text(message()[kVersion])});
    } else if (message()[kStatus] == "1") {
      sink.notice({Kind::kAvailable, {}, {}});
    }
  }

  void error(Sink& sink) const {
    using Kind = Notice::Kind;
    const auto code = message()[kCode];
    const auto pair = plain_text(message()[kPair]);
    const auto text = plain_text(message()[kMsg]);
    if (code == "10301") {
      sink.notice({Kind::kSubscribed, pair, {}});  // it is already
    } else if (!pair.empty() && (code == "10300" || code == "10001" || code == "10305")) {
      sink.notice({Kind::kRefused, pair, text});
    } else {
      sink.notice({Kind::kError, {}, text});
    }
  }

  VenueRules rules_ = bitfinex_rules();
  PerInstrument<Known> known_;
  std::vector<Channel> channels_;
  bool is_numbered_ = false;
  ConnectionSequence sequence_;
};

}  // namespace

std::unique_ptr<Adapter> make_bitfinex(const Adapter::Options&) {
  return std::make_unique<Bitfinex>();
}

}  // namespace ticker::feed
