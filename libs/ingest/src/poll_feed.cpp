#include <ticker/ingest/poll_feed.hpp>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <ticker/base/log.hpp>
#include <ticker/feed/json_decoder.hpp>
#include <ticker/ingest/market_writer.hpp>
#include <ticker/net/timer.hpp>
#include <ticker/net/url.hpp>

#include "http_fetcher.hpp"
#include "native_names.hpp"
#include "poll_plan.hpp"
#include "poll_schedule.hpp"
#include "polled_request.hpp"
#include "recording_header.hpp"
#include "refused_symbols.hpp"
#include "served_instruments.hpp"
#include "stats.hpp"
#include "told_state.hpp"
#include "venue_sink.hpp"
#include "venue_wait.hpp"

namespace ticker::ingest {
namespace {

using market::FeedState;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kFirstRetry = seconds(1);
constexpr milliseconds kMaxRetry = seconds(60);
constexpr int kOk = 200;
constexpr int kNotModified = 304;

TimePoint steady_now() { return std::chrono::steady_clock::now(); }

Result<std::vector<std::string>> names(const FeedOptions& options,
                                       const feed::JsonDecoder& decoder) {
  return native_names(options,
                      [&](std::string_view canonical) { return decoder.native_name(canonical); });
}

std::string host_of(const std::string& url) {
  // The parts are those of a WebSocket's URL, which net reads.
  net::Url parts;
  return net::parse_url("ws" + url.substr(std::min<std::size_t>(4, url.size())), parts)
             ? ""
             : parts.host;
}

}  // namespace

class PollFeed::Impl final : public PollFeed, private VenueSink {
 public:
  Impl(Shared shared, FeedOptions options)
      : VenueSink(std::make_shared<metrics::FeedStats>(rejected_reasons(), skipped_reasons())),
        shared_(std::move(shared)),
        instruments_(shared_.loop, shared_.market, stats_),
        told_(shared_.market, stats_),
        schedule_(0, milliseconds(0), 0),
        backoff_(kFirstRetry, kMaxRetry, shared_.random),
        next_(shared_.loop, [this] { ask(); }),
        silence_(shared_.loop, [this] { check_silence(); }) {
    configure(std::move(options));
  }
  ~Impl() override { forget(); }

  void start() override {
    is_started_ = true;
    if (schedule_.interval() > options_.poll.interval) {
      log::warn(options_.name + ": its " + std::to_string(polls_.size()) + " requests come every " +
                std::to_string(schedule_.interval().count()) + " ms, not every " +
                std::to_string(options_.poll.interval.count()) +
                ": requests_per_minute allows no more");
    }
    const auto now = steady_now();
    for (auto& poll : polls_) {
      poll.last_good = now;
    }
    schedule_.start(now);
    silence_.start(feed_timeout_);
    ask();
  }

  bool change(const FeedOptions& options) override {
    configure(options);
    return true;
  }

  void stop() override {
    forget();
    if (recorder_) {
      recorder_->begin_stop();
    }
  }

  void remove() override {
    forget();
    recording::Recorder::retire(std::move(recorder_));
    instruments_.clear();
    shared_.market.remove_feed(options_.name);
  }

  const FeedOptions& options() const override { return options_; }
  std::shared_ptr<const metrics::FeedStats> stats() const override { return stats_; }

 private:
  void configure(FeedOptions options) {
    forget();
    options_ = std::move(options);
    decoder_ = feed::JsonDecoder::make(options_.json).value();
    const auto natives = names(options_, *decoder_).value();
    std::vector<feed::ConnectionPlan> plans;
    for (auto& poll : poll_plan(options_.url, natives, options_.socket.symbols_per_request)) {
      plans.push_back({{}, {}, poll.natives});
      polls_.push_back({std::move(poll), Backoff(kFirstRetry, kMaxRetry, shared_.random)});
    }
    renew(recorder_, options_, natives, stats_->recording);
    for (auto& poll : polls_) {
      if (recorder_) {
        poll.tap = std::make_unique<AnswerTap>(*recorder_, poll.poll.url, std::string(poll.asked()));
      }
    }
    instruments_.assign(options_, natives, plans);
    schedule_ =
        PollSchedule(polls_.size(), options_.poll.interval, options_.poll.requests_per_minute);
    feed_timeout_ = options_.feed_timeout.count() > 0
                        ? options_.feed_timeout
                        : std::max<milliseconds>(3 * schedule_.interval(), std::chrono::minutes(1));
    tell(FeedState::kConnecting, "connecting");
    if (is_started_) {
      start();
    }
  }

