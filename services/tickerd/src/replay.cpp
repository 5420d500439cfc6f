#include "replay.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <ticker/base/ids.hpp>
#include <ticker/protocol/encoder.hpp>

#include "client_link.hpp"
#include "shard.hpp"

namespace ticker::tickerd {
namespace {

using namespace std::chrono_literals;
using protocol::ReplayControl;

constexpr const char* kUnreadable = "some of the recording could not be read";
constexpr const char* kIdle = "it was paused, or at its end, for too long";
constexpr const char* kTooLong = "it took too long: its place is for others now";
constexpr const char* kHidden = "your token does not let you see it";

}  // namespace

Replay::Replay(Shard& shard, ClientLink& link, Replays::Seat seat, Replays::Limits limits, protocol::Replay request,
               std::shared_ptr<const hub::Access> access)
    : shard_(shard),
      link_(link),
      limits_(std::move(limits)),
      request_(std::move(request)),
      seat_(std::move(seat)),
      access_(std::move(access)),
      hub_(shard, link, pieces_, request_.speed, limits_.changes_per_s),
      timer_(shard.loop(), [this] { turn(); }),
      idle_timer_(shard.loop(), [this] {
        shard_.replay_stats().idle.add();
        end({std::nullopt, hub_.position(), kIdle});
      }),
      life_timer_(shard.loop(), [this] { end_life(); }) {
  shard_.replay_stats().active.add(1);
  life_timer_.start(limits_.longest);
}

Replay::~Replay() { shard_.replay_stats().active.add(-1); }

void Replay::begin_at(const protocol::RequestId& id, std::optional<Timestamp> position) {
  timer_.cancel();
  asked_ = id;
  state_due_ = false;
  epoch_ = random_epoch();
  pieces_.begin(std::make_shared<ReplaySource>(
      shard_.replays(), ReplaySource::Options{limits_.folder, request_.recording, epoch_, position, request_.to},
      [weak = weak_from_this(), &loop = shard_.loop(), epoch = epoch_](std::shared_ptr<ReplaySource::Piece> piece) {
        loop.post([weak, epoch, piece = std::move(piece)] {
          if (const auto replay = weak.lock()) {
            replay->take(epoch, std::move(*piece));
          }
        });
      }));
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
    if (!hub_.is_open() && !may_be_seen(beginning.state)) {
      return refuse(unknown());
    }
    pieces_.restart(std::move(piece));
    serve_from(std::move(beginning));
  } else {
    pieces_.add(std::move(piece));
  }
  turn();
}

void Replay::refuse(const ReplaySource::Fault& fault) {
  const auto self = shared_from_this();
  const auto id = *std::exchange(asked_, std::nullopt);
  shard_.replay_stats().refused.add();
  if (!hub_.is_open()) {
    seat_.reset();  // the next request may be here already
    link_.end_replay();
    shard_.hub().answer(link_.session(), protocol::RequestError{id, fault.code, fault.message}, shard_.now());
  } else {
    // It could be read before: the client stays where it was.
    state_ = State::kEnded;
    state_due_ = true;
    pieces_.fail(fault.message);
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
  return hub_.is_open() ? ReplaySource::Fault{fault.code, kUnreadable} : unknown();
}

// A recording of feeds that the client may not see does not exist for it.
bool Replay::may_be_seen(const market::MarketState& state) const {
  const auto& feeds = state.feeds();
  return std::any_of(feeds.begin(), feeds.end(),
                     [&](const market::FeedStatus& feed) { return access_->symbols.shows_feed(state, feed.feed); });
}

void Replay::serve_from(ReplaySource::Beginning beginning) {
  auto& live = shard_.hub();
  const auto entries = hub_.is_open() ? hub_.lend() : live.lend(link_.session());
  hub_.close();
  if (from_ == kNoTime) {
    from_ = beginning.position;
  }
  if (state_ == State::kEnded) {
    state_ = State::kPlaying;
  }
  state_due_ = true;
  hub_.stand_at(beginning.position);
  live.answer(link_.session(), reply(*std::exchange(asked_, std::nullopt)), shard_.now());
  tell_state();
  hub_.open(std::move(beginning.state), access_, entries);
}

protocol::Replaying Replay::reply(const protocol::RequestId& id) const {
  // One that could not be sought to never came to be.
  return {id, hub_.is_open() ? hub_.state().epoch() : epoch_, request_.recording, from_, request_.to, hub_.speed()};
}

std::optional<protocol::Message> Replay::control(const ReplayControl& request) {
  if (ending_) {
    return protocol::RequestError{request.id, protocol::ErrorCode::kNotReplaying, "nothing is replayed any more"};
  }
  idle_timer_.cancel();
  hub_.stand();
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
      hub_.set_speed(request.speed);
      break;
    case ReplayControl::Action::kSeek:
      begin_at(request.id, request.to);
      return std::nullopt;
    case ReplayControl::Action::kStop:
      end({request.id, hub_.position(), {}});
      return std::nullopt;
  }
  return reply(request.id);
}

