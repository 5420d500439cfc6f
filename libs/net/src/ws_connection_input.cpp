// What a WebSocket of the server's receives.
#include "ws_connection.hpp"

#include <utility>

#include "sockets.hpp"

namespace ticker::net {
namespace {

// Clients send little; less per turn keeps what a paused connection holds undelivered small.
constexpr std::size_t kReadBytes = 4096;

std::string failure_text(const Io& io) {
  return io.error == 0 ? "TLS broke" : errno_text(io.error);
}

}  // namespace

bool WsConnection::may_deliver() const {
  return state_ == State::kClosing || (state_ == State::kOpen && !paused_ && !output_.waiting());
}

// Goes on with what was received, then with the socket, if that is allowed now. Never delivers
// inside the call.
void WsConnection::read_on() {
  if (state_ == State::kDraining) {
    stream_.want_read();
    return;
  }
  if (!may_deliver() || delivering_) {
    return;
  }
  if (unread_.empty()) {
    stream_.want_read();
  } else if (!std::exchange(resume_posted_, true)) {
    host_.loop.post([weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->resume_posted_ = false;
        self->deliver_unread();
      }
    });
  }
}

void WsConnection::deliver_unread() {
  if (may_deliver()) {
    std::string bytes = std::exchange(unread_, {});
    consume(bytes.data(), bytes.size());
  }
  read_on();
}

void WsConnection::on_fd_readable() {
  const auto self = shared_from_this();
  if (state_ == State::kDraining) {
    discard_input();
    return;
  }
  if (!may_deliver() || !unread_.empty()) {
    return;
  }
  char* buffer = read_buffer(host_.loop).data;
  const Io io = stream_.receive(buffer, kReadBytes);
  if (io.status == Io::kEnd || io.status == Io::kFailed) {
    fail(io.status == Io::kEnd ? "the stream ended without a close frame" : failure_text(io));
    return;
  }
  output_.wait_for_answers();
  if (io.status == Io::kOk) {
    received_bytes_ += io.bytes;
    consume(buffer, io.bytes);
  }
  read_on();
}

void WsConnection::consume(char* data, std::size_t size) {
  delivering_ = true;
  while (size > 0 && may_deliver()) {
    const WsCodec::Step step = codec_.read(data, size);
    data += step.consumed;
    size -= step.consumed;
    handle(step);
  }
  codec_.release();
  send_held_back();
  if (state_ == State::kOpen && size > 0) {
    unread_.assign(data, size);
  }
  delivering_ = false;
  send_pong();
}

void WsConnection::handle(const WsCodec::Step& step) {
  switch (step.event) {
    case WsCodec::Event::kText:
      if (state_ == State::kOpen) {
        handler_->on_message(codec_.payload().data(), codec_.payload().size());
      }
      break;
    case WsCodec::Event::kPing:
      if (state_ == State::kOpen) {
        pong_ = codec_.payload();
        pong_due_ = true;
        handler_->on_control(ControlKind::kPing, codec_.payload());
      }
      break;
    case WsCodec::Event::kPong:
      if (state_ == State::kOpen) {
        handler_->on_control(ControlKind::kPong, codec_.payload());
      }
      break;
    case WsCodec::Event::kClose:
      handle_close(step);
      break;
    case WsCodec::Event::kError:
      if (state_ == State::kOpen) {
        queue_close(step.code, step.text);
      }
      drain(end_ ? *end_ : CloseInfo{step.code, step.text, false});
      break;
    case WsCodec::Event::kBinary:  // refused by the codec
    case WsCodec::Event::kNone:
      break;
  }
}

void WsConnection::handle_close(const WsCodec::Step& step) {
  if (state_ == State::kOpen) {
    queue_close(step.code, {});
    drain({step.code, step.text, true});
  } else {
    drain(*end_);
  }
}

void WsConnection::discard_input() {
  const ReadBuffer buffer = read_buffer(host_.loop);
  const Io io = stream_.receive(buffer.data, buffer.size);
  if (io.status == Io::kOk || io.status == Io::kBlocked) {
    stream_.want_read();
    return;
  }
  input_ended_ = true;
  if (io.status == Io::kFailed || !output_.waiting()) {
    die();
  }
}

void WsConnection::pause_reading() { paused_ = true; }

void WsConnection::resume_reading() {
  if (std::exchange(paused_, false)) {
    read_on();
  }
}

}  // namespace ticker::net