  void forget() {
    for (const auto& poll : polls_) {
      if (poll.ticket) {
        shared_.fetcher.cancel(*poll.ticket);
      }
    }
    polls_.clear();
    refused_.clear();
    next_.cancel();
    silence_.cancel();
  }

  // What is due.
  void ask() {
    const auto now = steady_now();
    for (auto next = schedule_.next(now); next; next = schedule_.next(now)) {
      if (next->when > now) {
        next_.start_at(next->when);
        return;
      }
      schedule_.sent(next->request, now);
      send(polls_[next->request]);
    }
  }

  void send(PolledRequest& poll) {
    poll.ticket =
        shared_.fetcher.fetch(poll.request(options_), [this, &poll](HttpFetcher::Reply reply) {
          poll.ticket.reset();
          schedule_.answered(number(poll));
          take(poll, std::move(reply));
          ask();
        });
  }

  void take(PolledRequest& poll, HttpFetcher::Reply reply) {
    if (!reply.fault.empty()) {
      return reply.concerns_request ? fail_alone(poll, reply.fault, milliseconds(0))
                                    : fail(reply.fault, milliseconds(0));
    }
    const auto why = "HTTP " + std::to_string(reply.status);
    const auto wait = wait_after(reply.status, reply.retry_after);
    if (is_overload(reply.status)) {
      return fail(why, wait);
    }
    const bool is_known = reply.status == kOk || reply.status == kNotModified;
    if (!is_known && !is_refusal(reply.status)) {
      return fail_alone(poll, why, wait);
    }
    if (reply.status == kNotModified && poll.brought.empty()) {
      return fail_alone(poll, why + ", though there is nothing of it here", wait);
    }
    poll.is_failing = false;
    if (reply.status == kOk) {
      return read(poll, std::move(reply));
    }
    if (reply.status == kNotModified) {
      return confirm(poll);
    }
    refuse(poll, why);
  }

  void read(PolledRequest& poll, HttpFetcher::Reply reply) {
    const auto received = wall_now();
    stats_->messages.add();
    stats_->bytes.add(reply.body.size());
    stats_->last_message_us.set(to_us(received));
    const auto size = reply.body.size();
    poll.record(reply.body.empty() ? " " : reply.body);  // nothing at all would mean: unchanged
    reply.body.push_back('\0');
    poll.brought.clear();
    current_ = &poll;
    decoder_->decode(reply.body.data(), size, received, poll.asked(), *this);
    current_ = nullptr;
    shared_.market.end_message();
    if (poll.brought.empty()) {
      poll.forget_answer();
      return answers();
    }
    poll.remember(std::move(reply));
    good(poll);
    works();
  }

  void confirm(PolledRequest& poll) {
    market::Update unchanged;
    unchanged.receive_time = wall_now();
    stats_->messages.add();
    stats_->last_message_us.set(to_us(unchanged.receive_time));
    poll.record({});
    for (const auto id : poll.brought) {
      unchanged.instrument = id;
      instruments_.apply(unchanged, source(poll));
    }
    good(poll);
    works();
  }

  ServedInstruments::Source source(const PolledRequest& poll) const {
    return {number(poll), true};
  }
  std::size_t number(const PolledRequest& poll) const {
    return static_cast<std::size_t>(&poll - polls_.data());
  }

  void good(PolledRequest& poll) {
    poll.last_good = steady_now();
    poll.backoff.healthy(poll.last_good);
    instruments_.trust(source(poll).connection);
    if (std::exchange(poll.is_silent, false)) {
      check_silence();
    }
    if (refused_.remove(poll.poll.natives[0])) {
      tell(told_.state(), reason_);
    }
  }

  // The venue answers, and what it says is of use.
  void works() {
    backoff_.healthy(steady_now());
    const bool is_silent = is_any_silent();
    tell(is_silent ? FeedState::kStale : FeedState::kLive, is_silent ? no_answer() : "");
  }

  // The venue answers, without a value: whether the feed works is not known yet.
  void answers() {
    backoff_.healthy(steady_now());
    if (told_.state() == FeedState::kDown) {
      const bool is_silent = is_any_silent();
      tell(is_silent ? FeedState::kStale : FeedState::kConnecting,
           is_silent ? no_answer() : "no answer with values yet");
    }
  }

  bool is_any_silent() const { return std::ranges::any_of(polls_, &PolledRequest::is_silent); }

  // Nothing is asked for a while.
  void fail(const std::string& why, milliseconds least_wait) {
    const auto now = steady_now();
    backoff_.closed(now);
    const auto wait = std::max(backoff_.next(), least_wait);
    schedule_.pause_until(now + wait);
    for (auto& poll : polls_) {
      instruments_.cut(number(poll), now);
      poll.record_failure(why);
    }
    stats_->reconnects.add();
    log::warn(options_.name + ": " + host_of(options_.url) + ": " + why + "; next attempt in " +
              std::to_string(wait.count()) + " ms");
    tell(FeedState::kDown, why);
  }

