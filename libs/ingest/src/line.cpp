#include "line.hpp"

#include <chrono>
#include <utility>

#include <ticker/base/log.hpp>

namespace ticker::ingest {
namespace {

TimePoint steady_now() { return std::chrono::steady_clock::now(); }

bool are_same(const feed::ConnectionPlan& a, const feed::ConnectionPlan& b) {
  return a.url == b.url && a.requests == b.requests && a.natives == b.natives && a.login == b.login;
}

}  // namespace

Line::Line(net::EventLoop& loop, Owner& owner, ConnectBudgets& budgets, Random random,
           metrics::FeedStats& stats, Settings settings)
    : loop_(loop),
      owner_(owner),
      budgets_(budgets),
      random_(std::move(random)),
      stats_(stats),
      settings_(std::move(settings)),
      current_(make_upstream()),
      begin_(loop, [this] { begin(); }),
      overlap_(loop, [this] { end_overlap(); }),
      take_over_(loop, [this] { take_over(); }) {}

std::unique_ptr<Upstream> Line::make_upstream() {
  Upstream::Owner& owner = *this;
  auto settings = settings_.upstream;
  settings.leader = &recorded_leader_;
  return std::make_unique<Upstream>(loop_, owner, budgets_, random_, settings_.plan,
                                    settings_.make_adapter(), std::move(settings));
}

void Line::on_renewal_due(Upstream& upstream, std::string_view why) {
  if (&upstream == next_.get()) {
    next_is_due_ = true;
    return;
  }
  if (!next_ && !begin_.armed()) {
    log::info(settings_.upstream.feed + ": " + std::string(why) + ": the next one is made");
    begin();
  }
}

void Line::renew(feed::ConnectionPlan plan) {
  if (are_same(plan, settings_.plan)) {
    return;
  }
  settings_.plan = std::move(plan);
  ++plan_;
  last_begun_.reset();
  if (!take_over_.armed()) {  // else it takes over, and is the one to be replaced
    begin_.cancel();
    overlap_.cancel();
    next_.reset();
    begin();
  }
}

void Line::begin() {
  const auto now = steady_now();
  if (last_begun_ && now < *last_begun_ + settings_.limits.interval) {
    begin_.start_at(*last_begun_ + settings_.limits.interval);
    return;
  }
  last_begun_ = now;
  overlapped_ = next_is_due_ = false;
  next_plan_ = plan_;
  handover_.emplace(settings_.plan.natives.size());
  next_ = make_upstream();
  next_->start();
}

void Line::on_message(Upstream& upstream, char* data, std::size_t size) {
  owner_.on_message(*this, upstream, data, size);
  if (next_) {
    check_next();
  }
}

void Line::decode(Upstream& from, char* data, std::size_t size, Timestamp received,
                  feed::Sink& sink) {
  if (&from == next_.get()) {
    handover_->decode_next(from.adapter(), data, size, received, sink);
    if (handover_->next_has_spoken()) {
      from.on_answer();
    }
  } else if (next_ && next_->is_under_way()) {
    handover_->decode_old(from.adapter(), data, size, received, sink);
  } else if (!next_ && handover_ && !handover_->is_over(received)) {
    handover_->decode_late(from.adapter(), data, size, received, sink);
  } else {
    // A next connection that waits for its next attempt, perhaps for hours, costs nothing.
    if (!next_) {
      handover_.reset();
    }
    from.adapter().decode(data, size, received, sink);
  }
}

void Line::check_next() {
  if (lost_at_) {
    return;  // it takes over as it is
  }
  if (!next_->has_subscribed() || next_->state() != market::FeedState::kLive) {
    if (handover_->is_full()) {
      handover_->forget();
    }
    return;
  }
  if (handover_->is_complete() || handover_->is_full()) {
    overlapped_ = true;
    take_over_.start(std::chrono::nanoseconds(0));
  } else if (!overlap_.armed()) {
    handover_->expect_old();
    overlap_.start(settings_.limits.overlap);
  }
}

void Line::end_overlap() {
  if (lost_at_) {
    return;  // the next connection takes over in any case
  }
  if (!next_->has_subscribed() || next_->state() != market::FeedState::kLive) {
    return;  // its next message begins anew
  }
  if (handover_->old_has_spoken() && !handover_->next_has_spoken()) {
    log::warn(settings_.upstream.feed +
              ": the next connection brings no data: the old one goes on");
    stats_.handovers_failed.add();
    next_.reset();
    handover_.reset();
    begin();
    return;
  }
  overlapped_ = true;
  take_over_.start(std::chrono::nanoseconds(0));
}

bool Line::on_lost(Upstream& upstream) {
  if (&upstream == next_.get()) {
    stats_.handovers_failed.add();
    handover_->restart();
    overlap_.cancel();
    overlapped_ = next_is_due_ = false;
    if (!lost_at_) {
      take_over_.cancel();
      if (next_plan_ != plan_) {
        begin_.start(std::chrono::nanoseconds(0));  // in its place: it is of no use any more
      }
    }
    return true;
  }
  if (!next_) {
    if (current_plan_ == plan_) {
      begin_.cancel();  // made anew it is as good as the next one
    }
    return true;
  }
  begin_.cancel();
  lost_at_ = steady_now();
  overlap_.cancel();
  overlapped_ = next_->has_subscribed();
  take_over_.start(std::chrono::nanoseconds(0));
  return false;
}

void Line::take_over() {
  owner_.on_take_over(*this, *next_);
  overlap_.cancel();
  current_ = std::move(next_);
  current_plan_ = next_plan_;
  const bool is_live = current_->state() == market::FeedState::kLive;
  if (const auto lost_at = std::exchange(lost_at_, std::nullopt)) {
    stats_.handovers_late.add();
    if (!is_live) {
      silent_since_ = lost_at;
    }
  } else {
    stats_.handovers_done.add();
  }
  log::info(settings_.upstream.feed + ": the next connection took over");
  // What it could not vouch for while it was the next one was nobody's concern.
  if (current_->is_silent() || current_->state() == market::FeedState::kStale) {
    owner_.on_untrusted(*this);
  }
  owner_.on_state(*this);
  if (std::exchange(next_is_due_, false) || current_plan_ != plan_) {
    begin();
  }
}

void Line::finish(feed::Sink& sink) {
  next_->on_took_over(overlapped_);
  handover_->finish(current_->adapter(), next_->adapter(), overlapped_, sink);
}

void Line::on_untrusted(Upstream& upstream) {
  if (&upstream == current_.get()) {
    owner_.on_untrusted(*this);
  }
}

void Line::on_state(Upstream& upstream) {
  if (&upstream == next_.get()) {
    return check_next();
  }
  if (silent_since_ && state() == market::FeedState::kLive) {
    const auto gap = steady_now() - *std::exchange(silent_since_, std::nullopt);
    stats_.handover_gap_us.add(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(gap).count()));
  }
  owner_.on_state(*this);
}

}  // namespace ticker::ingest
