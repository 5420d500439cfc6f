#include "client_link.hpp"

#include <algorithm>
#include <array>

#include <ticker/base/assert.hpp>

#include "replay.hpp"
#include "shard.hpp"

namespace ticker::tickerd {

ClientLink::ClientLink(Shard& shard, const AddressKey& from, hub::Hub::Client client, std::optional<Admission::Ticket> ticket,
                       std::optional<TokenGate::Seat> seat)
    : shard_(shard), from_(from), ticket_(std::move(ticket)), seat_(std::move(seat)), client_(std::move(client)) {}

ClientLink::~ClientLink() = default;

void ClientLink::on_open(net::Connection& connection) {
  connection_ = &connection;
  const hub::HubOptions& options = shard_.hub().options();
  if (options.auth_required && !client_.access) {
    // Strangers can't make the server hold more than they may send at all.
    connection.set_max_message_bytes(std::min(options.limits.auth_request_bytes, options.limits.request_bytes));
  }
  session_ = shard_.hub().open(*this, std::move(client_), shard_.now());
  shard_.arm();
}

void ClientLink::on_message(char* data, std::size_t size) {
  shard_.hub().on_message(session_, {data, size}, shard_.now());
  shard_.arm();
}

void ClientLink::on_control(net::ControlKind, std::string_view) {
  shard_.hub().on_control(session_, shard_.now());
  shard_.arm();
}

void ClientLink::on_writable() {
  shard_.hub().on_writable(session_, shard_.now());
  if (replay_ && shard_.hub().is_writable(session_)) {
    replay_->on_writable();
  }
  shard_.arm();
}

void ClientLink::on_close(const net::CloseInfo& info) {
  replay_.reset();
  shard_.hub().on_closed(session_, info.code);
  session_ = nullptr;
  shard_.arm();
}

hub::Authentication ClientLink::authenticate(std::string_view token) {
  auto checked = shard_.token_checks().check(token, from_);
  if (auto* refused = std::get_if<TurnedAway>(&checked)) {
    const bool too_often = refused->code == protocol::CloseCode::kTooManyRequests;
    return hub::Denial{std::move(refused->message),
                       too_often ? hub::Denial::Why::kTooOften : hub::Denial::Why::kNoGood};
  }
  auto& pass = std::get<TokenGate::Pass>(checked);
  if (pass.subject.empty()) {
    seat_.reset();
  } else if (!seat_ || seat_->subject() != pass.subject) {
    auto seat = shard_.token_checks().take_seat(pass);
    if (!seat) {
      return hub::Denial{kSubjectIsFull, hub::Denial::Why::kLimitReached};
    }
    seat_ = std::move(seat);
  }
  connection_->set_max_message_bytes(shard_.hub().options().limits.request_bytes);
  return std::move(pass.grant);
}

void ClientLink::expect_write() const {
  // What a frame asks for stands at net's connection's beginning.
  constexpr std::size_t kLine = 64;
  constexpr std::size_t kLines = 4;
  const char* const begin = reinterpret_cast<const char*>(connection_);
  for (std::size_t line = 0; line < kLines; ++line) {
    __builtin_prefetch(begin + line * kLine);
  }
}

hub::WriteResult ClientLink::write(const hub::Slice* slices, std::size_t count) {
  // The hub puts a frame together in one piece; this is room for more.
  constexpr std::size_t kMaxSlices = 16;
  TICKER_ASSERT(count <= kMaxSlices);
  std::array<net::Slice, kMaxSlices> converted;
  for (std::size_t i = 0; i < count; ++i) {
    converted[i] = {slices[i].data, slices[i].size};
  }
  switch (connection_->write(converted.data(), count)) {
    case net::WriteResult::kDone: return hub::WriteResult::kDone;
    case net::WriteResult::kKept: return hub::WriteResult::kKept;
    case net::WriteResult::kBlocked: return hub::WriteResult::kBlocked;
    case net::WriteResult::kClosed: return hub::WriteResult::kClosed;
  }
  return hub::WriteResult::kClosed;
}

void ClientLink::hold_reading(unsigned by) {
  const bool was_held = std::exchange(reading_held_, by) != 0;
  if (was_held == (by != 0)) {
    return;
  }
  if (was_held) {
    connection_->resume_reading();
  } else {
    connection_->pause_reading();
  }
}

bool ClientLink::offers_replay() const { return shard_.replays().offered(); }

std::optional<protocol::Message> ClientLink::start(const protocol::Replay& request,
                                                   const std::shared_ptr<const hub::Access>& access) {
  auto limits = shard_.replays().limits();
  if (limits.folder.empty()) {
    // A reload took it away since offers_replay(); without a folder names would be looked for in the working one.
    return protocol::RequestError{request.id, protocol::ErrorCode::kUnknownOp, "no recordings are replayed here"};
  }
  auto seat = shard_.replays().take_seat({from_, seat_ ? seat_->subject() : std::string()});
  if (const auto* full = std::get_if<Replays::Full>(&seat)) {
    shard_.replay_stats().refused.add();
    return protocol::RequestError{request.id, protocol::ErrorCode::kTooManyReplays, std::string(in_words(*full))};
  }
  replay_ = std::make_shared<Replay>(shard_, *this, std::get<Replays::Seat>(std::move(seat)), std::move(limits), request, access);
  replay_->begin();
  return std::nullopt;
}

std::optional<protocol::Message> ClientLink::control(const protocol::ReplayControl& request) {
  return replay_->control(request);
}

void ClientLink::pass_on(std::string_view text, const protocol::Request& request) { replay_->pass_on(text, request); }

void ClientLink::set_access(std::shared_ptr<const hub::Access> access) { replay_->set_access(std::move(access)); }

Timestamp ClientLink::time() const { return replay_->time(); }

}  // namespace ticker::tickerd