  // This request waits, and the others go on; the feed is down if that holds for all of them.
  void fail_alone(PolledRequest& poll, const std::string& why, milliseconds least_wait) {
    const auto now = steady_now();
    poll.backoff.closed(now);
    const auto wait = std::max(poll.backoff.next(), least_wait);
    schedule_.pause_until(number(poll), now + wait);
    instruments_.cut(number(poll), now);
    poll.record_failure(why);
    stats_->reconnects.add();
    if (!std::exchange(poll.is_failing, true)) {
      log::warn(options_.name + ": " + host_of(options_.url) + ": " + why + " for '" +
                poll.poll.natives[0] + "'; next attempt in " + std::to_string(wait.count()) +
                " ms");
    }
    if (std::ranges::all_of(polls_, &PolledRequest::is_failing)) {
      tell(FeedState::kDown, why);
    }
  }

  void refuse(PolledRequest& poll, const std::string& why) {
    stats_->rejected.add(kRefusedSymbol);
    if (refused_.add(poll.poll.natives[0])) {
      log::warn(options_.name + ": the venue refuses '" + poll.poll.natives[0] + "'" +
                (poll.poll.natives.size() > 1 ? " and those asked for with it" : "") + ": " + why);
    }
    works();
  }

  void check_silence() {
    const auto now = steady_now();
    std::optional<TimePoint> next;
    bool is_new = false;
    for (auto& poll : polls_) {
      const auto deadline = poll.last_good + feed_timeout_;
      if (!poll.is_silent && deadline <= now) {
        poll.is_silent = is_new = true;
        instruments_.distrust(source(poll).connection);
        poll.record_failure(no_answer());
      }
      if (!poll.is_silent) {
        next = std::min(next.value_or(deadline), deadline);
      }
    }
    if (next) {
      silence_.start_at(*next);
    }
    if (is_new && told_.state() != FeedState::kDown) {
      tell(FeedState::kStale, no_answer());
    }
  }

  std::string no_answer() const {
    return "no answer with values for " + std::to_string(feed_timeout_.count()) + " ms";
  }

  void tell(FeedState state, const std::string& reason) {
    reason_ = reason;
    told_.tell(options_, state, reason.empty() ? refused_.text() : reason);
  }

  // feed::Sink

  std::optional<market::InstrumentId> find(std::string_view native) override {
    return instruments_.find(native);
  }
  void ticker(const market::Update& update) override {
    observe(update.exchange_time, update.receive_time);
    instruments_.apply(update, source(*current_));
    current_->brought.push_back(update.instrument);
  }
  void trade(const market::Trade& trade, market::FieldSet sets) override {
    observe(trade.exchange_time, trade.receive_time);
    instruments_.apply(trade, sets, source(*current_));
    current_->brought.push_back(trade.instrument);
  }
  void notice(const feed::Notice& notice) override {
    if (notice.kind == feed::Notice::Kind::kError || notice.kind == feed::Notice::Kind::kRefused) {
      complain(options_.name, notice.text);
    }
  }

  Shared shared_;
  FeedOptions options_;
  ServedInstruments instruments_;
  ToldState told_;
  std::string reason_;  // told, but for what the venue refuses
  std::unique_ptr<feed::JsonDecoder> decoder_;
  milliseconds feed_timeout_{0};
  bool is_started_ = false;

  std::unique_ptr<recording::Recorder> recorder_;  // nullptr: none is wanted
  std::vector<PolledRequest> polls_;  // not moved while one is under way
  PolledRequest* current_ = nullptr;  // whose answer is being decoded
  RefusedSymbols refused_;      // the first native names of requests
  PollSchedule schedule_;
  Backoff backoff_;

  net::Timer next_;
  net::Timer silence_;
};

Status PollFeed::check(const FeedOptions& options) {
  const auto decoder = feed::JsonDecoder::make(options.json);
  if (!decoder) {
    return Error{"feed '" + options.name + "': " + decoder.error().message};
  }
  if (host_of(options.url).empty()) {
    return Error{"feed '" + options.name + "': its URL has no valid host"};
  }
  const auto natives = names(options, *decoder.value());
  if (!natives) {
    return natives.error();
  }
  const auto header = recording_header(options, natives.value());
  return header || !options.record ? Status() : Status(header.error());
}

std::unique_ptr<Feed> PollFeed::make(Shared shared, FeedOptions options) {
  return std::make_unique<Impl>(std::move(shared), std::move(options));
}

}  // namespace ticker::ingest
