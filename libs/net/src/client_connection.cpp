#include "client_connection.hpp"

#include <utility>

#include "sockets.hpp"

namespace ticker::net {
namespace {

using Cause = ClientClose::Cause;

constexpr std::size_t kMaxControlPayload = 125;
// Control frames may exceed the queue's limit by this much: an answer to a ping must not fail for a
// full queue.
constexpr std::size_t kControlReserve = 4096;
// Reads before other sockets of the loop have their turn.
constexpr int kReadsAtOnce = 16;

}  // namespace

WebSocketClient::Impl::Impl(EventLoop& loop, ClientHandler& handler, ClientOptions options)
    : loop_(loop),
      options_(std::move(options)),
      handler_(&handler),
      deadline_(loop, [this] { timed_out(); }),
      rest_(loop, [this] { on_fd_readable(); }),
      codec_(WsCodec::Role::kClient, options_.max_message_bytes) {}

std::optional<Error> WebSocketClient::Impl::connect(const std::string& url) {
  if (auto error = parse_url(url, url_)) {
    return error;
  }
  phase_ = Phase::kDialing;
  dialer_ = std::make_unique<Dialer>(
      loop_, url_, options_,
      [this](Stream stream) {
        const auto self = shared_from_this();
        start_upgrade(std::move(stream));
      },
      [this](Cause cause, std::string text) {
        const auto self = shared_from_this();
        end(cause, std::move(text));
      });
  return std::nullopt;
}

void WebSocketClient::Impl::start_upgrade(Stream stream) {
  dialer_.reset();
  stream_ = std::move(stream);
  stream_.set_events(this);
  phase_ = Phase::kUpgrading;
  deadline_.start(options_.handshake_timeout);
  handshake_ = std::make_unique<ClientHandshake>();
  out_ = handshake_->request(url_, options_.subprotocols, options_.headers);
  stream_.want_read();
  flush();
}

void WebSocketClient::Impl::on_fd_writable() { flush(); }

void WebSocketClient::Impl::on_fd_readable() {
  const auto self = shared_from_this();
  if (phase_ != Phase::kDone) {
    read_some();
  }
}

void WebSocketClient::Impl::on_fd_failed(int error) {
  const auto self = shared_from_this();
  lost(errno_text(error));
}

void WebSocketClient::Impl::read_some() {
  for (int i = 0; i < kReadsAtOnce && phase_ != Phase::kDone; ++i) {
    if (paused_ && phase_ == Phase::kOpen) {
      return;
    }
    const ReadBuffer buffer = read_buffer(loop_);
    const Io io = stream_.receive(buffer.data, buffer.size);
    if (io.status == Io::kBlocked) {
      await_more(i > 0);
      return;
    }
    if (io.status != Io::kOk) {
      const std::string what = io.status == Io::kEnd ? "the stream ended"
                               : io.error != 0       ? errno_text(io.error)
                                                     : "TLS broke";
      lost(what);
      return;
    }
    if (phase_ == Phase::kUpgrading) {
      read_upgrade(buffer.data, io.bytes);
    } else {
      consume(buffer.data, io.bytes);
    }
  }
  // The rest after the others; not by the socket's readiness, for TLS may hold bytes that the
  // socket does not show.
  loop_.post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) {
      self->on_fd_readable();
    }
  });
}

void WebSocketClient::Impl::lost(const std::string& what) {
  const bool upgrading = phase_ == Phase::kUpgrading;
  end(upgrading          ? Cause::kHandshake
      : close_code_ != 0 ? Cause::kByUs
                         : Cause::kLost,
      where() + ": " + what + (upgrading ? " during the handshake" : " without a close frame"));
}

void WebSocketClient::Impl::await_more(bool has_read) {
  const auto pause = has_read && phase_ == Phase::kOpen ? handler_->read_pause()
                                                        : std::chrono::nanoseconds(0);
  if (pause.count() > 0) {
    const TimePoint now = std::chrono::steady_clock::now();
    // A rest ends a little late: of what keeps coming, the reads are a little more than it apart.
    if (const auto before = std::exchange(read_at_, now); before && now - *before < 2 * pause) {
      rest_.start_at(now + pause);
      return;
    }
  }
  stream_.want_read();
}

