// What goes to a client's socket, and when it is read.
#include <utility>

#include "core.hpp"

namespace ticker::hub {

WriteResult Hub::Core::write(Session& session, Slice slice) {
  const WriteResult result = session.connection.write(&slice, 1);
  switch (result) {
    case WriteResult::kDone:
    case WriteResult::kKept:
      stats_.frames.add();
      stats_.bytes.add(slice.size);
      session.last_sent = now_;
      break;
    case WriteResult::kBlocked:
      break;
    case WriteResult::kClosed:
      session.ending = true;
      break;
  }
  if (result == WriteResult::kKept || result == WriteResult::kBlocked) {
    if (!std::exchange(session.blocked, true)) {
      stats_.blocked.add(1);
      session.progress_at = now_;
      session.progress_bytes = session.connection.accepted_bytes();
    }
    count_held(session);
    arm_upkeep(session);
  }
  return result;
}

WriteResult Hub::Core::write_message(Session& session, const protocol::Message& message) {
  text_.clear();
  encoder_.append_message(text_, message);
  arena_.begin(0);
  arena_.append(text_);
  return write(session, arena_.finish({}, {}));
}

void Hub::Core::send(Session& session, const protocol::Message& message) {
  std::string text;
  encoder_.append_message(text, message);
  if (write(session, {text.data(), text.size()}) == WriteResult::kBlocked) {
    session.reply = std::move(text);
  }
}

void Hub::Core::update_reading(Session& session) {
  if (session.ending) {
    return;
  }
  const bool pause = session.rests();
  if (pause == session.paused) {
    return;
  }
  session.paused = pause;
  if (pause) {
    session.connection.pause_reading();
  } else {
    session.last_received = now_;
    session.pinged = false;
    session.connection.resume_reading();
  }
}

void Hub::Core::take_held(Session& session) {
  if (!session.held || session.waiting || session.asked || session.blocked || session.ending ||
      !session.reply.empty() || session.epoch_due || session.unfinished()) {
    return;
  }
  const auto held = std::move(session.held);
  if (held->request) {
    subscribe(session, *held->request, true);
  } else {
    take_request(session, held->text);
  }
}

void Hub::Core::note_latency(Timestamp changed, Timestamp received) {
  const Timestamp written = options_.stats_clock == nullptr ? now_ : options_.stats_clock->now();
  if (changed != kNoTime) {
    stats_.publish_to_write.observe(written - changed);
  }
  if (received != kNoTime) {
    stats_.receive_to_write.observe(written - received);
  }
}

void Hub::Core::count_held(Session& session) {
  const std::size_t bytes = session.connection.held_bytes();
  stats_.held.add(static_cast<std::int64_t>(bytes) - static_cast<std::int64_t>(session.held_bytes));
  session.held_bytes = bytes;
}

}  // namespace ticker::hub
