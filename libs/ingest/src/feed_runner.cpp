#include <ticker/ingest/feed_runner.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>
#include <vector>

#include <ticker/base/log.hpp>
#include <ticker/feed/adapter.hpp>
#include <ticker/ingest/market_writer.hpp>
#include <ticker/net/url.hpp>
#include <ticker/recording/recorder.hpp>

#include "line.hpp"
#include "native_names.hpp"
#include "recording_header.hpp"
#include "refused_symbols.hpp"
#include "served_instruments.hpp"
#include "stats.hpp"
#include "stay_in_place.hpp"
#include "told_state.hpp"
#include "venue_sink.hpp"

namespace ticker::ingest {
namespace {

using market::FeedState;

Result<std::vector<std::string>> native_names(const FeedOptions& options,
                                              const feed::Adapter& adapter) {
  return ingest::native_names(
      options, [&](std::string_view canonical) { return adapter.native_name(canonical); });
}

Result<std::unique_ptr<feed::Adapter>> make_adapter(const FeedOptions& options) {
  return feed::make_adapter(
      options.adapter, {.trades = options.trades, .json = options.json, .socket = options.socket});
}

}  // namespace

class FeedRunner::Impl final : public FeedRunner, private Line::Owner, private VenueSink {
 public:
  Impl(Shared shared, FeedOptions options)
      : VenueSink(std::make_shared<metrics::FeedStats>(rejected_reasons(), skipped_reasons())),
        shared_(std::move(shared)),
        told_(shared_.market, stats_),
        instruments_(shared_.loop, shared_.market, stats_) {
    configure(std::move(options));
    tell_state();
  }

  void start() override {
    is_started_ = true;
    for (const auto& line : lines_) {
      line->start();
    }
  }

  void stop() override {
    lines_.clear();
    if (recorder_) {
      recorder_->begin_stop();
    }
  }

  bool change(const FeedOptions& options) override {
    if (can_hand_over_to(options)) {
      serve(options);
    } else {
      configure(options);
    }
    return true;
  }

  void remove() override {
    lines_.clear();
    recording::Recorder::retire(std::move(recorder_));
    instruments_.clear();
    shared_.market.remove_feed(options_.name);
  }

  const FeedOptions& options() const override { return options_; }
  std::shared_ptr<const metrics::FeedStats> stats() const override { return stats_; }

 private:
  // Before start(), or to go on with other options.
  void configure(FeedOptions options) {
    lines_.clear();
    options_ = std::move(options);
    refused_.clear();
    const auto adapter = make_adapter(options_).value();
    const auto natives = native_names(options_, *adapter).value();
    auto plans = adapter->plan(options_.url, natives);
    instruments_.assign(options_, natives, plans);
    renew(recorder_, options_, natives, stats_->recording);
    make_lines(adapter->rules(), std::move(plans));
    if (is_started_) {
      start();
      tell_state();
    }
  }

  // Whether the same connections can serve what these options want. If not, all are made anew: also
  // where a recording is made, which names its instruments at its beginning; and where the
  // configuration describes the venue, which may have no second connection beside the first.
  bool can_hand_over_to(const FeedOptions& options) const {
    auto others = options;
    others.symbols = options_.symbols;
    others.discovery = options_.discovery;
    others.instrument_timeout = options_.instrument_timeout;
    return is_started_ && others == options_ && !options.record &&
           options.adapter != feed::kJsonWebSocket &&
           stay_in_place(*make_adapter(options).value(), options_, options);
  }

  // Other instruments: the connections hand over to those that serve them.
  void serve(FeedOptions options) {
    options_ = std::move(options);
    const auto adapter = make_adapter(options_).value();
    const auto natives = native_names(options_, *adapter).value();
    auto plans = adapter->plan(options_.url, natives);
    instruments_.assign(options_, natives, plans, true);
    lines_.resize(std::min(lines_.size(), plans.size()));
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      lines_[i]->renew(std::move(plans[i]));
    }
    // Of what stays nobody asks again.
    refused_.keep([&](std::string_view refused) { return instruments_.find(refused).has_value(); });
    const auto first_new = lines_.size();
    plans.erase(plans.begin(), plans.begin() + static_cast<std::ptrdiff_t>(first_new));
    make_lines(adapter->rules(), std::move(plans));
    for (auto line = first_new; line < lines_.size(); ++line) {
      lines_[line]->start();
    }
    tell_state();
  }

  void make_lines(feed::VenueRules rules, std::vector<feed::ConnectionPlan> plans) {
    net::Url url;
    [[maybe_unused]] const auto error = net::parse_url(options_.url, url);
    if (options_.feed_timeout.count() > 0) {
      rules.feed_timeout = options_.feed_timeout;
      // A quiet connection must have been asked, and have answered, before it is called silent.
      rules.keepalive_interval = std::min(rules.keepalive_interval, rules.feed_timeout / 2);
    }
    if (const auto limit = shared_.handover.max_age; limit.count() > 0) {
      rules.max_age = rules.max_age.count() > 0 ? std::min(rules.max_age, limit) : limit;
    }
    for (auto& plan : plans) {
      Line::Owner& owner = *this;
      Upstream::Settings upstream{options_.name,    lines_.size(),    url.host,       rules,
                                  options_.ca_file, shared_.patience, recorder_.get()};
      upstream.ask_again_after = shared_.ask_again_after;
      lines_.push_back(std::make_unique<Line>(
          shared_.loop, owner, shared_.budgets, shared_.random, *stats_,
          Line::Settings{std::move(upstream), std::move(plan),
                         [this] { return make_adapter(options_).value(); }, shared_.handover}));
    }
  }

