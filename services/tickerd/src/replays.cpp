#include "replays.hpp"

namespace ticker::tickerd {

void Replays::set_limits(Limits limits) {
  const std::lock_guard lock(mutex_);
  limits_ = std::move(limits);
  offered_ = !limits_.folder.empty();
}

Replays::Limits Replays::limits() const {
  const std::lock_guard lock(mutex_);
  return limits_;
}

std::optional<Replays::Seat> Replays::take_seat() {
  const std::lock_guard lock(mutex_);
  if (taken_ >= limits_.most) {
    return std::nullopt;
  }
  ++taken_;
  return Seat(*this);
}

void Replays::read(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (stopped_) {
    return;
  }
  loop_.post(std::move(work));
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { loop_.run(); });
  }
}

void Replays::stop() {
  std::thread ending;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    ending = std::move(thread_);
  }
  if (ending.joinable()) {
    loop_.stop();
    ending.join();
  }
}

}  // namespace ticker::tickerd
