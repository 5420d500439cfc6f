#include "upstream.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <ticker/base/log.hpp>

#include "venue_wait.hpp"

namespace ticker::ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A venue in maintenance is not asked again sooner (exchange-protocols, Kraken's rule).
constexpr milliseconds kMaintenanceWait = seconds(5);
// What a venue did not take for now it is asked again, the more seldom the more often it says so:
// all that is asked is counted.
constexpr milliseconds kLongestAskAgain = std::chrono::minutes(10);
// Connections of one age must not all be replaced at once: each comes of age earlier by up to this
// part.
constexpr double kAgeSpread = 0.05;
// A large message takes its time on a slow line: up to so many feed timeouts, while bytes come.
constexpr int kTimeoutsPerMessage = 6;
// The largest message known of any venue has 5 MB.
constexpr std::size_t kMaxMessageBytes = std::size_t{16} << 20;

TimePoint steady_now() { return std::chrono::steady_clock::now(); }

// For how long the answer to a handshake wants us to stay away.
milliseconds asked_wait(const net::ClientClose& close) {
  std::int64_t value = 0;
  const auto& text = close.retry_after;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return wait_after(close.http_status, seconds(value));
}

}  // namespace

Upstream::Upstream(net::EventLoop& loop, Owner& owner, ConnectBudgets& budgets, Random random,
                   feed::ConnectionPlan plan, std::unique_ptr<feed::Adapter> adapter,
                   Settings settings)
    : loop_(loop),
      owner_(owner),
      budgets_(budgets),
      plan_(std::move(plan)),
      adapter_(std::move(adapter)),
      settings_(std::move(settings)),
      random_(std::move(random)),
      tap_(settings_.recorder, settings_.leader),
      backoff_(settings_.rules.first_retry, settings_.rules.max_retry, random_),
      requests_(0, milliseconds(0)),
      retry_(loop, [this] { connect(); }),
      pace_(loop, [this] { send_requests(); }),
      keepalive_(loop, [this] { keep_alive(); }),
      silence_(loop, [this] { check_silence(); }),
      answer_(loop, [this] { give_up_asking(); }),
      again_(loop, [this] { ask_again(); }),
      maintenance_(loop, [this] { give_up_waiting(); }),
      age_(loop,
           [this] { owner_.on_renewal_due(*this, "a connection nears the venue's age limit"); }) {}

Upstream::~Upstream() { tap_.disconnected("not wanted any more"); }

void Upstream::start() {
  last_heard_ = steady_now();
  silence_.start(settings_.rules.feed_timeout);
  connect();
}

void Upstream::connect() {
  const auto& rules = settings_.rules;
  const auto now = steady_now();
  const auto allowed =
      budgets_.take(settings_.host, rules.connects_per_window, rules.connect_window, now);
  if (allowed > now) {
    // Of all that wait for one place, only one gets it: the others come here again.
    if (!std::exchange(told_budget_, true)) {
      const auto wait = std::chrono::duration_cast<milliseconds>(allowed - now);
      log::warn(settings_.feed + ": " + settings_.host + " allows no further connection for " +
                std::to_string(wait.count()) + " ms");
    }
    phase_ = Phase::kWaiting;
    retry_.start_at(allowed);
    return;
  }
  if (std::exchange(ever_tried_, true)) {
    owner_.on_reconnect();
  }
  told_budget_ = false;
  phase_ = Phase::kConnecting;
  adapter_->reset();
  // The venue's window is over arrivals, which the network brings closer together than they were
  // sent.
  requests_ =
      SlidingWindow(rules.requests_per_window, rules.request_window + rules.request_window / 4);
  ask_again_wait_ = settings_.ask_again_after;
  next_request_ = 0;
  is_ready_ = !plan_.waits_for_ready;
  to_send_first_ = plan_.login;
  send_after_message_ = false;
  is_answered_ = false;
  is_refused_ = false;
  is_available_ = true;

  net::ClientOptions options;
  options.ca_file = settings_.ca_file;
  options.max_message_bytes = kMaxMessageBytes;
  net::ClientHandler& handler = *this;
  client_ = std::make_unique<net::WebSocketClient>(loop_, handler, std::move(options));
  if (const auto error = client_->connect(plan_.url)) {
    drop(error->message, milliseconds(0));
  }
}

