#include "ws_connection.hpp"

#include <utility>

#include "sockets.hpp"

namespace ticker::net {
namespace {

// Clients send little; less per turn keeps what a paused connection holds undelivered small.
constexpr std::size_t kReadBytes = 4096;
constexpr std::size_t kMaxControlPayload = 125;
constexpr std::uint16_t kLost = 1006;

TimePoint now() { return std::chrono::steady_clock::now(); }

std::string failure_text(const Io& io) {
  return io.error == 0 ? "TLS broke" : errno_text(io.error);
}

}  // namespace

WsConnection::WsConnection(SessionHost& host, Stream stream, const Address& peer,
                           std::unique_ptr<ConnectionHandler> handler)
    : host_(host),
      peer_(peer),
      stream_(std::move(stream)),
      output_(stream_),
      codec_(WsCodec::Role::kServerTextOnly, host.options.max_message_bytes),
      handler_(std::move(handler)),
      received_at_(now()) {
  stream_.set_events(this);
}

void WsConnection::start(const std::string& answer, std::string received) {
  const auto self = shared_from_this();
  unread_ = std::move(received);
  taken(output_.send(answer));
  handler_->on_open(*this);
  read_on();
}

// Output

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
  const FrameOutput::Outcome outcome = output_.offer(WsCodec::Opcode::kText, slices, count);
  if (!taken(outcome)) {
    return WriteResult::kClosed;
  }
  if (outcome == FrameOutput::Outcome::kTaken) {
    return WriteResult::kDone;
  }
  tell_writable_ = true;
  return outcome == FrameOutput::Outcome::kKept ? WriteResult::kKept : WriteResult::kBlocked;
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
  if (state_ != State::kOpen || output_.waiting() || payload.size() > kMaxControlPayload) {
    return false;
  }
  return taken(output_.send(WsCodec::Opcode::kPing, payload));
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
  if (state_ == State::kOpen) {
    received_at_ = now();
    if (std::exchange(tell_writable_, false)) {
      handler_->on_writable();
    }
  }
  read_on();
}

void WsConnection::after_batch() {
  if (state_ == State::kOpen && !output_.waiting() && std::exchange(tell_writable_, false)) {
    const auto self = shared_from_this();
    handler_->on_writable();
  }
}

// Input

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
  if (io.status == Io::kOk) {
    received_at_ = now();
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
    received_at_ = now();
    read_on();
  }
}

// The end

void WsConnection::close(std::uint16_t code, std::string_view reason) {
  if (state_ != State::kOpen) {
    return;
  }
  end_ = std::make_unique<CloseInfo>(CloseInfo{code, std::string(reason), false});
  state_ = State::kClosing;
  queue_close(code, reason);
  if (state_ != State::kClosing) {
    return;
  }
  deadline_ = std::make_unique<Timer>(host_.loop, [this] { die(); });
  deadline_->start(host_.options.close_timeout);
  read_on();
}

void WsConnection::queue_close(std::uint16_t code, std::string_view reason) {
  taken(output_.send_last(WsCodec::Opcode::kClose, WsCodec::close_payload(code, reason)));
}

// Both ends have said that it is over, or the peer cannot be understood any more.
void WsConnection::drain(CloseInfo info) {
  if (state_ == State::kDead) {
    return;
  }
  const auto self = shared_from_this();
  end_ = std::make_unique<CloseInfo>(std::move(info));
  state_ = State::kDraining;
  std::string().swap(unread_);
  deadline_ = std::make_unique<Timer>(host_.loop, [this] { die(); });
  deadline_->start(host_.options.close_linger);
  tell_closed();
  if (!output_.waiting()) {
    stream_.finish_output();
  }
  read_on();
}

void WsConnection::abort() { fail("cut by this end", false); }

// The socket is of no more use. The owner hears of it outside its own calls.
void WsConnection::fail(std::string reason, bool by_peer) {
  if (state_ == State::kDead) {
    return;
  }
  if (!end_) {
    end_ = std::make_unique<CloseInfo>(CloseInfo{kLost, std::move(reason), by_peer});
  }
  state_ = State::kDead;
  stream_.close();
  host_.loop.post([self = shared_from_this()] { self->die(); });
}

void WsConnection::cut() {
  if (!end_) {
    end_ = std::make_unique<CloseInfo>(CloseInfo{kLost, "the server has gone", false});
  }
  die();
}

void WsConnection::tell_closed() {
  if (handler_) {
    // Gone before the call, so that nothing calls back after it.
    const std::unique_ptr<ConnectionHandler> handler = std::move(handler_);
    handler->on_close(*end_);
  }
}

void WsConnection::die() {
  if (std::exchange(removed_, true)) {
    return;
  }
  const auto self = shared_from_this();
  state_ = State::kDead;
  stream_.close();
  deadline_.reset();
  tell_closed();
  host_.remove(*this);
}

std::size_t WsConnection::held_bytes() const { return output_.held_bytes() + pong_.size(); }

std::optional<TimePoint> WsConnection::stalled_since() const {
  return output_.waiting() ? std::optional<TimePoint>(output_.stalled_since()) : std::nullopt;
}

std::optional<TimePoint> WsConnection::silent_since() const {
  return paused_ || output_.waiting() ? std::nullopt : std::optional<TimePoint>(received_at_);
}

}  // namespace ticker::net
