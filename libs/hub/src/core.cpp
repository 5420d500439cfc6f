#include "core.hpp"

#include <algorithm>
#include <utility>

#include "prefetch.hpp"

namespace ticker::hub {

using market::MarketState;

Hub::Core::Core(MarketState state, Sockets& sockets, HubOptions options)
    : options_(options),
      sockets_(sockets),
      encoder_(protocol::json_encoder()),
      state_(std::move(state)),
      ring_(encoder_, options.trades_ring),
      lane_server_(state_, encoder_, arena_, options.fragments),
      trade_server_(state_, ring_, encoder_, arena_),
      bodies_(options.body_cache_bytes),
      timers_(kNoTime) {
  forget_early_trades();
}

void Hub::Core::enter(Timestamp now) {
  if (now_ == kNoTime) {
    timers_.pop(now);  // time begins
  }
  now_ = now;
}

Session& Hub::Core::add(Connection& connection, const Client& client, Timestamp now) {
  enter(now);
  static const auto kSeesAll = std::make_shared<const Access>();
  const bool sees_all = !client.access && !options_.auth_required;
  sessions_.push_back(std::make_unique<Session>(
      connection, client.number, sees_all ? kSeesAll : client.access,
      options_.limits.requests_per_s * Session::kRequestCost, options_.limits.frame_bytes, now));
  Session& session = *sessions_.back();
  session.index = sessions_.size() - 1;
  stats_.opened.add();
  stats_.connections.add(1);
  begin_access(session, client.expires_at);
  return session;
}

Session* Hub::Core::adopt(Connection& connection, Client client,
                          const std::vector<protocol::Subscribe>& entries, Timestamp now) {
  Session& session = add(connection, client, now);
  session.last_sent = now;
  arm_upkeep(session);
  take_back(session, entries, now);
  return &session;
}

Session* Hub::Core::open(Connection& connection, Client client, Timestamp now) {
  Session& session = add(connection, client, now);
  protocol::Hello hello;
  hello.epoch = state_.epoch();
  hello.time = now;
  hello.heartbeat_ms = static_cast<std::uint64_t>(options_.heartbeat.count());
  hello.auth_required = !session.access;
  hello.limits = {
      options_.limits.request_bytes,
      options_.limits.frame_bytes,
      options_.limits.entries,
      options_.limits.lanes,
      session.access ? static_cast<std::uint64_t>(session.access->min_interval.count()) : 0,
      options_.limits.requests_per_s};
  Replayer* const replayer = connection.replayer();
  hello.replay = replayer != nullptr && replayer->offers_replay();
  send(session, hello);
  if (options_.auth_required && session.access) {
    send_authenticated(session, {});
  }
  if (drain_until_) {
    leave(session);
    return &session;
  }
  arm_upkeep(session);
  if (client.first && may_ask(session, {})) {
    session.held = std::make_unique<HeldRequest>(HeldRequest{{}, std::move(client.first)});
    take_held(session);
    flush();
  }
  update_reading(session);
  return &session;
}

void Hub::Core::on_message(Session& session, std::string_view text, Timestamp now) {
  enter(now);
  heard_from(session);
  if (session.ending || !within_early_bytes(session, text.size())) {
    return;
  }
  if (session.held) {
    // It was told not to read: nothing more is kept of what comes all the same.
    close(session, protocol::CloseCode::kTooManyRequests);
    return;
  }
  if (session.rests()) {
    session.held = std::make_unique<HeldRequest>(HeldRequest{std::string(text), std::nullopt});
  } else {
    take_request(session, text);
    flush();
  }
  update_reading(session);
}

void Hub::Core::on_control(Session& session, Timestamp now) {
  enter(now);
  heard_from(session);
  if (!session.ending) {
    within_rate(session);
  }
}

void Hub::Core::on_writable(Session& session, Timestamp now) {
  enter(now);
  if (session.blocked) {
    session.blocked = false;
    stats_.blocked.add(-1);
    if (!session.ending) {
      arm_upkeep(session);  // heartbeats are due again
    }
  }
  count_held(session);
  if (!session.reply.empty() &&
      write(session, {session.reply.data(), session.reply.size()}) != WriteResult::kBlocked) {
    session.reply = {};
  }
  take_held(session);
  enqueue(session);
  flush();
  update_reading(session);
}

void Hub::Core::on_closed(Session& session, std::uint16_t code) {
  const auto& codes = protocol::kCloseCodes;
  const auto known =
      std::find_if(codes.begin(), codes.end(), [code](const protocol::CloseCodeInfo& info) {
        return static_cast<std::uint16_t>(info.code) == code;
      });
  (known == codes.end() ? stats_.closed_other
                        : stats_.closed[static_cast<std::size_t>(known - codes.begin())])
      .add();
  stats_.connections.add(-1);
  stats_.blocked.add(session.blocked ? -1 : 0);
  stats_.held.add(-static_cast<std::int64_t>(session.held_bytes));
  drop_subscriptions(session);
  std::erase(ready_, &session);
  std::erase(waiting_, &session);
  const std::size_t index = session.index;
  sessions_[index] = std::move(sessions_.back());
  sessions_[index]->index = index;
  sessions_.pop_back();
}

void Hub::Core::advance(Timestamp now) {
  enter(now);
  while (TimerNode* node = timers_.pop(now)) {
    switch (node->kind) {
      case TimerNode::Kind::kLane:
        static_cast<Lane&>(*node).due = true;
        due_.push_back(&static_cast<Lane&>(*node).session);
        prefetch(due_.back());
        break;
      case TimerNode::Kind::kUpkeep:
        do_upkeep(static_cast<SessionTimer&>(*node).session);
        break;
      case TimerNode::Kind::kSinceWait: {
        Session& session = static_cast<SessionTimer&>(*node).session;
        std::erase(waiting_, &session);
        session.waiting = false;
        take_held(session);
        update_reading(session);
        break;
      }
    }
  }
  for (Session* session : due_) {
    enqueue_due(*session);
  }
  due_.clear();
  flush();
}

void Hub::Core::set_limits(const ClientLimits& limits) { options_.limits = limits; }

std::optional<std::chrono::milliseconds> Hub::Core::least_interval() const {
  if (!waiting_.empty()) {
    return std::chrono::milliseconds(0);
  }
  return intervals_.empty() ? std::nullopt : std::optional(intervals_.begin()->first);
}

bool Hub::Core::awaits_change() const {
  return std::any_of(sessions_.begin(), sessions_.end(), [](const auto& session) {
    return std::any_of(session->lanes.begin(), session->lanes.end(), [&](const auto& lane) {
      return !session->ticker->part(lane->index).quiet.empty();
    });
  });
}

std::optional<Timestamp> Hub::Core::next_deadline() const {
  return ready_.empty() ? timers_.next() : now_;
}

}  // namespace ticker::hub
