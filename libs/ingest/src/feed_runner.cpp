#include <ticker/ingest/feed_runner.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ticker/base/log.hpp>
#include <ticker/feed/adapter.hpp>
#include <ticker/ingest/freshness.hpp>
#include <ticker/ingest/market_writer.hpp>
#include <ticker/net/timer.hpp>
#include <ticker/net/url.hpp>

#include "instruments.hpp"
#include "stats.hpp"
#include "upstream.hpp"

namespace ticker::ingest {
namespace {

// The native name of each symbol, by canonical name.
Result<std::map<std::string, std::string>> native_names(const FeedOptions& options,
                                                        const feed::Adapter& adapter) {
  std::map<std::string, std::string> by_canonical;
  std::set<std::string> natives;
  for (const auto& symbol : options.symbols) {
    auto native = symbol.native.empty() ? adapter.native_name(symbol.canonical) : symbol.native;
    if (!native) {
      return Error{"feed '" + options.name + "': symbol '" + symbol.canonical +
                   "': " + options.adapter +
                   " can't have it; expected BASE-QUOTE as that venue knows it, or a pair with the "
                   "native name"};
    }
    if (!natives.insert(*native).second ||
        !by_canonical.emplace(symbol.canonical, std::move(*native)).second) {
      return Error{"feed '" + options.name + "': symbol '" + symbol.canonical + "' is there twice"};
    }
  }
  return by_canonical;
}

Result<std::unique_ptr<feed::Adapter>> make_adapter(const FeedOptions& options) {
  return feed::make_adapter(options.adapter, {.trades = options.trades});
}

}  // namespace

class FeedRunner::Impl final : public Upstream::Owner, private feed::Sink {
 public:
  Impl(Shared shared, FeedOptions options)
      : shared_(std::move(shared)),
        stats_(std::make_shared<metrics::FeedStats>(rejected_reasons(), skipped_reasons())),
        expiry_(shared_.loop, [this] { expire(); }) {
    configure(std::move(options));
    tell_state();
  }

  void start() {
    is_started_ = true;
    for (const auto& upstream : upstreams_) {
      upstream->start();
    }
  }

  // Before start(), or to go on with other options.
  void configure(FeedOptions options) {
    upstreams_.clear();
    options_ = std::move(options);
    refused_.clear();
    const auto adapter = make_adapter(options_).value();
    take_instruments(native_names(options_, *adapter).value());
    make_upstreams(*adapter);
    if (is_started_) {
      start();
      tell_state();
    }
  }

  void remove() {
    upstreams_.clear();
    take_instruments({});
    shared_.market.remove_feed(options_.name);
  }

  const FeedOptions& options() const { return options_; }
  std::shared_ptr<const metrics::FeedStats> stats() const { return stats_; }

 private:
  struct Served {
    market::InstrumentId id;
    std::size_t index;  // in freshness_
  };

  // Adds what is new and removes what is gone; what stays keeps its id.
  void take_instruments(const std::map<std::string, std::string>& natives) {
    std::unordered_map<std::string, Served, StringHash, std::equal_to<>> kept;
    for (const auto& [canonical, native] : natives) {
      const auto before = served_.find(native);
      const auto symbol = options_.name + ":" + canonical;
      const auto* state =
          before == served_.end() ? nullptr : shared_.market.state().find(before->second.id);
      const bool stays = state != nullptr && state->instrument.symbol == symbol;
      // Before the insertion: within one assignment, compilers differ in what they do first.
      const std::size_t index = kept.size();
      if (stays) {
        kept.emplace(native, Served{before->second.id, index});
        served_.erase(before);
      } else {
        // Its symbol may be that of an instrument whose native name has changed.
        forget(symbol);
        const auto id =
            shared_.market.add(make_instrument(options_.name, canonical, native), stats_);
        kept.emplace(native, Served{id, index});
      }
    }
    for (const auto& [native, gone] : served_) {
      shared_.market.remove(gone.id);
    }
    served_ = std::move(kept);
    freshness_.emplace(served_.size(), options_.instrument_timeout);
    by_index_.assign(served_.size(), 0);
    for (const auto& [native, served] : served_) {
      by_index_[served.index] = served.id;
    }
    expiry_.cancel();
  }