void Replay::pass_on(std::string_view text, const protocol::Request& request) {
  hub_.pass_on(text);
  timer_.start(0ns);
  // Libraries ping for as long as a page is open, whoever looks at it.
  if (idle_timer_.armed() && !std::holds_alternative<protocol::Ping>(request)) {
    idle_timer_.start(limits_.idle);
  }
}

void Replay::set_access(std::shared_ptr<const hub::Access> access) {
  access_ = std::move(access);
  if (may_be_seen(hub_.state())) {
    hub_.set_access(access_);
  } else {
    // Nothing more of it is told, not even how far it is.
    end({std::nullopt, from_, kHidden});
    link_.hold_for_replay(true);
  }
  timer_.start(0ns);
}

void Replay::on_writable() {
  if (hub_.is_open() && !ending_ && tell_state()) {
    hub_.on_writable();
  }
  turn();
}

void Replay::turn() {
  if (ending_) {
    stop();
  } else if (!asked_ && tell_state()) {
    const auto turn = state_ == State::kPlaying ? hub_.play() : hub_.serve();
    if (turn.is_at_end) {
      state_ = State::kEnded;
      state_due_ = true;
      tell_state();
    }
    if (turn.next) {
      timer_.start(*turn.next);
    }
  }
  shard_.arm();
}

void Replay::end(Ending ending) {
  idle_timer_.cancel();
  ending_ = std::move(ending);
  state_due_ = true;
  timer_.start(0ns);
}

void Replay::end_life() {
  if (asked_) {
    life_timer_.start(1s);  // the answer comes first
  } else if (!ending_) {
    shard_.replay_stats().too_long.add();
    end({std::nullopt, hub_.position(), kTooLong});
  }
}

void Replay::stop() {
  auto& live = shard_.hub();
  const auto self = shared_from_this();
  const auto session = link_.session();
  if (ending_->request) {
    // Not by answer(): the next request is for take_back() to let through.
    if (relay(reply(*ending_->request)) == hub::WriteResult::kBlocked) {
      return;
    }
    ending_->request.reset();
  }
  state_ = State::kEnded;
  if (!tell_state()) {
    return;
  }
  // It lives on for a moment, and nobody may find it stopped: not its timer, set where a piece or a writable socket led here, nor
  // a piece that still comes.
  timer_.cancel();
  epoch_.clear();
  const auto entries = hub_.lend();
  hub_.close();
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
  const Timestamp position = ending_ ? ending_->position : hub_.position();
  state_due_ = relay(protocol::ReplayState{state_, position, reason()}) == hub::WriteResult::kBlocked;
  if (!state_due_ && state_ != State::kPlaying && !ending_) {
    idle_timer_.start(limits_.idle);
  }
  return shard_.hub().is_writable(link_.session());
}

std::string Replay::reason() const {
  if (state_ != State::kEnded) {
    return {};
  }
  if (ending_ && !ending_->reason.empty()) {
    return ending_->reason;
  }
  const bool is_told = pieces_.damage().empty() || access_->symbols.allows_all();
  return is_told ? pieces_.damage() : kUnreadable;
}

hub::WriteResult Replay::relay(const protocol::Message& message) {
  std::string text;
  protocol::json_encoder().append_message(text, message);
  return shard_.hub().relay(link_.session(), {text.data(), text.size()}, shard_.now());
}

}  // namespace ticker::tickerd
