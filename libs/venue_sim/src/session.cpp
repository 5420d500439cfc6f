#include <ticker/venue_sim/session.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace ticker::venue_sim {

Session::Session(std::unique_ptr<Protocol> protocol, const Tape& tape, Timeline& timeline,
                 Faults& faults, std::chrono::milliseconds beat)
    : protocol_(std::move(protocol)),
      tape_(tape),
      timeline_(timeline),
      faults_(faults),
      striking_(faults),
      beat_(beat),
      cursor_(timeline.position()) {}

void Session::opened(std::string_view target, Timestamp now) {
  opened_ = last_sent_ = last_beat_ = now;
  protocol_->opened(target, *this, now);
  add_initial_state();
}

void Session::request(std::string_view text, Timestamp now) {
  if (!may_send(now)) {
    return;
  }
  const auto replies_from = outbox_.size();
  protocol_->request(text, *this, now);
  if (faults_.has(Fault::Kind::kLateAcks) && sent_recorded_ == 0) {
    late_.insert(late_.end(), outbox_.begin() + static_cast<std::ptrdiff_t>(replies_from),
                 outbox_.end());
    outbox_.resize(replies_from);
  }
  add_initial_state();
}

void Session::control_frame(Timestamp now) { may_send(now); }

// Whether the client keeps within the venue's limit; otherwise it is closed.
bool Session::may_send(Timestamp now) {
  const auto limit = protocol_->request_limit();
  if (silent_ || is_closing_) {
    return false;
  }
  if (limit.requests == 0) {
    return true;
  }
  while (!requests_.empty() && now - requests_.front() >= limit.window) {
    requests_.pop_front();
  }
  requests_.push_back(now);
  if (requests_.size() > limit.requests) {
    close(1008, "too many requests");
    return false;
  }
  return true;
}

void Session::close(std::uint16_t code, std::string_view reason) {
  is_closing_ = true;
  outbox_.push_back({Step::Kind::kClose, std::string(reason), code, false});
}

// Stands behind the replies and before the tape.
void Session::add_initial_state() {
  const auto size = tape_.size();
  // In a later round all of the tape is past.
  const auto end = std::min(timeline_.position(), size);
  std::set<std::size_t> indexes;
  for (const auto& topic : initial_) {
    if (protocol_->merges(topic)) {
      add_merged_state(topic, end);
    } else if (const auto last = tape_.last_of(topic, end)) {
      indexes.insert(*last);
    }
  }
  initial_.clear();
  for (const auto index : indexes) {
    outbox_.push_back(recorded(index));
  }
}

void Session::add_merged_state(std::string_view topic, std::size_t end) {
  const auto indexes = tape_.all_of(topic, end);
  std::vector<std::string_view> messages;
  for (auto index = indexes.rbegin(); index != indexes.rend(); ++index) {
    messages.push_back(tape_.message(*index));
    if (protocol_->begins_anew(messages.back())) {
      break;
    }
  }
  std::reverse(messages.begin(), messages.end());
  if (auto state = protocol_->merged(messages); !state.empty()) {
    outbox_.push_back({Step::Kind::kSend, std::move(state), 0, true});
  }
}

void Session::tick(Timestamp now) {
  if (close_at_ && *close_at_ <= now) {
    close(1001, "planned close");
    close_at_.reset();
  }
  if (const auto within = protocol_->subscribe_within();
      within.count() > 0 && !subscribed() && !is_closing_ && now - opened_ >= within) {
    close(1008, "no subscription in time");
  }
  const auto due = next_beat();
  if (!due || *due > now || close_at_) {
    return;
  }
  last_beat_ = now;
  // A client that does not read gets none.
  if (outbox_.empty()) {
    protocol_->heartbeat(*this, now);
  }
}

std::optional<Timestamp> Session::next_tick() const {
  auto next = close_at_ ? close_at_ : next_beat();
  for (const auto& delay : delays_) {
    next = next ? std::min(*next, delay.until) : delay.until;
  }
  return next;
}

std::optional<Timestamp> Session::next_beat() const {
  const auto interval = paced(protocol_->heartbeat_interval());
  if (interval.count() == 0 || silent_) {
    return std::nullopt;
  }
  return std::max(last_beat_, protocol_->heartbeat_only_when_idle() ? last_sent_ : kNoTime) +
         interval;
}

std::chrono::milliseconds Session::paced(std::chrono::milliseconds interval) const {
  if (interval.count() == 0 || faults_.has(Fault::Kind::kNoHeartbeats)) {
    return std::chrono::milliseconds(0);
  }
  return beat_.count() > 0 ? beat_ : interval;
}

std::optional<Session::Step> Session::next(Timestamp now) {
  if (outbox_.empty() && !silent_) {
    release_delayed(now);
    if (const auto* fault = subscribed() ? striking_.take_due() : nullptr) {
      strike(*fault, now);
    }
    const auto end = timeline_.position();
    for (; outbox_.empty() && !silent_ && cursor_ < end; ++cursor_) {
      if (covers(cursor_)) {
        play(cursor_, now);
      }
    }
    if (outbox_.empty() && !silent_ && timeline_.at_end() && !overtaken_.empty()) {
      outbox_.push_back(std::move(overtaken_.front().item));
      overtaken_.erase(overtaken_.begin());
    }
  }
  if (outbox_.empty()) {
    return std::nullopt;
  }
  const auto& item = outbox_.front();
  return Step{item.kind, item.text, item.code};
}

void Session::sent(Timestamp now) {
  sent_recorded_ += outbox_.front().recorded ? 1U : 0U;
  outbox_.pop_front();
  last_sent_ = now;
  if (sent_recorded_ > 0 && !late_.empty()) {
    outbox_.insert(outbox_.begin(), late_.begin(), late_.end());
    late_.clear();
  }
}

bool Session::covers(std::size_t position) const {
  const auto& topics = tape_.topics(position % tape_.size());
  return std::any_of(topics.begin(), topics.end(), [&](const std::string& topic) {
    const auto found = topics_.find(topic);
    return found != topics_.end() && found->second <= position;
  });
}

Session::Item Session::recorded(std::size_t position) const {
  return {Step::Kind::kSend, std::string(protocol_->framed(tape_.message(position % tape_.size()))),
          0, true};
}

void Session::reply(std::string message) {
  outbox_.push_back({Step::Kind::kSend, std::move(message), 0, false});
}

void Session::subscribe(std::string_view topic, bool initial) {
  if (topics_.size() >= kMaxSubscriptions) {
    return;
  }
  const bool is_new = topics_.try_emplace(std::string(topic), timeline_.position()).second;
  if (is_new && initial) {
    initial_.emplace_back(topic);
  }
}

void Session::unsubscribe(std::string_view topic) {
  if (const auto found = topics_.find(topic); found != topics_.end()) {
    topics_.erase(found);
  }
}

std::vector<std::string> Session::subscriptions() const {
  std::vector<std::string> names;
  for (const auto& [topic, from] : topics_) {
    names.push_back(topic);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string_view Session::next_recorded() const {
  const auto size = tape_.size();
  if (size == 0) {
    return {};
  }
  const auto position = timeline_.position();
  return tape_.message(timeline_.at_end() ? size - 1 : position % size);
}

std::string_view Session::first_recorded(std::string_view topic) const {
  const auto first = tape_.first_of(topic);
  return first ? tape_.message(*first) : std::string_view();
}

}  // namespace ticker::venue_sim