  void forget(const std::string& symbol) {
    const auto* state = shared_.market.state().find(symbol);
    if (state == nullptr) {
      return;
    }
    const auto native = state->instrument.native;
    shared_.market.remove(state->id);
    served_.erase(native);
  }

  void make_upstreams(const feed::Adapter& adapter) {
    std::vector<std::string> natives;
    for (const auto& symbol : options_.symbols) {
      natives.push_back(symbol.native.empty() ? *adapter.native_name(symbol.canonical)
                                              : symbol.native);
    }
    net::Url url;
    [[maybe_unused]] const auto error = net::parse_url(options_.url, url);
    auto rules = adapter.rules();
    rules.feed_timeout =
        options_.feed_timeout.count() > 0 ? options_.feed_timeout : rules.feed_timeout;
    for (auto& plan : adapter.plan(options_.url, natives)) {
      Upstream::Owner& owner = *this;
      upstreams_.push_back(std::make_unique<Upstream>(
          shared_.loop, owner, shared_.budgets, shared_.random, std::move(plan),
          make_adapter(options_).value(),
          Upstream::Settings{options_.name, url.host, rules, options_.ca_file}));
    }
  }

  // Upstream::Owner

  void on_message(Upstream& upstream, char* data, std::size_t size) override {
    const auto received = wall_now();
    stats_->messages.add();
    stats_->bytes.add(size);
    stats_->last_message_us.set(to_us(received));
    current_ = &upstream;
    upstream.adapter().decode(data, size, received, *this);
    current_ = nullptr;
  }

  void on_binary(std::size_t size) override {
    stats_->messages.add();
    stats_->bytes.add(size);
    rejected(feed::Rejected::kBinary);
  }

  void on_untrusted(Upstream& upstream) override {
    for (const auto& native : upstream.plan().natives) {
      if (const auto found = served_.find(native); found != served_.end()) {
        shared_.market.mark_stale(found->second.id);
      }
    }
  }

  void on_state(Upstream&) override { tell_state(); }
  void on_reconnect() override { stats_->reconnects.add(); }

  // feed::Sink

  std::optional<market::InstrumentId> find(std::string_view native) override {
    const auto found = served_.find(native);
    if (found == served_.end()) {
      return std::nullopt;
    }
    if (options_.instrument_timeout.count() > 0) {
      touch(found->second.index);
    }
    return found->second.id;
  }

  void ticker(const market::Update& update) override {
    observe(update.exchange_time, update.receive_time);
    shared_.market.apply(update);
  }

  void trade(const market::Trade& trade, market::FieldSet sets) override {
    observe(trade.exchange_time, trade.receive_time);
    shared_.market.apply(trade, sets);
  }

  void notice(const feed::Notice& notice) override {
    switch (notice.kind) {
      case feed::Notice::Kind::kSubscribed:
        if (refused_.erase(std::string(notice.native)) > 0) {
          tell_state();
        }
        break;
      case feed::Notice::Kind::kRefused:
        refuse(std::string(notice.native), notice.text);
        break;
      case feed::Notice::Kind::kPlannedClose:
        current_->on_planned_close();
        break;
      case feed::Notice::Kind::kUnavailable:
        current_->on_unavailable(notice.text);
        break;
      case feed::Notice::Kind::kAvailable:
        current_->on_available();
        break;
      case feed::Notice::Kind::kError:
        stats_->rejected.add(kVenueError);
        if (!std::exchange(told_error_, true)) {
          log::warn(options_.name + ": the venue complains: " + std::string(notice.text));
        }
        break;
      case feed::Notice::Kind::kSequenceGap:
        stats_->skipped.add(kSequenceGap);
        break;
    }
  }

