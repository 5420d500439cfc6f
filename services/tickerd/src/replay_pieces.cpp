#include "replay_pieces.hpp"

#include <utility>

namespace ticker::tickerd {

ReplayPieces::~ReplayPieces() { cancel(); }

void ReplayPieces::begin(std::shared_ptr<ReplaySource> source) {
  cancel();
  source_ = std::move(source);
  source_->begin();
}

void ReplayPieces::restart(ReplaySource::Piece piece) {
  ready_ = std::move(piece);
  piece_ = {};
  next_ = 0;
  turn_over();
}

void ReplayPieces::add(ReplaySource::Piece piece) {
  ready_ = std::move(piece);
  turn_over();
}

void ReplayPieces::fail(const std::string& why) {
  piece_ = {};
  piece_.damage = why;
  next_ = 0;
  ready_.reset();
}

void ReplayPieces::pop() {
  ++next_;
  turn_over();
}

void ReplayPieces::turn_over() {
  if (next_ < piece_.changes.size() || !ready_) {
    return;
  }
  piece_ = *std::exchange(ready_, std::nullopt);
  next_ = 0;
  if (!piece_.is_last) {
    source_->read();
  }
}

void ReplayPieces::cancel() {
  if (source_) {
    source_->cancel();
  }
}

}  // namespace ticker::tickerd
