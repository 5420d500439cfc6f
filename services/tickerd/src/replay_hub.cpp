#include "replay_hub.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <ticker/base/assert.hpp>

#include "client_link.hpp"
#include "shard.hpp"

namespace ticker::tickerd {
namespace {

using namespace std::chrono_literals;

// A turn ends after so much time; then the shard's loop goes on.
constexpr std::chrono::microseconds kTurn{500};
constexpr std::chrono::milliseconds kRateWait{10};
// Longer than anything that is replayed: what is watched in real time is the shard's hub's to watch.
constexpr std::chrono::hours kNever{24 * 365 * 100};
// After the last message so long is played at most, for lanes that their interval (an hour) or their bandwidth holds back: at the
// least of it, 1 kbit/s, that is 10 MB.
constexpr std::chrono::hours kMostHeldBack{24};
// Of its trades only those of one message are ever waited for.
constexpr std::size_t kTradesRing = 4'096;
constexpr std::size_t kFragments = 1'024;
constexpr std::uint16_t kNormal = 1'000;

hub::HubOptions options_of(const hub::HubOptions& shard, std::size_t frame_bytes) {
  hub::HubOptions options;
  options.limits = shard.limits;
  options.limits.requests_per_s = 0;
  options.limits_subscriptions = false;
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

void add_up(hub::HubStats& total, const hub::HubStats& stats) {
  total.updates.add(stats.updates.value());
  total.merged.add(stats.merged.value());
  total.trade_gaps.add(stats.trade_gaps.value());
  for (std::size_t code = 0; code < stats.errors.size(); ++code) {
    total.errors[code].add(stats.errors[code].value());
  }
}

}  // namespace

ReplayHub::ReplayHub(Shard& shard, ClientLink& link, ReplayPieces& pieces, double speed, std::size_t changes_per_s)
    : shard_(shard), link_(link), pieces_(pieces), clock_(speed), rate_(changes_per_s) {}

void ReplayHub::open(market::MarketState state, std::shared_ptr<const hub::Access> access,
                     const std::vector<protocol::Subscribe>& entries) {
  const auto& live = shard_.hub();
  hub::Sockets& sockets = *this;
  hub_ = std::make_unique<hub::Hub>(std::move(state), sockets,
                                    options_of(live.options(), live.frame_bytes(link_.session())));
  adopt(std::move(access), entries);
}

void ReplayHub::close() {
  if (hub_ == nullptr) {
    return;
  }
  hub_->on_closed(session_, kNormal);
  session_ = nullptr;
  add_up(shard_.hub().stats(), hub_->stats());
  hub_.reset();
  link_.hold_for_replay(false);
}

void ReplayHub::adopt(std::shared_ptr<const hub::Access> access, const std::vector<protocol::Subscribe>& entries) {
  session_ = hub_->adopt(*this, {link_.number(), std::nullopt, std::move(access), std::nullopt}, entries, now_);
  charge();
}

void ReplayHub::charge() { shard_.hub().charge(link_.session(), hub_->take_matched_patterns()); }

Timestamp ReplayHub::time() const {
  if (!clock_.goes() || !clock_.has_pace()) {
    return now_;
  }
  const auto* const next = pieces_.next();
  const Timestamp most = next != nullptr ? next->time : pieces_.is_last() ? std::max(now_, pieces_.ends_at()) : now_;
  return std::clamp(clock_.at(shard_.now()), now_, most);
}

Timestamp ReplayHub::position() const { return pieces_.is_last() ? std::min(time(), pieces_.ends_at()) : time(); }

void ReplayHub::pass_on(std::string_view text) {
  (void)advance_to(time(), shard_.now());
  hub_->on_message(session_, text, now_);
  charge();
  hub_->advance(now_);
}

void ReplayHub::set_access(std::shared_ptr<const hub::Access> access) {
  const auto entries = lend();
  hub_->on_closed(session_, kNormal);
  link_.hold_for_replay(false);
  adopt(std::move(access), entries);
}

ReplayHub::Turn ReplayHub::serve() { return interrupted(advance_to(now_, shard_.now())); }

void ReplayHub::stand() {
  (void)advance_to(time(), shard_.now());
  clock_.stand();
}

ReplayHub::Turn ReplayHub::play() {
  const Timestamp begun = shard_.now();
  if (!clock_.goes()) {
    clock_.go_on(now_, begun);
  }
  for (;;) {
    const auto* const change = pieces_.next();
    if (!is_writable() || (change == nullptr && !pieces_.is_last())) {
      clock_.stand();
      return {};
    }
    const Timestamp target = change != nullptr ? change->time : std::max(pieces_.ends_at(), now_);
    clock_.wait_for(target, begun);
    const Timestamp due = clock_.has_pace() ? std::min(target, clock_.at(begun)) : target;
    if (const auto advance = advance_to(std::max(due, now_), begun); advance != Advance::kDone) {
      return interrupted(advance);
    }
    if (due < target) {
      constexpr Timestamp::duration kLongest = 1h;  // it is looked at again then
      const Timestamp next = std::min(target, hub_->next_deadline().value_or(target));
      return {false, std::min(clock_.until(next, begun), kLongest)};
    }
    if (change == nullptr) {
      return end(begun);
    }
    if (!rate_.take(begun)) {
      return {false, kRateWait};
    }
    (void)hub_->apply(change->batch, now_);
    pieces_.pop();
    shard_.replay_stats().changes.add();
    if (is_over(begun)) {
      return {false, 0us};
    }
  }
}

ReplayHub::Turn ReplayHub::interrupted(Advance why) {
  switch (why) {
    case Advance::kDone: break;
    case Advance::kBlocked: clock_.stand(); break;
    case Advance::kTurnOver: return {false, 0us};
  }
  return {};
}

ReplayHub::Advance ReplayHub::advance_to(Timestamp time, Timestamp begun) {
  for (auto due = hub_->next_deadline(); due && *due <= time; due = hub_->next_deadline()) {
    if (!is_writable()) {
      return Advance::kBlocked;
    }
    now_ = std::max(now_, *due);
    hub_->advance(now_);
    if (is_over(begun)) {
      return Advance::kTurnOver;
    }
  }
  if (!is_writable()) {
    return Advance::kBlocked;
  }
  now_ = time;
  return Advance::kDone;
}

ReplayHub::Turn ReplayHub::end(Timestamp begun) {
  clock_.stand();
  const auto until = pieces_.ends_at() + kMostHeldBack;
  for (auto due = hub_->next_deadline(); due && *due <= until; due = hub_->next_deadline()) {
    if (const auto advance = advance_to(std::max(*due, now_), begun); advance != Advance::kDone) {
      return interrupted(advance);
    }
  }
  return {true, std::nullopt};
}

bool ReplayHub::is_over(Timestamp begun) const { return shard_.now() - begun >= kTurn; }

bool ReplayHub::is_writable() const { return shard_.hub().is_writable(link_.session()); }

hub::WriteResult ReplayHub::write(const hub::Slice* slices, std::size_t count) {
  TICKER_ASSERT(count == 1);
  return shard_.hub().relay(link_.session(), slices[0], shard_.now());
}

void ReplayHub::pause_reading() { link_.hold_for_replay(true); }
void ReplayHub::resume_reading() { link_.hold_for_replay(false); }
void ReplayHub::close(std::uint16_t code, std::string_view reason) { link_.close(code, reason); }

}  // namespace ticker::tickerd
