#include "played_line.hpp"

#include <utility>

namespace ticker::ingest {

PlayedLine::PlayedLine(MakeAdapter make_adapter)
    : make_adapter_(std::move(make_adapter)), adapter_(make_adapter_()) {}

void PlayedLine::open(std::uint32_t number) {
  if (!is_open()) {
    adapter_->reset();
    is_available_ = true;
    leader_ = leading_ = number;
    return;
  }
  next_ = number;
  if (!next_adapter_) {
    next_adapter_ = make_adapter_();
  }
  next_adapter_->reset();
  is_next_available_ = true;
  handover_.emplace(0);
}

void PlayedLine::close(std::uint32_t number) {
  if (next_ == number) {
    next_.reset();
    handover_.reset();
  } else if (leading_ == number) {
    // If there is a next one, it is about to take over.
    leading_.reset();
    is_available_ = true;
  }
}

void PlayedLine::decode(std::uint32_t number, char* message, std::size_t size, Timestamp received,
                        feed::Sink& sink) {
  if (next_ == number) {
    handover_->decode_next(*next_adapter_, message, size, received, sink);
    if (handover_->is_full()) {
      take_over(number, true, sink);
    }
  } else if (leading_ != number) {
    return;
  } else if (next_) {
    handover_->decode_old(*adapter_, message, size, received, sink);
  } else if (handover_ && !handover_->is_over(received)) {
    handover_->decode_late(*adapter_, message, size, received, sink);
  } else {
    handover_.reset();
    adapter_->decode(message, size, received, sink);
  }
}

void PlayedLine::take_over(std::uint32_t number, bool overlapped, feed::Sink& sink) {
  if (next_ != number) {
    return;
  }
  is_available_ = is_next_available_;
  handover_->finish(*adapter_, *next_adapter_, overlapped, sink);
  std::swap(adapter_, next_adapter_);
  leader_ = leading_ = std::exchange(next_, std::nullopt);
}

void PlayedLine::set_available(std::uint32_t number, bool is_available) {
  if (next_ == number) {
    is_next_available_ = is_available;
  } else if (leading_ == number) {
    is_available_ = is_available;
  }
}

void PlayedLine::interrupted() { adapter_->interrupted(); }

}  // namespace ticker::ingest