void WebSocketClient::Impl::read_upgrade(char* data, std::size_t size) {
  std::size_t consumed = 0;
  const ClientHandshake::State state = handshake_->read(data, size, consumed);
  if (state == ClientHandshake::State::kRefused) {
    end(Cause::kHandshake, where() + ": " + handshake_->failure());
  } else if (state == ClientHandshake::State::kOpen) {
    deadline_.cancel();
    phase_ = Phase::kOpen;
    const std::string subprotocol = handshake_->subprotocol();
    handshake_.reset();
    handler_->on_open(subprotocol);
    if (consumed < size) {
      consume(data + consumed, size - consumed);
    }
  }
}

void WebSocketClient::Impl::consume(char* data, std::size_t size) {
  while (size > 0 && (phase_ == Phase::kOpen || phase_ == Phase::kClosing)) {
    const WsCodec::Step step = codec_.read(data, size);
    data += step.consumed;
    size -= step.consumed;
    partial_message_at_.reset();
    if (step.event == WsCodec::Event::kNone) {
      partial_message_at_ = std::chrono::steady_clock::now();
    }
    handle(step);
  }
  codec_.release();
}

void WebSocketClient::Impl::handle(const WsCodec::Step& step) {
  const bool open = phase_ == Phase::kOpen;
  switch (step.event) {
    case WsCodec::Event::kText:
    case WsCodec::Event::kBinary:
      if (open) {
        const MessageKind kind =
            step.event == WsCodec::Event::kText ? MessageKind::kText : MessageKind::kBinary;
        handler_->on_message(kind, codec_.payload().data(), codec_.payload().size());
      }
      break;
    case WsCodec::Event::kPing:
      if (open) {
        queue(WsCodec::Opcode::kPong, codec_.payload(),
              options_.max_queued_bytes + kControlReserve);
        handler_->on_ping(codec_.payload());
      }
      break;
    case WsCodec::Event::kPong:
      if (open) {
        handler_->on_pong(codec_.payload());
      }
      break;
    case WsCodec::Event::kClose:
      handle_close(step);
      break;
    case WsCodec::Event::kError:
      queue(WsCodec::Opcode::kClose, WsCodec::close_payload(step.code, step.text),
            out_.size() + kControlReserve);
      end(Cause::kProtocol, where() + ": " + step.text, step.code);
      break;
    case WsCodec::Event::kNone:
      break;
  }
}

void WebSocketClient::Impl::handle_close(const WsCodec::Step& step) {
  if (phase_ == Phase::kClosing) {
    end(Cause::kByUs, close_reason_, close_code_);
    return;
  }
  queue(WsCodec::Opcode::kClose, WsCodec::close_payload(step.code, {}),
        out_.size() + kControlReserve);
  end(Cause::kByPeer,
      where() + " closed with " + std::to_string(step.code) +
          (step.text.empty() ? "" : ": " + step.text),
      step.code);
}

bool WebSocketClient::Impl::queue(WsCodec::Opcode opcode, std::string_view payload,
                                  std::size_t limit) {
  if (phase_ != Phase::kOpen && phase_ != Phase::kClosing) {
    return false;
  }
  const std::string frame = codec_.frame(opcode, payload);
  if (frame.empty() || out_.size() + stream_.waiting() + frame.size() > limit) {
    return false;
  }
  const bool idle = out_.empty() && stream_.waiting() == 0;
  out_ += frame;
  if (idle) {
    flush();
  }
  return true;
}

void WebSocketClient::Impl::flush() {
  Io io = stream_.flush();
  std::size_t gone = 0;
  while (io.status == Io::kOk && gone < out_.size()) {
    const iovec slice{out_.data() + gone, out_.size() - gone};
    io = stream_.send(&slice, 1);
    gone += io.bytes;
  }
  out_.erase(0, gone);
  // A failure shows when reading, with what the peer may have said before it.
  if (io.status == Io::kBlocked || (io.status == Io::kOk && stream_.waiting() > 0)) {
    stream_.want_write();
  }
}

