// Who a client is: what it may see, for how long, and what happens while nobody knows.
#include <algorithm>
#include <iterator>
#include <utility>

#include "core.hpp"

namespace ticker::hub {

using market::FieldSet;
using market::InstrumentId;
using protocol::ErrorCode;

namespace {

std::uint64_t milliseconds_until(Timestamp until, Timestamp now) {
  const auto left = std::chrono::floor<std::chrono::milliseconds>(until - now).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(left, 0));
}

}  // namespace

void Hub::Core::begin_access(Session& session, std::optional<Timestamp> expires_at) {
  if (!session.access) {
    session.access_ends = now_ + options_.limits.auth_timeout;
    return;
  }
  session.access_ends = expires_at;
  session.expiry_notice = expires_at;
  if (expires_at) {
    // A token that lives for less than the notice would be told of as soon as it is shown, and its
    // successor too, in a circle.
    const auto notice =
        std::min<std::chrono::microseconds>(options_.limits.auth_notice, (*expires_at - now_) / 2);
    session.expiry_notice = *expires_at - notice;
  }
}

void Hub::Core::send_authenticated(Session& session, const protocol::RequestId& id) {
  protocol::Authenticated reply{id, std::nullopt};
  if (options_.auth_required && session.access_ends) {
    reply.expires_in_ms = milliseconds_until(*session.access_ends, now_);
  }
  send(session, reply);
}

void Hub::Core::authenticate(Session& session, const protocol::Auth& request) {
  if (!options_.auth_required) {
    send_authenticated(session, request.id);
    return;
  }
  auto result = session.connection.authenticate(request.token);
  if (const auto* denied = std::get_if<Denial>(&result)) {
    if (denied->why == Denial::Why::kLimitReached) {
      close(session, protocol::CloseCode::kLimitReached);
    } else {
      const bool too_often = denied->why == Denial::Why::kTooOften;
      refuse(session, request.id, too_often ? ErrorCode::kRateLimited : ErrorCode::kUnauthorised,
             denied->message);
    }
    return;
  }
  const Grant& grant = std::get<Grant>(result);
  const auto before = std::exchange(session.access, grant.access);
  const bool changes = before && before->key() != session.access->key();
  // Not refused: the token's owner counts this connection as its own by now.
  if (changes && !take_snapshot(session, before->min_interval)) {
    close(session, protocol::CloseCode::kTooManyRequests);
    return;
  }
  begin_access(session, grant.expires_at);
  arm_upkeep(session);
  send_authenticated(session, request.id);
  if (changes) {
    change_access(session);
  }
}

void Hub::Core::change_access(Session& session) {
  if (session.lent) {
    session.connection.replayer()->set_access(session.access);
    return;
  }
  if (session.ticker != nullptr) {
    set_ticker(session, EntryList(session.ticker->list()), false);
    for (const auto& lane : session.lanes) {
      limit(*lane);
    }
  }
  if (session.trades) {
    const std::vector<InstrumentId> before = session.trades->selection->part(0).ids;
    set_trades(session, EntryList(session.trades->selection->list()));
    const std::vector<InstrumentId>& after = session.trades->selection->part(0).ids;
    std::vector<InstrumentId> starting;
    std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                        std::back_inserter(starting));
    trade_server_.start(*session.trades, starting);
  }
  start_anew(session);
  count_interval(session);
}

void Hub::Core::limit(Lane& lane) {
  const Access& access = *lane.session.access;
  lane.settings.fields = lane.asked.fields
                             ? *lane.asked.fields & (access.fields | market::Field::kStale)
                             : access.fields;
  lane.settings.interval = std::max(lane.asked.interval, access.min_interval);
}

bool Hub::Core::take_snapshot(Session& session, std::chrono::milliseconds interval_before) {
  const auto each = session.access->min_interval;
  if (each.count() == 0 || !options_.limits_subscriptions) {
    return true;
  }
  const Timestamp until = std::max(session.snapshots_until, now_) + each;
  if (until - now_ > Access::kReadsAtOnce * std::max(each, interval_before)) {
    return false;
  }
  session.snapshots_until = until;
  return true;
}

bool Hub::Core::within_snapshots(Session& session, const protocol::RequestId& id) {
  const auto each = session.access->min_interval;
  if (take_snapshot(session, each)) {
    return true;
  }
  refuse(session, id, ErrorCode::kRateLimited,
         "the token allows " + std::to_string(Access::kReadsAtOnce) +
             " subscriptions at once, then one every " + std::to_string(each.count()) +
             " ms; ask again later");
  return false;
}

bool Hub::Core::still_has_access(Session& session) {
  if (session.access_ends && now_ >= *session.access_ends) {
    close(session,
          session.access ? protocol::CloseCode::kTokenExpired : protocol::CloseCode::kUnauthorised);
    return false;
  }
  if (session.expiry_notice && now_ >= *session.expiry_notice && !session.blocked &&
      session.reply.empty()) {
    session.expiry_notice.reset();
    send(session, protocol::AuthExpiring{milliseconds_until(*session.access_ends, now_)});
  }
  return !session.ending;
}

bool Hub::Core::within_early_bytes(Session& session, std::size_t request) {
  if (session.access) {
    return true;
  }
  session.early_bytes += request;
  if (session.early_bytes <= options_.limits.auth_request_bytes) {
    return true;
  }
  close(session, protocol::CloseCode::kUnauthorised);
  return false;
}

bool Hub::Core::may_ask(Session& session, const protocol::RequestId& id) {
  if (!session.access) {
    refuse(session, id, ErrorCode::kUnauthorised, "a token is required: send auth first");
  }
  return session.access != nullptr;
}

bool Hub::Core::may_see(Session& session, const protocol::Subscribe& request) {
  const FieldSet hidden =
      request.fields.value_or(FieldSet()) - (session.access->fields | market::Field::kStale);
  if (!hidden.empty()) {
    refuse(session, request.id, ErrorCode::kUnknownField,
           "no field \"" + std::string(market::field_name(*hidden.begin())) + '"');
    return false;
  }
  if (request.channel == protocol::Channel::kTrades && !session.access->allows_trades()) {
    refuse(session, request.id, ErrorCode::kUnknownChannel, "no channel \"trades\"");
    return false;
  }
  return true;
}

}  // namespace ticker::hub