  // Line::Owner

  void on_message(Line& line, Upstream& from, char* data, std::size_t size) override {
    const auto received = from.received();
    stats_->messages.add();
    stats_->bytes.add(size);
    stats_->last_message_us.set(to_us(received));
    current_ = &from;
    line.decode(from, data, size, received, *this);
    current_ = nullptr;
    shared_.market.end_message();
  }

  void on_take_over(Line& line, Upstream& next) override {
    current_ = &next;
    line.finish(*this);
    current_ = nullptr;
    shared_.market.end_message();
  }

  void on_binary(std::size_t size) override {
    stats_->messages.add();
    stats_->bytes.add(size);
    rejected(feed::Rejected::kBinary);
  }

  void on_untrusted(Line& line) override { instruments_.distrust(line.number()); }

  void on_state(Line& line) override {
    if (line.state() == FeedState::kLive) {
      instruments_.trust(line.number());
    } else if (line.state() == FeedState::kConnecting) {
      instruments_.cut(line.number(), std::chrono::steady_clock::now());
    } else if (line.state() == FeedState::kDown) {
      instruments_.cut(line.number(), TimePoint::min());  // an attempt failed: there is no venue
    }
    tell_state();
  }
  void on_reconnect() override { stats_->reconnects.add(); }

  // feed::Sink

  std::optional<market::InstrumentId> find(std::string_view native) override {
    return instruments_.find(native);
  }

  void ticker(const market::Update& update) override {
    current_->on_answer();
    observe(update.exchange_time, update.receive_time);
    instruments_.apply(update, source());
  }

  void trade(const market::Trade& trade, market::FieldSet sets) override {
    current_->on_answer();
    observe(trade.exchange_time, trade.receive_time);
    instruments_.apply(trade, sets, source());
  }

  // A message proves that its connection works, unless the venue says otherwise.
  ServedInstruments::Source source() const {
    return {current_->number(), current_->is_available()};
  }

  void notice(const feed::Notice& notice) override {
    switch (notice.kind) {
      case feed::Notice::Kind::kSubscribed:
        current_->on_answer();
        if (refused_.remove(std::string(notice.native))) {
          tell_state();
        }
        break;
      case feed::Notice::Kind::kRefused:
        current_->on_answer();
        refuse(notice);
        break;
      case feed::Notice::Kind::kAskAgain:
        current_->on_answer();
        current_->on_asked_too_much();
        if (notice.native.empty()) {
          complain(options_.name, notice.text);
        } else {
          refuse(notice);
        }
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
        current_->on_answer();
        complain(options_.name, notice.text);
        break;
      case feed::Notice::Kind::kReady:
        current_->on_ready();
        break;
      case feed::Notice::Kind::kAnswer:
        current_->on_question(notice.text);
        break;
      case feed::Notice::Kind::kSequenceGap:
        stats_->skipped.add(kSequenceGap);
        break;
    }
  }

  // A symbol that the venue does not have is told once, and stands in the feed's reason for as long
  // as it lasts; a request, where it does not say of which symbol, as long as the connection.
  void refuse(const feed::Notice& notice) {
    stats_->rejected.add(kRefusedSymbol);
    const std::string native(notice.native);
    if (!native.empty() && !instruments_.find(native)) {
      return;
    }
    if (native.empty() ? current_->on_refusal() : refused_.add(native)) {
      log::warn(options_.name + ": the venue refuses " +
                (native.empty() ? "a request" : "'" + native + "'") + ": " +
                std::string(notice.text));
      tell_state();
    }
  }

  // Among the refused symbols, what is refused where the venue does not say of which.
  void note_refusal(const Line& line) {
    const auto request = "(a request of connection " + std::to_string(line.number() + 1) + ")";
    if (line.is_refused()) {
      refused_.add(request);
    } else {
      refused_.remove(request);
    }
  }

  // The feed is what its worst connection is.
  void tell_state() {
    auto state = FeedState::kLive;
    std::string reason;
    if (options_.symbols.empty()) {
      state = FeedState::kConnecting;
      reason = "no instruments are known yet";
    }
    for (const auto& line : lines_) {
      note_refusal(*line);
      if (line->state() < state) {
        state = line->state();
        reason = line->reason();
      }
    }
    told_.tell(options_, state, reason.empty() ? refused_.text() : reason);
  }

  Shared shared_;
  FeedOptions options_;
  ToldState told_;
  bool is_started_ = false;

  ServedInstruments instruments_;
  RefusedSymbols refused_;

  std::unique_ptr<recording::Recorder> recorder_;  // nullptr: none is wanted
  std::vector<std::unique_ptr<Line>> lines_;
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
  if (!natives) {
    return natives.error();
  }
  const auto header = recording_header(options, natives.value());
  return header || !options.record ? Status() : Status(header.error());
}

std::size_t FeedRunner::connections(const FeedOptions& options, std::size_t instruments) {
  const std::vector<std::string> any(instruments, "X");  // how they are called makes no difference
  return make_adapter(options).value()->plan(options.url, any).size();
}

std::unique_ptr<Feed> FeedRunner::make(Shared shared, FeedOptions options) {
  return std::make_unique<Impl>(std::move(shared), std::move(options));
}

}  // namespace ticker::ingest
