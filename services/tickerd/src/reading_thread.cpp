#include "reading_thread.hpp"

#include <utility>

#include <ticker/base/log.hpp>

namespace ticker::tickerd {

void ReadingThread::run(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (stopped_) {
    return;
  }
  loop_.post(std::move(work));
  if (!thread_.joinable()) {
    thread_ = std::thread([self = shared_from_this()] {
      self->loop_.run();
      const std::lock_guard ending(self->mutex_);
      self->ended_ = true;
      self->end_.notify_all();
    });
  }
}

Timestamp ReadingThread::now() const {
  const std::lock_guard lock(mutex_);
  return stopped_ ? kNoTime : clock_.now();
}

void ReadingThread::stop() {
  std::unique_lock lock(mutex_);
  stopped_ = true;
  if (!thread_.joinable()) {
    return;
  }
  loop_.stop();
  const bool has_ended = end_.wait_for(lock, kPatience, [this] { return ended_; });
  auto thread = std::move(thread_);
  lock.unlock();
  if (has_ended) {
    thread.join();
  } else {
    log::warn("a recording that is replayed can't be read: its disk holds the reader up");
    thread.detach();
  }
}

}  // namespace ticker::tickerd