  void rejected(feed::Rejected reason) override {
    stats_->rejected.add_at(static_cast<std::size_t>(reason));
  }
  void skipped(feed::Skipped reason) override {
    stats_->skipped.add_at(static_cast<std::size_t>(reason));
  }

  // A symbol that the venue does not have is told once, and stands in the feed's reason for as long
  // as it lasts.
  void refuse(std::string native, std::string_view text) {
    stats_->rejected.add(kRefusedSymbol);
    if (!native.empty() && !served_.contains(native)) {
      return;
    }
    if (refused_.insert(native).second) {
      log::warn(options_.name + ": the venue refuses " +
                (native.empty() ? "a request" : "'" + native + "'") + ": " + std::string(text));
      tell_state();
    }
  }

  void observe(Timestamp exchange_time, Timestamp receive_time) {
    if (exchange_time == kNoTime) {
      return;
    }
    if (exchange_time > receive_time) {
      stats_->clock_skew.add();
    }
    stats_->exchange_to_receive.observe(receive_time - exchange_time);
  }

  void touch(std::size_t index) {
    freshness_->touch(index, std::chrono::steady_clock::now());
    if (!expiry_.armed()) {
      expiry_.start_at(*freshness_->next_expiry());
    }
  }

  void expire() {
    while (const auto index = freshness_->take_expired(std::chrono::steady_clock::now())) {
      shared_.market.mark_stale(by_index_[*index]);
    }
    if (const auto next = freshness_->next_expiry()) {
      expiry_.start_at(*next);
    }
  }

  // The feed is what its worst connection is.
  void tell_state() {
    auto state = market::FeedState::kLive;
    std::string reason;
    for (const auto& upstream : upstreams_) {
      if (upstream->state() < state) {
        state = upstream->state();
        reason = upstream->reason();
      }
    }
    if (reason.empty() && !refused_.empty()) {
      reason = "refused by the venue:";
      for (const auto& native : refused_) {
        reason += ' ' + native;
      }
    }
    if (state != told_state_ || since_ == kNoTime) {
      since_ = wall_now();
    }
    told_state_ = state;
    stats_->state.set(static_cast<std::int64_t>(state));
    shared_.market.set_feed({options_.name, options_.adapter, state, since_, std::move(reason)});
  }

  Shared shared_;
  FeedOptions options_;
  const std::shared_ptr<metrics::FeedStats> stats_;
  bool is_started_ = false;

  std::unordered_map<std::string, Served, StringHash, std::equal_to<>> served_;  // by native name
  std::vector<market::InstrumentId> by_index_;
  std::optional<Freshness> freshness_;
  net::Timer expiry_;

  std::set<std::string> refused_;  // native names, or one empty for a request that names none
  bool told_error_ = false;
  market::FeedState told_state_ = market::FeedState::kConnecting;
  Timestamp since_ = kNoTime;

  std::vector<std::unique_ptr<Upstream>> upstreams_;
  Upstream* current_ = nullptr;  // whose message is being decoded
};

Status FeedRunner::check(const FeedOptions& options) {
  const auto adapter = make_adapter(options);
  if (!adapter) {
    return Error{"feed '" + options.name + "': " + adapter.error().message};
  }
  net::Url url;
  if (const auto error = net::parse_url(options.url, url)) {
    return Error{"feed '" + options.name + "': " + error->message};
  }
  const auto natives = native_names(options, *adapter.value());
  return natives ? Status() : Status(natives.error());
}

FeedRunner::FeedRunner(Shared shared, FeedOptions options)
    : impl_(std::make_unique<Impl>(std::move(shared), std::move(options))) {}
FeedRunner::~FeedRunner() = default;

void FeedRunner::start() { impl_->start(); }
void FeedRunner::remove() { impl_->remove(); }
const FeedOptions& FeedRunner::options() const { return impl_->options(); }
std::shared_ptr<const metrics::FeedStats> FeedRunner::stats() const { return impl_->stats(); }
void FeedRunner::change(FeedOptions options) { impl_->configure(std::move(options)); }

}  // namespace ticker::ingest
