// Who is silent, stuck, or to leave.
#include <algorithm>

#include "core.hpp"

namespace ticker::hub {
namespace {

// Coming back is spread over this time, so that the next server is not asked by all at once.
constexpr std::int64_t kReconnectFromMs = 500;
constexpr std::int64_t kReconnectSpreadMs = 4'500;

}  // namespace

void Hub::Core::heard_from(Session& session) {
  session.last_received = now_;
  session.received_bytes = session.connection.received_bytes();
  session.pinged = false;
}

void Hub::Core::do_upkeep(Session& session) {
  if (session.ending) {
    return;
  }
  if (!still_has_access(session)) {
    return;
  }
  if (session.leaves_at && now_ >= *session.leaves_at) {
    leave(session);
    return;
  }
  if (session.blocked) {
    const std::uint64_t accepted = session.connection.accepted_bytes();
    if (accepted != session.progress_bytes) {
      session.progress_bytes = accepted;
      session.progress_at = now_;
    } else if (now_ - session.progress_at >= options_.no_progress) {
      close(session, protocol::CloseCode::kSlow);
      return;
    }
  } else if (now_ - session.last_sent >= options_.heartbeat) {
    session.heartbeat_due = true;
    enqueue(session);
  }
  if (session.connection.received_bytes() != session.received_bytes) {
    heard_from(session);  // a part of a message came
  }
  if (!session.paused) {
    const auto silence = now_ - session.last_received;
    if (silence >= options_.silent) {
      close(session, protocol::CloseCode::kSilent);
      return;
    }
    if (!session.pinged && silence >= options_.silent / 2) {
      session.pinged = true;
      session.connection.ping();
    }
  }
  arm_upkeep(session);
}

void Hub::Core::arm_upkeep(Session& session) {
  // A socket's progress is looked at so often within no_progress; by so much the cut can come late.
  constexpr int kLooks = 4;
  Timestamp next = Timestamp::max();
  if (session.blocked) {
    next =
        std::min(session.progress_at + options_.no_progress, now_ + options_.no_progress / kLooks);
  } else if (!session.heartbeat_due) {
    next = session.last_sent + options_.heartbeat;
  }
  if (session.paused) {
    next = std::min(next, now_ + options_.silent / 2);
  } else {
    next = std::min(
        next, session.last_received + (session.pinged ? options_.silent : options_.silent / 2));
  }
  if (session.leaves_at) {
    next = std::min(next, *session.leaves_at);
  }
  if (session.access_ends) {
    next = std::min(next, *session.access_ends);
  }
  if (session.expiry_notice && !session.blocked) {
    next = std::min(next, *session.expiry_notice);
  }
  timers_.arm(session.upkeep, std::max(next, now_ + std::chrono::milliseconds(1)));
}

void Hub::Core::drain(Timestamp now, Timestamp deadline) {
  enter(now);
  drain_until_ = deadline;
  const auto count = static_cast<std::int64_t>(sessions_.size());
  for (std::int64_t place = 0; place < count; ++place) {
    Session& session = *sessions_[static_cast<std::size_t>(place)];
    if (!session.ending) {
      session.leaves_at = now + (deadline - now) * place / std::max<std::int64_t>(count, 1);
      if (*session.leaves_at <= now) {
        leave(session);
      } else {
        arm_upkeep(session);
      }
    }
  }
}

void Hub::Core::leave(Session& session) {
  if (!session.blocked && session.reply.empty()) {
    protocol::Goodbye goodbye;
    goodbye.reason = "restart";
    goodbye.reconnect_in_ms = static_cast<std::uint64_t>(
        kReconnectFromMs + static_cast<std::int64_t>(session.number * 7919 % kReconnectSpreadMs));
    send(session, goodbye);
  }
  close(session, protocol::CloseCode::kRestart);
}

void Hub::Core::close(Session& session, protocol::CloseCode code) {
  if (!session.ending) {
    session.ending = true;
    session.upkeep.cancel();
    session.connection.close(static_cast<std::uint16_t>(code), protocol::close_code_name(code));
  }
}

}  // namespace ticker::hub
