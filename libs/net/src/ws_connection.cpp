// Its opening, and what it sends.
#include "ws_connection.hpp"

#include <utility>

namespace ticker::net {
namespace {

constexpr std::size_t kMaxControlPayload = 125;
// Of a frame that is held back, and of what is copied behind it.
constexpr std::size_t kMostHeldBack = 4096;
constexpr std::size_t kMostBehind = 16384;

}  // namespace

WsConnection::WsConnection(SessionHost& host, Stream stream, const Address& peer,
                           std::unique_ptr<ConnectionHandler> handler)
    : host_(host),
      peer_(peer),
      stream_(std::move(stream)),
      output_(stream_),
      codec_(WsCodec::Role::kServerTextOnly, host.options.max_message_bytes),
      handler_(std::move(handler)) {
  stream_.set_events(this);
}

void WsConnection::start(std::string answer, std::string received) {
  const auto self = shared_from_this();
  unread_ = std::move(received);
  held_back_ = std::move(answer);
  delivering_ = true;
  handler_->on_open(*this);
  delivering_ = false;
  settle();
  read_on();
}

WriteResult WsConnection::write(const Slice* slices, std::size_t count) {
  if (state_ != State::kOpen) {
    return WriteResult::kClosed;
  }
  const bool again_in_batch = host_.batch != 0 && last_batch_ == host_.batch;
  if (output_.waiting() || again_in_batch) {
    if (!output_.waiting() && !tell_writable_) {
      host_.call_after_batch(weak_from_this());
    }
    tell_writable_ = true;
    return WriteResult::kBlocked;
  }
  last_batch_ = host_.batch;
  if (delivering_ && hold_back(slices, count)) {
    return WriteResult::kDone;
  }
  if (!held_back_.empty() && total_of(slices, count) > kMostBehind) {
    settle();
    if (output_.waiting()) {
      tell_writable_ = true;
      return WriteResult::kBlocked;
    }
    if (state_ != State::kOpen) {
      return WriteResult::kClosed;
    }
  }
  if (host_.batch != 0 && held_back_.empty() &&
      output_.queue(host_.ring, *this, WsCodec::Opcode::kText, slices, count)) {
    queued_ = true;
    return WriteResult::kDone;
  }
  const FrameOutput::Outcome outcome =
      held_back_.empty()
          ? output_.offer(WsCodec::Opcode::kText, slices, count)
          : output_.send(std::exchange(held_back_, {}), WsCodec::Opcode::kText, slices, count);
  if (!taken(outcome)) {
    return WriteResult::kClosed;
  }
  if (outcome == FrameOutput::Outcome::kTaken) {
    return WriteResult::kDone;
  }
  tell_writable_ = true;
  return outcome == FrameOutput::Outcome::kKept ? WriteResult::kKept : WriteResult::kBlocked;
}

bool WsConnection::hold_back(const Slice* slices, std::size_t count) {
  const std::size_t size = total_of(slices, count);
  if (!held_back_.empty() || queued_ || size > kMostHeldBack) {
    return false;
  }
  unsigned char header[kMaxFrameHeader];
  const std::size_t header_size = put_frame_header(WsCodec::Opcode::kText, size, header);
  held_back_.reserve(header_size + size);
  held_back_.append(reinterpret_cast<const char*>(header), header_size);
  for (std::size_t i = 0; i < count; ++i) {
    held_back_.append(slices[i].data, slices[i].size);
  }
  return true;
}

void WsConnection::send_held_back() {
  if (!held_back_.empty()) {
    taken(output_.send(std::exchange(held_back_, {})));
  }
}

void WsConnection::on_sent(std::string_view frame, const Io& io) {
  queued_ = false;
  taken(output_.sent(frame, io));
}

// Before anything else is done with the socket: what was kept from it goes first, and a descriptor
// once closed may be another's.
void WsConnection::settle() {
  send_held_back();
  if (queued_) {
    host_.ring.flush();
  }
}

// False: the socket broke, and the connection with it.
bool WsConnection::taken(FrameOutput::Outcome outcome) {
  if (outcome == FrameOutput::Outcome::kBroken) {
    fail(output_.failure());
    return false;
  }
  return true;
}

bool WsConnection::ping(std::string_view payload) {
  settle();
  if (state_ != State::kOpen || output_.waiting() || payload.size() > kMaxControlPayload) {
    return false;
  }
  return taken(output_.send(WsCodec::Opcode::kPing, payload));
}

bool WsConnection::write_half(std::string_view text) {
  settle();
  if (state_ != State::kOpen || output_.waiting()) {
    return false;
  }
  unsigned char header[kMaxFrameHeader];
  const std::size_t size = put_frame_header(WsCodec::Opcode::kText, text.size(), header);
  std::string half(reinterpret_cast<const char*>(header), size);
  half += text.substr(0, text.size() / 2);
  return taken(output_.send(half));
}

void WsConnection::send_pong() {
  if (pong_due_ && !output_.waiting() && state_ == State::kOpen) {
    pong_due_ = false;
    taken(output_.send(WsCodec::Opcode::kPong, std::exchange(pong_, {})));
  }
}

void WsConnection::on_fd_writable() {
  const auto self = shared_from_this();
  if (!taken(output_.flush())) {
    return;
  }
  send_pong();
  if (!output_.waiting()) {
    output_is_out();
  }
}

void WsConnection::output_is_out() {
  if (state_ == State::kDraining) {
    stream_.finish_output();
    if (input_ended_) {
      die();
    }
    return;
  }
  if (state_ == State::kOpen && std::exchange(tell_writable_, false)) {
    handler_->on_writable();
  }
  read_on();
}

void WsConnection::after_batch() {
  if (state_ == State::kOpen && !output_.waiting() && std::exchange(tell_writable_, false)) {
    const auto self = shared_from_this();
    handler_->on_writable();
  }
}

std::size_t WsConnection::held_bytes() const { return output_.held_bytes() + pong_.size(); }

std::optional<TimePoint> WsConnection::stalled_since() const {
  return output_.waiting() ? std::optional<TimePoint>(output_.stalled_since()) : std::nullopt;
}

}  // namespace ticker::net
