#include "shard.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <ticker/base/log.hpp>
#include <ticker/protocol/codes.hpp>
#include <ticker/protocol/http_body.hpp>
#include <ticker/protocol/message.hpp>
#include <ticker/protocol/request.hpp>

#include "client_link.hpp"

namespace ticker::tickerd {
namespace {

// In whole milliseconds: for less, waiting saves nothing.
std::chrono::milliseconds patience_of(std::optional<std::chrono::milliseconds> least_interval) {
  constexpr int kPart = 10;  // of what is up to an interval old anyway
  return least_interval ? std::min(Inbox::kPatience, *least_interval / kPart) : Inbox::kPatience;
}

}  // namespace

Result<std::unique_ptr<Shard>> Shard::create(Options options, std::string_view state, const Shared& shared,
                                             StateRequest request_state) {
  auto replica = market::MarketState::deserialise(state, options.state);
  if (!replica.ok()) {
    return replica.error();
  }
  return std::unique_ptr<Shard>(
      new Shard(std::move(options), std::move(replica).value(), shared, std::move(request_state)));
}

Shard::Shard(Options options, market::MarketState state, const Shared& shared, StateRequest request_state)
    : options_(std::move(options)),
      shared_(shared),
      request_state_(std::move(request_state)),
      hub_(std::move(state), *this, options_.hub),
      tokens_(shared_, refused_),
      api_(hub_, shared_, refused_, tokens_, options_.http_reply_bytes),
      timer_(loop_, [this] {
        armed_.reset();
        run_inbox();
        hub_.advance(now());
        arm();
      }),
      next_client_(options_.hub.shard),
      state_options_(options_.state),
      server_(std::make_unique<net::Server>(loop_, static_cast<net::ServerHandler&>(*this), options_.server)),
      most_inbox_bytes_(options_.inbox_bytes) {}

Shard::~Shard() {
  stop();
  // Its connections end now, while the hub that hears of it is still there.
  server_.reset();
}

Status Shard::listen() {
  if (const auto error = server_->listen()) {
    return Error{error->message};
  }
  return {};
}

void Shard::start() {
  arm();
  thread_ = std::thread([this] { loop_.run(); });
}

void Shard::stop() {
  if (thread_.joinable()) {
    loop_.stop();
    thread_.join();
  }
}

void Shard::publish(const std::shared_ptr<const market::Batch>& batch) {
  if (behind_) {
    return;  // the state that was asked for will hold it
  }
  const std::size_t bytes = batch->bytes();
  if (inbox_bytes() + bytes > most_inbox_bytes_) {
    behind_ = true;
    loop_.post([this] { ask_for_state(); });
    return;
  }
  bytes_in_.add(bytes);
  hand_over([this, batch, bytes] {
    bytes_out_.add(bytes);
    take(*batch);
  });
}

void Shard::deliver_state(std::shared_ptr<const std::string> state) {
  behind_ = false;
  hand_over([this, state = std::move(state)] { replace_state(*state); });
}

void Shard::hand_over(Inbox::Work work) {
  if (inbox_.push(std::move(work), now())) {
    loop_.post([this] { look(); });
  }
}

void Shard::look() {
  run_inbox();
  arm();
}

void Shard::run_inbox() {
  looks_again_ = inbox_.run(now(), patience());
  hub_.serve(now());
}

std::size_t Shard::inbox_bytes() const {
  // Read in this order, bytes in flight can only be counted twice.
  const auto out = bytes_out_.value();
  const auto in = bytes_in_.value();
  return in > out ? in - out : 0;
}

void Shard::take(const market::Batch& batch) {
  if (awaiting_state_ || (batch.epoch == hub_.state().epoch() && batch.version <= hub_.state().version())) {
    return;
  }
  if (hub_.take(batch, now()) != market::MarketState::ApplyResult::kApplied) {
    ask_for_state();
  }
}

void Shard::ask_for_state() {
  if (!awaiting_state_) {
    awaiting_state_ = true;
    request_state_(*this);
  }
}

void Shard::replace_state(const std::string& bytes) {
  awaiting_state_ = false;
  auto state = market::MarketState::deserialise(bytes, state_options_);
  if (!state.ok()) {
    log::error("shard " + std::to_string(options_.hub.shard) + ": the state to catch up with: " + state.error().message);
    return;
  }
  hub_.replace_state(std::move(state).value(), now());
}

void Shard::drain(std::chrono::milliseconds within) {
  loop_.post([this, within] {
    server_->stop_listening();
    hub_.drain(now(), now() + within);
    arm();
  });
}

void Shard::set_limits(const Options& options) {
  most_inbox_bytes_ = options.inbox_bytes;
  loop_.post([this, options] {
    hub_.set_limits(options.hub.limits);
    hub_.set_trades_ring(options.hub.trades_ring);
    hub_.set_state_options(options.state);
    state_options_ = options.state;
    api_.set_reply_bytes(options.http_reply_bytes);
    server_->set_limits(options.server.max_message_bytes, options.server.handshake_timeout);
  });
}

void Shard::set_tls(std::shared_ptr<const net::ServerTls> tls) {
  loop_.post([this, tls = std::move(tls)]() mutable { server_->set_tls(std::move(tls)); });
}

void Shard::arm() {
  const auto patience = patience_of(hub_.least_interval());
  patience_.store(patience, std::memory_order_relaxed);
  auto next = hub_.next_deadline();
  if (looks_again_ != Inbox::kNever && patience.count() > 0 && (!next || *next > now() + Inbox::kPatience)) {
    next = std::min(next.value_or(Inbox::kNever), looks_again_);
  }
  if (next != armed_) {
    armed_ = next;
    if (next) {
      timer_.start(std::max(std::chrono::microseconds(0), *next - now()));
    } else {
      timer_.cancel();
    }
  }
  if (inbox_.will_look(next && !hub_.wants_changes_at_once() ? *next : Inbox::kNever)) {
    loop_.post([this] { look(); });
  }
}

net::Admission Shard::admit(const net::Address& peer) {
  const auto key = key_of(peer);
  if (key && options_.server.tls && !shared_.admission.admit_handshake(*key, now())) {
    refused_.count(Refused::kTlsHandshakes);
    return net::Admission::kTooOften;
  }
  switch (shared_.admission.enter(key)) {
    case Admission::Entry::kTooMany: refused_.count(Refused::kConnections); return net::Admission::kTooMany;
    case Admission::Entry::kTooManyFromAddress:
      refused_.count(Refused::kPerAddress);
      return net::Admission::kTooManyFromAddress;
    case Admission::Entry::kAdmitted: break;
  }
  return net::Admission::kAdmit;
}

void Shard::on_io_uring_lost(const std::string& why) {
  log::warn("shard " + std::to_string(number()) + ": frames are written by sendmsg from now on: " + why);
}

void Shard::adopt(int fd, const net::Address& peer) {
  loop_.post([this, fd, peer] { server_->adopt(fd, peer); });
}

void Shard::on_disconnect(const net::Address& peer) {
  shared_.placement.left(number());
  shared_.admission.leave(key_of(peer));
}

std::optional<AddressKey> Shard::key_of(const net::Address& peer) const {
  return shared_.proxies.contains(peer) ? std::nullopt : std::optional(AddressKey::of(peer));
}

void Shard::on_http_request(const net::HttpRequest& request, net::HttpResponder responder) {
  auto response = api_.answer(request);
  const bool is_file = request.path != "/" && shared_.assets.contains(request.path);
  http_stats_.count(is_file ? "/assets" : request.path, response.status);
  allow_origin(response, request.header("Origin"), shared_.allowed_origins);
  responder.respond(std::move(response));
}

net::UpgradeDecision Shard::refuse(int status, std::string_view code, std::string_view message) {
  http_stats_.count("/v1/stream", status);
  return net::UpgradeDecision::refuse(net::json_error(status, code, message));
}

net::UpgradeDecision Shard::on_upgrade(const net::HttpRequest& request, const std::vector<std::string>& offered) {
  if (request.path != "/v1/stream") {
    http_stats_.count(request.path, 404);
    return net::UpgradeDecision::refuse(net::json_error(404, "not_found", "the WebSocket is at /v1/stream"));
  }
  const std::string subprotocol(protocol::kJsonSubprotocol);
  const bool speaks = std::find(offered.begin(), offered.end(), subprotocol) != offered.end();
  if (!offered.empty() && !speaks) {
    refused_.count(Refused::kSubprotocol);
    return refuse(400, "bad_request", "none of the subprotocols offered is known; this is " + subprotocol);
  }
  hub::Hub::Client client;
  auto query = protocol::parse_stream_query(request.query);
  if (const auto* error = std::get_if<protocol::RequestError>(&query)) {
    refused_.count(Refused::kBadRequest);
    return refuse(400, protocol::error_code_name(error->code), error->message);
  }
  if (auto* subscribe = std::get_if<protocol::Subscribe>(&query)) {
    client.first = std::move(*subscribe);
  }
  const std::string chosen = speaks ? subprotocol : std::string();
  if (!origin_allowed(request.header("Origin"), shared_.allowed_origins)) {
    refused_.count(Refused::kOrigin);
    return turn_away(false, chosen, protocol::CloseCode::kOriginRefused, "origin_refused");
  }
  const auto from = AddressKey::of(shared_.proxies.client(request.peer, request.header("X-Forwarded-For")));
  std::optional<TokenGate::Seat> seat;
  if (auto turned_away = let_in(request, from, chosen, client, seat)) {
    return *std::move(turned_away);
  }
  std::optional<Admission::Ticket> ticket;
  if (!key_of(request.peer)) {
    ticket = shared_.admission.admit_behind_proxy(from);
    if (!ticket) {
      refused_.count(Refused::kPerAddress);
      return refuse(429, "too_many_connections", "this address has as many connections as it may");
    }
  }
  client.number = next_client_++;
  http_stats_.count("/v1/stream", 101);
  return net::UpgradeDecision::accept(
      std::make_unique<ClientLink>(*this, from, std::move(client), std::move(ticket), std::move(seat)), chosen);
}

net::UpgradeDecision Shard::turn_away(bool tell_http, const std::string& subprotocol, protocol::CloseCode code,
                                      const std::string& why) {
  if (tell_http) {
    const auto [status, name] = http_code(code);
    return refuse(status, name, why);
  }
  return net::UpgradeDecision::accept(std::make_unique<RefusedLink>(static_cast<std::uint16_t>(code), why), subprotocol);
}

std::optional<net::UpgradeDecision> Shard::let_in(const net::HttpRequest& request, const AddressKey& from,
                                                  const std::string& subprotocol, hub::Hub::Client& client,
                                                  std::optional<TokenGate::Seat>& seat) {
  const auto shown = shared_.tokens.required() ? shown_token(request) : std::nullopt;
  if (!shown) {
    return std::nullopt;  // where one is demanded, the hub waits for it
  }
  // Who can set headers can read a status; a page in a browser can do neither.
  auto checked = tokens_.check(shown->text, from);
  if (const auto* wrong = std::get_if<TurnedAway>(&checked)) {
    if (wrong->code != protocol::CloseCode::kTooManyRequests) {
      refused_.count(Refused::kToken);  // what was not looked at is counted as such
    }
    return turn_away(shown->in_header, subprotocol, wrong->code, wrong->message);
  }
  auto& pass = std::get<TokenGate::Pass>(checked);
  if (!pass.subject.empty() && !(seat = tokens_.take_seat(pass))) {
    return turn_away(shown->in_header, subprotocol, protocol::CloseCode::kLimitReached, kSubjectIsFull);
  }
  client.access = std::move(pass.grant.access);
  client.expires_at = pass.grant.expires_at;
  return std::nullopt;
}

}  // namespace ticker::tickerd