bool WebSocketClient::Impl::send_text(std::string_view text) {
  return phase_ == Phase::kOpen && queue(WsCodec::Opcode::kText, text, options_.max_queued_bytes);
}

bool WebSocketClient::Impl::send_ping(std::string_view payload) {
  return phase_ == Phase::kOpen && payload.size() <= kMaxControlPayload &&
         queue(WsCodec::Opcode::kPing, payload, options_.max_queued_bytes + kControlReserve);
}

void WebSocketClient::Impl::close(std::uint16_t code, std::string_view reason) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kDone || phase_ == Phase::kIdle) {
    return;
  }
  const bool open = phase_ == Phase::kOpen;
  close_code_ = code;
  close_reason_ = reason;
  phase_ = Phase::kClosing;
  if (open) {
    queue(WsCodec::Opcode::kClose, WsCodec::close_payload(code, reason),
          out_.size() + kControlReserve);
  }
  // Without a connection there is nothing to wait for, but no callback comes inside the call.
  deadline_.start(open ? options_.close_timeout : std::chrono::milliseconds(0));
  resume_reading();
  if (!open) {
    dialer_.reset();
    stream_.close();
  }
}

void WebSocketClient::Impl::resume_reading() {
  if (std::exchange(paused_, false)) {
    loop_.post([weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->on_fd_readable();
      }
    });
  }
}

std::size_t WebSocketClient::Impl::queued_bytes() const { return out_.size() + stream_.waiting(); }

void WebSocketClient::Impl::timed_out() {
  const auto self = shared_from_this();
  if (phase_ == Phase::kUpgrading) {
    end(Cause::kHandshake, where() + ": the WebSocket handshake timed out");
  } else {
    end(Cause::kByUs, close_reason_, close_code_);
  }
}

void WebSocketClient::Impl::end(Cause cause, std::string text, std::uint16_t code) {
  if (phase_ == Phase::kDone) {
    return;
  }
  ClientClose close;
  close.cause = cause;
  close.code = code;
  close.text = std::move(text);
  if (handshake_) {
    close.http_status = handshake_->status();
    close.retry_after = handshake_->retry_after();
  }
  abandon_socket();
  if (ClientHandler* const handler = std::exchange(handler_, nullptr)) {
    handler->on_close(close);
  }
}

void WebSocketClient::Impl::abandon_socket() {
  phase_ = Phase::kDone;
  deadline_.cancel();
  rest_.cancel();
  dialer_.reset();
  if (stream_.fd() >= 0) {
    stream_.finish_output();
    stream_.close();
  }
}

void WebSocketClient::Impl::abandon() {
  handler_ = nullptr;
  abandon_socket();
}

WebSocketClient::WebSocketClient(EventLoop& loop, ClientHandler& handler, ClientOptions options)
    : impl_(std::make_shared<Impl>(loop, handler, std::move(options))) {}

WebSocketClient::~WebSocketClient() { impl_->abandon(); }

std::optional<Error> WebSocketClient::connect(const std::string& url) {
  return impl_->connect(url);
}
bool WebSocketClient::send_text(std::string_view text) { return impl_->send_text(text); }
bool WebSocketClient::send_ping(std::string_view payload) { return impl_->send_ping(payload); }
void WebSocketClient::close(std::uint16_t code, std::string_view reason) {
  impl_->close(code, reason);
}
void WebSocketClient::pause_reading() { impl_->pause_reading(); }
void WebSocketClient::resume_reading() { impl_->resume_reading(); }
std::optional<TimePoint> WebSocketClient::partial_message_at() const {
  return impl_->partial_message_at();
}
std::size_t WebSocketClient::queued_bytes() const { return impl_->queued_bytes(); }

}  // namespace ticker::net