void Upstream::on_open(const std::string&) {
  phase_ = Phase::kOpen;
  opened_ = steady_now();
  tap_.connected(plan_.url);
  const auto& rules = settings_.rules;
  // The handshake proves nothing: a venue may accept everybody and hang up. But the connection has
  // its own time to say something.
  if (is_silent_) {
    silence_.start(rules.feed_timeout);
  }
  if (rules.keepalive_interval.count() > 0) {
    keepalive_.start(rules.keepalive_interval);
  }
  if (rules.max_age.count() > 0) {
    const auto early = kAgeSpread * random_() * static_cast<double>(rules.max_age.count());
    age_.start(rules.max_age - milliseconds(static_cast<milliseconds::rep>(early)));
  }
  send_requests();
}

void Upstream::send_requests() {
  const auto waits = [this] {
    return !to_send_first_.empty() || (is_ready_ && next_request_ < plan_.requests.size());
  };
  while (phase_ == Phase::kOpen && waits()) {
    const auto now = steady_now();
    const auto free = requests_.free_at(now);
    if (free > now) {
      pace_.start_at(free);
      return;
    }
    requests_.take(now);
    const bool is_first = !to_send_first_.empty();
    if (!client_->send_text(is_first ? to_send_first_ : plan_.requests[next_request_])) {
      drop("the venue does not take our requests", milliseconds(0));
      return;
    }
    if (is_first) {
      // An answer may be a login too.
      tap_.sent("(a login or an answer, which may be secret)");
      to_send_first_.clear();
    } else {
      tap_.sent(plan_.requests[next_request_++]);
    }
  }
  const bool must_answer = settings_.rules.answers_requests || !is_ready_;
  if (phase_ == Phase::kOpen && !plan_.requests.empty() && !is_answered_ && must_answer &&
      !answer_.armed()) {
    answer_.start(settings_.rules.feed_timeout);
  }
}

void Upstream::on_ready() {
  if (!std::exchange(is_ready_, true)) {
    answer_.cancel();
    send_after_message_ = true;
  }
}

void Upstream::on_question(std::string_view answer) {
  to_send_first_ = answer;
  send_after_message_ = true;
}

void Upstream::on_asked_too_much() {
  if (!again_.armed()) {
    again_.start(ask_again_wait_);
    ask_again_wait_ = std::min(2 * ask_again_wait_, kLongestAskAgain);
  }
}

// All of it: not every venue says what it did not take, and what it took it says again. What was
// not asked for yet comes first.
void Upstream::ask_again() {
  if (next_request_ < plan_.requests.size()) {
    again_.start(settings_.ask_again_after);
    return;
  }
  next_request_ = 0;
  send_requests();
}

void Upstream::on_answer() {
  // What it says before it takes requests, be it an error, answers none.
  if (is_ready_ && !std::exchange(is_answered_, true)) {
    answer_.cancel();
  }
}

// Pings are answered, subscriptions are not: nothing would ever come.
void Upstream::give_up_asking() {
  if (!is_available_) {
    answer_.start(settings_.rules.feed_timeout);
    return;
  }
  constexpr std::string_view kWhy = "the venue does not answer our subscriptions";
  lose_trust(kWhy);
  drop(kWhy, milliseconds(0));
}

void Upstream::keep_alive() {
  const auto& rules = settings_.rules;
  const auto now = steady_now();
  const auto free = requests_.free_at(now);
  if (free > now) {
    keepalive_.start_at(free);
    return;
  }
  requests_.take(now);
  // Whether it was taken does not matter: what comes back does.
  if (rules.keepalive_is_ping_frame) {
    client_->send_ping({});
  } else if (client_->send_text(rules.keepalive_text)) {
    tap_.sent(rules.keepalive_text);
  }
  keepalive_.start(rules.keepalive_interval);
}

void Upstream::on_message(net::MessageKind kind, char* data, std::size_t size) {
  const auto received_ns = recording::Recorder::now_ns();
  received_ = from_us(received_ns / 1000);
  tap_.received(received_ns, data, size, kind == net::MessageKind::kText);
  heard();
  if (kind == net::MessageKind::kBinary) {
    owner_.on_binary(size);
  } else {
    owner_.on_message(*this, data, size);
  }
  proven();  // not before: it may have said that nothing can be trusted
  if (std::exchange(send_after_message_, false)) {
    send_requests();
  }
}

void Upstream::on_ping(std::string_view) { heard(); }

void Upstream::on_pong(std::string_view) {
  heard();
  proven();
}

// A recording has the times at which messages came, not those at which it was convenient to read.
std::chrono::nanoseconds Upstream::read_pause() {
  return settings_.recorder == nullptr && settings_.patience ? settings_.patience()
                                                             : std::chrono::nanoseconds(0);
}

