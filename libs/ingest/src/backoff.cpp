#include <ticker/ingest/backoff.hpp>

#include <algorithm>
#include <utility>

namespace ticker::ingest {

Backoff::Backoff(std::chrono::milliseconds first, std::chrono::milliseconds limit, Random random)
    : first_(first), limit_(limit), random_(std::move(random)) {}

std::chrono::milliseconds Backoff::next() {
  auto ceiling = std::min(first_, limit_);
  for (int doubling = 0; doubling < attempts_ && ceiling < limit_; ++doubling) {
    ceiling = std::min(ceiling * 2, limit_);
  }
  ++attempts_;
  return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(
      random_() * static_cast<double>(ceiling.count() + 1)));
}

void Backoff::healthy(TimePoint now) {
  if (!is_healthy_) {
    is_healthy_ = true;
    healthy_since_ = now;
  }
}

void Backoff::closed(TimePoint now) {
  if (is_healthy_ && now - healthy_since_ >= kHealthyAfter) {
    attempts_ = 0;
  }
  is_healthy_ = false;
}

}  // namespace ticker::ingest
