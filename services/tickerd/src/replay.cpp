#include "replay.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <ticker/base/assert.hpp>
#include <ticker/base/ids.hpp>
#include <ticker/protocol/encoder.hpp>

#include "client_link.hpp"
#include "shard.hpp"

namespace ticker::tickerd {
namespace {

using namespace std::chrono_literals;
using protocol::ReplayControl;

// A turn ends after so much time; then the shard's loop goes on.
constexpr std::chrono::microseconds kTurn{500};
// A client or machine that can't keep up is played to slower than asked, rather than ever further behind.
constexpr std::chrono::seconds kMostBehind{1};
// Of the changes that may be played in a second, so much may come at once.
constexpr double kBurst = 0.1;
constexpr std::chrono::milliseconds kRateWait{10};
// Longer than anything that is replayed: what is watched in real time is the shard's hub's to watch.
constexpr std::chrono::hours kNever{24 * 365 * 100};
// Of its trades only those of one message are ever waited for.
constexpr std::size_t kTradesRing = 4'096;
constexpr std::size_t kFragments = 1'024;
constexpr std::uint16_t kNormal = 1'000;
constexpr const char* kUnreadable = "some of the recording could not be read";

hub::HubOptions options_of(const hub::HubOptions& shard, std::size_t frame_bytes) {
  hub::HubOptions options;
  options.limits = shard.limits;
  options.limits.requests_per_s = 0;
  options.limits.frame_bytes = frame_bytes;
  options.default_interval = shard.default_interval;
  options.heartbeat = options.silent = options.no_progress = kNever;
  // Nothing comes that is not there, and a clock that stands would keep the client waiting.
  options.since_wait = 0ms;
  options.trades_ring = std::min(shard.trades_ring, kTradesRing);
  options.fragments = kFragments;
  options.body_cache_bytes = 0;
  return options;
}

Timestamp::duration scaled(Timestamp::duration time, double by) {
  return std::chrono::duration_cast<Timestamp::duration>(
      std::chrono::duration<double, std::micro>(static_cast<double>(time.count()) * by));
}

}  // namespace

Replay::Replay(Shard& shard, ClientLink& link, Replays::Seat seat, Replays::Limits limits, protocol::Replay request,
               std::shared_ptr<const hub::Access> access)
    : shard_(shard),
      link_(link),
      limits_(std::move(limits)),
      request_(std::move(request)),
      seat_(std::move(seat)),
      access_(std::move(access)),
      speed_(request_.speed),
      timer_(shard.loop(), [this] { turn(); }) {
  shard_.replay_stats().active.add(1);
}

Replay::~Replay() {
  if (source_) {
    source_->cancel();
  }
  drop_hub();
  shard_.replay_stats().active.add(-1);
}

void Replay::begin_at(const protocol::RequestId& id, std::optional<Timestamp> position) {
  if (source_) {
    source_->cancel();
  }
  goes_ = false;
  timer_.cancel();
  asked_ = id;
  state_due_ = false;
  epoch_ = random_epoch();
  source_ = std::make_shared<ReplaySource>(
      shard_.replays(), ReplaySource::Options{limits_.folder, request_.recording, epoch_, position, request_.to},
      [weak = weak_from_this(), &loop = shard_.loop(), epoch = epoch_](std::shared_ptr<ReplaySource::Piece> piece) {
        loop.post([weak, epoch, piece = std::move(piece)] {
          if (const auto replay = weak.lock()) {
            replay->take(epoch, std::move(*piece));
          }
        });
      });
  source_->begin();
}

void Replay::take(const std::string& epoch, ReplaySource::Piece piece) {
  if (epoch != epoch_) {
    return;  // it was wanted no more
  }
  if (piece.fault) {
    return refuse(as_shown(*std::move(piece.fault)));
  }
  if (piece.beginning) {
    auto beginning = *std::exchange(piece.beginning, std::nullopt);
    if (hub_ == nullptr && !may_be_seen(beginning.state)) {
      return refuse(unknown());
    }
    piece_ = std::move(piece);
    next_ = 0;
    ready_.reset();
    serve_from(std::move(beginning));
    if (!piece_.is_last) {
      source_->read();
    }
  } else {
    ready_ = std::move(piece);
  }
  turn();
}

void Replay::refuse(const ReplaySource::Fault& fault) {
  const auto self = shared_from_this();
  const auto id = *std::exchange(asked_, std::nullopt);
  shard_.replay_stats().refused.add();
  if (hub_ == nullptr) {
    seat_.reset();  // the next request may be here already
    link_.end_replay();
    shard_.hub().answer(link_.session(), protocol::RequestError{id, fault.code, fault.message}, shard_.now());
  } else {
    // It could be read before: the client stays where it was.
    state_ = State::kEnded;
    state_due_ = true;
    piece_ = {};
    ready_.reset();
    piece_.damage = fault.message;
    shard_.hub().answer(link_.session(), protocol::RequestError{id, fault.code, fault.message}, shard_.now());
    turn();
  }
  shard_.arm();
}

ReplaySource::Fault Replay::unknown() const {
  return {protocol::ErrorCode::kUnknownRecording, "no recording " + request_.recording};
}

// What is wrong with a recording names its files, feeds and symbols; and of one that can't be read nobody knows whether the
// client may see any of it.
ReplaySource::Fault Replay::as_shown(ReplaySource::Fault fault) const {
  if (fault.code != protocol::ErrorCode::kBadRecording || access_->symbols.allows_all()) {
    return fault;
  }
  return hub_ == nullptr ? unknown() : ReplaySource::Fault{fault.code, kUnreadable};
}

// A recording of feeds that the client may not see does not exist for it.
bool Replay::may_be_seen(const market::MarketState& state) const {
  const auto& feeds = state.feeds();
  return std::any_of(feeds.begin(), feeds.end(),
                     [&](const market::FeedStatus& feed) { return access_->symbols.shows_feed(state, feed.feed); });
}

void Replay::serve_from(ReplaySource::Beginning beginning) {
  auto& live = shard_.hub();
  const auto entries = hub_ == nullptr ? live.lend(link_.session()) : hub_->lend(session_);
  drop_hub();
  if (first_ == kNoTime) {
    from_ = beginning.position;
  }
  first_ = beginning.first;
  now_ = beginning.position;
  piece_.ends_at = std::max(piece_.ends_at, now_);
  if (state_ == State::kEnded) {
    state_ = State::kPlaying;
  }
  state_due_ = true;
  live.answer(link_.session(), reply(*std::exchange(asked_, std::nullopt)), shard_.now());
  tell_state();
  hub::Sockets& sockets = *this;
  hub_ = std::make_unique<hub::Hub>(std::move(beginning.state), sockets,
                                    options_of(live.options(), live.frame_bytes(link_.session())));
  session_ = hub_->adopt(*this, {link_.number(), std::nullopt, access_, std::nullopt}, entries, now_);
}

void Replay::drop_hub() {
  if (hub_ == nullptr) {
    return;
  }
  hub_->on_closed(session_, kNormal);
  session_ = nullptr;
  const hub::HubStats& stats = hub_->stats();
  hub::HubStats& total = shard_.hub().stats();
  total.updates.add(stats.updates.value());
  total.merged.add(stats.merged.value());
  total.trade_gaps.add(stats.trade_gaps.value());
  for (std::size_t code = 0; code < stats.errors.size(); ++code) {
    total.errors[code].add(stats.errors[code].value());
  }
  hub_.reset();
  link_.hold_for_replay(false);
}

protocol::Replaying Replay::reply(const protocol::RequestId& id) const {
  // One that could not be sought to never came to be.
  return {id, hub_ == nullptr ? epoch_ : hub_->state().epoch(), request_.recording, from_, request_.to, speed_};
}

std::optional<protocol::Message> Replay::control(const ReplayControl& request) {
  (void)advance_to(time(), shard_.now());
  goes_ = false;
  state_due_ = true;
  timer_.start(0ns);
  switch (request.action) {
    case ReplayControl::Action::kPause:
      state_ = state_ == State::kPlaying ? State::kPaused : state_;
      break;
    case ReplayControl::Action::kResume:
      state_ = state_ == State::kPaused ? State::kPlaying : state_;
      break;
    case ReplayControl::Action::kSpeed:
      speed_ = request.speed;
      break;
    case ReplayControl::Action::kSeek:
      begin_at(request.id, request.to);
      return std::nullopt;
    case ReplayControl::Action::kStop:
      stop_ = request.id;
      return std::nullopt;
  }
  return reply(request.id);
}

void Replay::pass_on(std::string_view text) {
  if (hub_ == nullptr) {
    return;
  }
  (void)advance_to(time(), shard_.now());
  hub_->on_message(session_, text, now_);
  hub_->advance(now_);
  timer_.start(0ns);
}

void Replay::set_access(std::shared_ptr<const hub::Access> access) {
  access_ = std::move(access);
  const auto entries = hub_->lend(session_);
  hub_->on_closed(session_, kNormal);
  link_.hold_for_replay(false);
  session_ = hub_->adopt(*this, {link_.number(), std::nullopt, access_, std::nullopt}, entries, now_);
  timer_.start(0ns);
}

void Replay::on_writable() {
  if (hub_ != nullptr && tell_state()) {
    hub_->on_writable(session_, now_);
  }
  turn();
}

void Replay::turn() {
  if (stop_) {
    stop();
  } else if (!asked_ && tell_state()) {
    if (state_ == State::kPlaying) {
      play();
    } else {
      // What came with a request may be more than the hub serves at once, and is due though the clock stands.
      (void)advance_to(now_, shard_.now());
    }
  }
  shard_.arm();
}

void Replay::play() {
  const Timestamp begun = shard_.now();
  if (!goes_) {
    go_on(begun);
  }
  for (;;) {
    if (!shard_.hub().is_writable(link_.session())) {
      goes_ = false;
      return;  // on_writable() goes on
    }
    const bool is_change = has_change();
    if (!is_change && !piece_.is_last) {
      goes_ = false;
      return;  // take() goes on
    }
    const Timestamp target = is_change ? piece_.changes[next_].time : std::max(piece_.ends_at, now_);
    if (speed_ != 0 && position(begun) - target > scaled(kMostBehind, speed_)) {
      base_ = target;
      since_ = begun;
    }
    const Timestamp due = speed_ == 0 ? target : std::min(target, position(begun));
    if (!advance_to(std::max(due, now_), begun)) {
      goes_ = goes_ && shard_.hub().is_writable(link_.session());
      return;
    }
    if (due < target) {
      return wait_until(std::min(target, hub_->next_deadline().value_or(target)), begun);
    }
    if (!is_change) {
      return end(begun);
    }
    if (!within_rate(begun)) {
      timer_.start(kRateWait);
      return;
    }
    (void)hub_->apply(piece_.changes[next_++].batch, now_);
    shard_.replay_stats().changes.add();
    if (shard_.now() - begun >= kTurn) {
      timer_.start(0ns);
      return;
    }
  }
}

bool Replay::has_change() {
  while (next_ == piece_.changes.size() && ready_) {
    piece_ = *std::exchange(ready_, std::nullopt);
    next_ = 0;
    if (!piece_.is_last) {
      source_->read();
    }
  }
  return next_ < piece_.changes.size();
}

bool Replay::advance_to(Timestamp time, Timestamp begun) {
  const auto& live = shard_.hub();
  for (auto due = hub_->next_deadline(); due && *due <= time; due = hub_->next_deadline()) {
    if (!live.is_writable(link_.session())) {
      return false;
    }
    now_ = std::max(now_, *due);
    hub_->advance(now_);
    if (shard_.now() - begun >= kTurn) {
      timer_.start(0ns);
      return false;
    }
  }
  if (!live.is_writable(link_.session())) {
    return false;
  }
  now_ = time;
  return true;
}

bool Replay::within_rate(Timestamp now) {
  if (limits_.changes_per_s == 0) {
    return true;
  }
  const auto rate = static_cast<double>(limits_.changes_per_s);
  const std::chrono::duration<double> passed = now - allowance_at_;
  allowance_ = std::min(std::max(1.0, rate * kBurst), allowance_ + passed.count() * rate);
  allowance_at_ = now;
  if (allowance_ < 1) {
    return false;
  }
  allowance_ -= 1;
  return true;
}

void Replay::end(Timestamp begun) {
  goes_ = false;
  // No lane has a longer interval.
  const auto until = piece_.ends_at + std::chrono::milliseconds(protocol::kMaxIntervalMs);
  for (auto due = hub_->next_deadline(); due && *due <= until; due = hub_->next_deadline()) {
    if (!advance_to(std::max(*due, now_), begun)) {
      return;
    }
  }
  state_ = State::kEnded;
  state_due_ = true;
  tell_state();
}

void Replay::wait_until(Timestamp time, Timestamp now) {
  constexpr Timestamp::duration kLongest = 1h;  // it is looked at again then
  timer_.start(std::clamp<Timestamp::duration>(scaled(time - position(now), 1 / speed_), 0us, kLongest));
}

void Replay::stop() {
  auto& live = shard_.hub();
  const auto self = shared_from_this();
  const auto session = link_.session();
  if (!stop_answered_) {
    // Not by answer(): the next request is for take_back() to let through.
    state_ = State::kEnded;
    state_due_ = stop_answered_ = relay(reply(*stop_)) != hub::WriteResult::kBlocked;
  }
  if (!tell_state()) {
    return;
  }
  const auto entries = hub_->lend(session_);
  drop_hub();
  seat_.reset();
  link_.end_replay();
  live.take_back(session, entries, shard_.now());
  // A timer does not end within its own call.
  shard_.loop().post([self] {});
}

// False: the client's socket is full.
bool Replay::tell_state() {
  if (!state_due_) {
    return shard_.hub().is_writable(link_.session());
  }
  const Timestamp position = piece_.is_last ? std::min(time(), piece_.ends_at) : time();
  std::string reason = state_ == State::kEnded ? piece_.damage : std::string();
  if (!reason.empty() && !access_->symbols.allows_all()) {
    reason = kUnreadable;
  }
  state_due_ = relay(protocol::ReplayState{state_, position, std::move(reason)}) == hub::WriteResult::kBlocked;
  return shard_.hub().is_writable(link_.session());
}

hub::WriteResult Replay::relay(const protocol::Message& message) {
  std::string text;
  protocol::json_encoder().append_message(text, message);
  return shard_.hub().relay(link_.session(), {text.data(), text.size()}, shard_.now());
}

void Replay::go_on(Timestamp now) {
  goes_ = true;
  base_ = now_;
  since_ = now;
}

Timestamp Replay::position(Timestamp now) const { return base_ + scaled(now - since_, speed_); }

Timestamp Replay::time() const {
  if (!goes_ || speed_ == 0) {
    return now_;
  }
  const bool is_change = next_ < piece_.changes.size();
  const Timestamp most = is_change ? piece_.changes[next_].time : piece_.is_last ? std::max(now_, piece_.ends_at) : now_;
  return std::clamp(position(shard_.now()), now_, most);
}

hub::WriteResult Replay::write(const hub::Slice* slices, std::size_t count) {
  TICKER_ASSERT(count == 1);
  return shard_.hub().relay(link_.session(), slices[0], shard_.now());
}

void Replay::pause_reading() { link_.hold_for_replay(true); }
void Replay::resume_reading() { link_.hold_for_replay(false); }
void Replay::close(std::uint16_t code, std::string_view reason) { link_.close(code, reason); }

}  // namespace ticker::tickerd