void Upstream::heard() {
  last_heard_ = steady_now();
  if (is_silent_) {
    is_silent_ = false;
    silence_.start(settings_.rules.feed_timeout);
  }
}

void Upstream::proven() {
  backoff_.healthy(last_heard_);
  if (state_ != market::FeedState::kLive && is_available_) {
    set_state(market::FeedState::kLive, {});
  }
}

// Of a whole message or control frame, or of one that is still arriving.
TimePoint Upstream::last_bytes() const {
  const auto partial = client_ ? client_->partial_message_at() : std::nullopt;
  const auto longest = (kTimeoutsPerMessage - 1) * settings_.rules.feed_timeout;
  return partial ? std::clamp(*partial, last_heard_, last_heard_ + longest) : last_heard_;
}

void Upstream::check_silence() {
  const auto timeout = settings_.rules.feed_timeout;
  const auto now = steady_now();
  const auto last = last_bytes();
  const auto why = "no bytes for " + std::to_string(timeout.count()) + " ms";
  if (!is_silent_) {
    if (now < last + timeout) {
      silence_.start_at(last + timeout);
      return;
    }
    is_silent_ = true;
    lose_trust(why);
  }
  if (phase_ != Phase::kOpen) {
    return;
  }
  if (const auto deadline = std::max(last, opened_) + timeout; now < deadline) {
    silence_.start_at(deadline);
    return;
  }
  drop(why, milliseconds(0));
}

void Upstream::lose_trust(std::string_view why) {
  owner_.on_untrusted(*this);
  if (state_ != market::FeedState::kDown) {
    set_state(market::FeedState::kStale, why);
  }
}

void Upstream::on_close(const net::ClientClose& close) {
  auto why = close.text.empty() ? "closed with code " + std::to_string(close.code) : close.text;
  const auto wait =
      std::max(asked_wait(close), is_available_ ? milliseconds(0) : kMaintenanceWait);
  drop(why, wait);
}

void Upstream::on_planned_close() {
  owner_.on_renewal_due(*this, "the venue announced that it will close a connection");
}

void Upstream::on_unavailable(std::string_view text) {
  if (std::exchange(is_available_, false)) {
    maintenance_.start(settings_.longest_maintenance);
    owner_.on_untrusted(*this);
  }
  set_state(market::FeedState::kStale, "the venue is unavailable: " + std::string(text));
}

void Upstream::on_available() {
  is_available_ = true;
  maintenance_.cancel();
  proven();
}

// Heartbeats go on, and the end of it was not told, or was lost: nothing else would ever end it.
void Upstream::give_up_waiting() {
  drop("the venue was unavailable for " +
           std::to_string(settings_.longest_maintenance.count()) + " ms",
       kMaintenanceWait);
}

bool Upstream::has_subscribed() const {
  return phase_ == Phase::kOpen && next_request_ == plan_.requests.size() && !again_.armed() &&
         (is_answered_ || plan_.requests.empty());
}

void Upstream::forget_connection() {
  client_.reset();
  pace_.cancel();
  keepalive_.cancel();
  answer_.cancel();
  again_.cancel();
  maintenance_.cancel();
  age_.cancel();
}

// The connection, or the attempt, is over; the next one, if there is to be one, waits its turn.
void Upstream::drop(std::string_view why, milliseconds least_wait) {
  const bool was_open = phase_ == Phase::kOpen;
  tap_.disconnected(why);
  forget_connection();
  if (!owner_.on_lost(*this)) {
    phase_ = Phase::kIdle;
    silence_.cancel();
    log::warn(settings_.feed + ": " + std::string(why) + "; the next connection is there");
    return;
  }
  phase_ = Phase::kWaiting;
  backoff_.closed(steady_now());
  const auto wait = std::max(backoff_.next(), least_wait);
  retry_.start(wait);
  log::warn(settings_.feed + ": " + std::string(why) + "; next attempt in " +
            std::to_string(wait.count()) + " ms");
  if (!was_open) {
    set_state(market::FeedState::kDown, why);
  } else if (state_ == market::FeedState::kLive) {
    set_state(market::FeedState::kConnecting, why);
  }
}

void Upstream::set_state(market::FeedState state, std::string_view reason) {
  if (state_ != state || reason_ != reason) {
    state_ = state;
    reason_ = reason;
    owner_.on_state(*this);
  }
}

}  // namespace ticker::ingest
