// What a session does wrong.
#include <ticker/venue_sim/session.hpp>

#include <algorithm>
#include <utility>

#include "event_times.hpp"

namespace ticker::venue_sim {
namespace {

constexpr std::size_t kOversizedBytes = std::size_t{32} << 20;
constexpr std::size_t kGarbageDepth = 10'000;

}  // namespace

void Session::play(std::size_t position, Timestamp now) {
  const auto& topics = tape_.topics(position % tape_.size());
  bool is_lost = false;
  std::size_t copies = 1;
  std::chrono::milliseconds shift{0};
  const Fault* overtaken = nullptr;
  for (const auto* fault : striking_.judge(position, timeline_.offset(position), topics)) {
    switch (fault->kind) {
      case Fault::Kind::kGap:
        is_lost = true;
        break;
      case Fault::Kind::kDuplicate:
        ++copies;
        break;
      case Fault::Kind::kReorder:
        overtaken = fault;
        break;
      case Fault::Kind::kDelay:
        begin_delay(*fault, now);
        break;
      case Fault::Kind::kClockSkew:
        shift += fault->by;
        break;
      default:
        strike(*fault, now);
    }
  }
  if (is_lost || silent_) {
    return;
  }
  auto item = recorded(position);
  if (shift.count() != 0) {
    item.text = shift_times(item.text, shift, [&](std::string_view key, std::string_view value) {
      return protocol_->is_time(key, value);
    });
  }
  auto until = kNoTime;
  for (const auto& delay : delays_) {
    until = delay.fault->covers(topics) ? std::max(until, delay.until) : until;
  }
  if (overtaken != nullptr) {
    overtaken_.push_back({std::move(item), overtaken, overtaken->places});
    return;
  }
  for (std::size_t copy = 0; copy < copies; ++copy) {
    if (until > now) {
      delayed_.push_back({item, until});
    } else {
      outbox_.push_back(item);
    }
  }
  overtake(topics);
}

// A message of these topics goes before those that it overtakes.
void Session::overtake(const std::vector<std::string>& topics) {
  for (auto& overtaken : overtaken_) {
    overtaken.places -= overtaken.fault->covers(topics) ? 1U : 0U;
  }
  for (auto found = overtaken_.begin(); found != overtaken_.end();) {
    if (found->places > 0) {
      ++found;
      continue;
    }
    outbox_.push_back(std::move(found->item));
    found = overtaken_.erase(found);
  }
}

// A fault that is at work already does not begin anew.
void Session::begin_delay(const Fault& fault, Timestamp now) {
  if (std::none_of(delays_.begin(), delays_.end(),
                   [&](const Delay& delay) { return delay.fault == &fault; })) {
    delays_.push_back({&fault, now + fault.by});
  }
}

void Session::release_delayed(Timestamp now) {
  if (std::erase_if(delays_, [&](const Delay& delay) { return delay.until <= now; }) == 0) {
    return;
  }
  std::erase_if(delayed_, [&](Delayed& delayed) {
    const bool is_due = delayed.until <= now;
    if (is_due) {
      outbox_.push_back(std::move(delayed.item));
    }
    return is_due;
  });
}

void Session::strike(const Fault& fault, Timestamp now) {
  switch (fault.kind) {
    case Fault::Kind::kDisconnect:
      outbox_.push_back({Step::Kind::kCut, {}, 0, false});
      break;
    case Fault::Kind::kReset:
      outbox_.push_back({Step::Kind::kReset, {}, 0, false});
      break;
    case Fault::Kind::kClose:
      close(fault.code, "closed on purpose");
      break;
    case Fault::Kind::kPlannedClose:
      announce_close(now);
      break;
    case Fault::Kind::kHalfFrame:
      outbox_.push_back({Step::Kind::kSendHalf, std::string(next_recorded()), 0, false});
      [[fallthrough]];
    case Fault::Kind::kSilent:
      outbox_.push_back({Step::Kind::kHush, {}, 0, false});
      silent_ = true;
      break;
    case Fault::Kind::kTruncate:
      outbox_.push_back({Step::Kind::kSendHalf, std::string(next_recorded()), 0, false});
      outbox_.push_back({Step::Kind::kCut, {}, 0, false});
      break;
    case Fault::Kind::kGarbage:
      queue_garbage();
      break;
    case Fault::Kind::kOversized:
      outbox_.push_back({Step::Kind::kSend, std::string(kOversizedBytes, ' '), 0, false});
      break;
    default:  // the others are of messages, or hold all the time
      break;
  }
}

void Session::announce_close(Timestamp now) {
  close_at_ = now + kPlannedCloseGrace;
  if (auto notice = protocol_->planned_close_notice(now); !notice.empty()) {
    outbox_.push_back({Step::Kind::kSend, std::move(notice), 0, false});
  }
}

void Session::queue_garbage() {
  const auto recorded = next_recorded();
  outbox_.push_back({Step::Kind::kSend, "]not json{", 0, false});
  outbox_.push_back(
      {Step::Kind::kSend, std::string(recorded.substr(0, recorded.size() / 2)), 0, false});
  outbox_.push_back({Step::Kind::kSend, std::string(kGarbageDepth, '['), 0, false});
}

}  // namespace ticker::venue_sim
