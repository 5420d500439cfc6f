#include "client_connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sockets.hpp"

namespace ticker::net {
namespace {

using Cause = ClientClose::Cause;

constexpr std::size_t kMaxControlPayload = 125;
// Control frames may exceed the queue's limit by this much: an answer to a ping must not fail for a full queue.
constexpr std::size_t kControlReserve = 4096;
// Reads before other sockets of the loop have their turn.
constexpr int kReadsAtOnce = 16;

}  // namespace

WebSocketClient::Impl::Impl(EventLoop& loop, ClientHandler& handler, ClientOptions options)
    : loop_(loop),
      options_(std::move(options)),
      handler_(&handler),
      deadline_(loop, [this] { timed_out(); }),
      codec_(WsCodec::Role::kClient, options_.max_message_bytes) {}

std::optional<Error> WebSocketClient::Impl::connect(const std::string& url) {
  if (auto error = parse_url(url, url_)) {
    return error;
  }
  phase_ = Phase::kResolving;
  connect_until_ = std::chrono::steady_clock::now() + options_.connect_timeout;
  deadline_.start_at(connect_until_);
  resolver_ = std::make_unique<Resolver>(loop_, url_.host, url_.port, [this](Resolved resolved) {
    const auto self = shared_from_this();
    addresses_ = std::move(resolved.addresses);
    if (addresses_.empty()) {
      end(Cause::kResolve, "cannot resolve host \"" + url_.host + "\": " + resolved.error);
    } else {
      connect_next();
    }
  });
  return std::nullopt;
}

// Tries the next address; each gets an equal share of the time that is left.
void WebSocketClient::Impl::connect_next() {
  phase_ = Phase::kConnecting;
  while (next_address_ < addresses_.size()) {
    const sockaddr_storage& address = addresses_[next_address_++];
    const int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const int result = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), address_size(address));
      if (result == 0 || errno == EINPROGRESS) {
        const auto now = std::chrono::steady_clock::now();
        const auto left = std::max(connect_until_ - now, TimePoint::duration::zero());
        deadline_.start(left / static_cast<long>(addresses_.size() - next_address_ + 1));
        stream_ = Stream(loop_, fd, this);
        stream_.want_write();
        return;
      }
    }
    connect_error_ = errno_text(errno);
    if (fd >= 0) {
      ::close(fd);
    }
  }
  end(Cause::kConnect, "cannot connect to " + where() + ": " + connect_error_);
}

void WebSocketClient::Impl::on_fd_writable() {
  const auto self = shared_from_this();
  if (phase_ == Phase::kConnecting) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(stream_.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0) {
      connected();
    } else {
      connect_error_ = errno_text(error);
      stream_.close();
      connect_next();
    }
  } else if (phase_ == Phase::kTls) {
    go_on_with_tls();
  } else {
    flush();
  }
}

void WebSocketClient::Impl::connected() {
  deadline_.start(options_.handshake_timeout);
  if (!url_.secure) {
    start_upgrade();
    return;
  }
  Error error;
  auto tls = Tls::client(url_.host, url_.host_is_address(), options_.ca_file, error);
  if (!tls) {
    end(Cause::kTls, error.message);
    return;
  }
  stream_.set_tls(std::move(tls));
  phase_ = Phase::kTls;
  go_on_with_tls();
}

void WebSocketClient::Impl::go_on_with_tls() {
  for (;;) {
    const Tls::Handshake step = stream_.tls()->handshake();
    const Io out = stream_.flush();  // also the alert that tells the peer why
    if (step == Tls::Handshake::kFailed) {
      end(Cause::kTls, where() + ": " + stream_.tls()->failure());
      return;
    }
    if (out.status == Io::kBlocked) {
      stream_.want_write();
      return;
    }
    if (step == Tls::Handshake::kDone) {
      start_upgrade();
      return;
    }
    const Io in = out.status == Io::kOk ? stream_.receive_for_tls() : out;
    if (in.status == Io::kBlocked) {
      stream_.want_read();
      return;
    }
    if (in.status != Io::kOk) {
      end(Cause::kTls, where() + ": the connection ended during the TLS handshake");
      return;
    }
  }
}

void WebSocketClient::Impl::start_upgrade() {
  phase_ = Phase::kUpgrading;
  handshake_ = std::make_unique<ClientHandshake>();
  out_ = handshake_->request(url_, options_.subprotocols, options_.headers);
  stream_.want_read();
  flush();
}

void WebSocketClient::Impl::on_fd_readable() {
  const auto self = shared_from_this();
  if (phase_ == Phase::kTls) {
    go_on_with_tls();
  } else if (phase_ != Phase::kDone) {
    read_some();
  }
}

void WebSocketClient::Impl::read_some() {
  for (int i = 0; i < kReadsAtOnce && phase_ != Phase::kDone; ++i) {
    if (paused_ && phase_ == Phase::kOpen) {
      return;
    }
    const ReadBuffer buffer = read_buffer(loop_);
    const Io io = stream_.receive(buffer.data, buffer.size);
    if (io.status == Io::kBlocked) {
      stream_.want_read();
      return;
    }
    if (io.status != Io::kOk) {
      const std::string what = io.status == Io::kEnd ? "the stream ended" : io.error != 0 ? errno_text(io.error) : "TLS broke";
      const bool upgrading = phase_ == Phase::kUpgrading;
      end(upgrading ? Cause::kHandshake : close_code_ != 0 ? Cause::kByUs : Cause::kLost,
          where() + ": " + what + (upgrading ? " during the handshake" : " without a close frame"));
      return;
    }
    if (phase_ == Phase::kUpgrading) {
      read_upgrade(buffer.data, io.bytes);
    } else {
      consume(buffer.data, io.bytes);
    }
  }
  // The rest after the others; not by the socket's readiness, for TLS may hold bytes that the socket does not show.
  loop_.post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) {
      self->on_fd_readable();
    }
  });
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
        const MessageKind kind = step.event == WsCodec::Event::kText ? MessageKind::kText : MessageKind::kBinary;
        handler_->on_message(kind, codec_.payload().data(), codec_.payload().size());
      }
      break;
    case WsCodec::Event::kPing:
      if (open) {
        queue(WsCodec::Opcode::kPong, codec_.payload(), options_.max_queued_bytes + kControlReserve);
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
      queue(WsCodec::Opcode::kClose, WsCodec::close_payload(step.code, step.text), out_.size() + kControlReserve);
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
  queue(WsCodec::Opcode::kClose, WsCodec::close_payload(step.code, {}), out_.size() + kControlReserve);
  end(Cause::kByPeer, where() + " closed with " + std::to_string(step.code) + (step.text.empty() ? "" : ": " + step.text),
      step.code);
}

bool WebSocketClient::Impl::queue(WsCodec::Opcode opcode, std::string_view payload, std::size_t limit) {
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
    queue(WsCodec::Opcode::kClose, WsCodec::close_payload(code, reason), out_.size() + kControlReserve);
  }
  // Without a connection there is nothing to wait for, but no callback comes inside the call.
  deadline_.start(open ? options_.close_timeout : std::chrono::milliseconds(0));
  resume_reading();
  if (!open) {
    resolver_.reset();
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
  switch (phase_) {
    case Phase::kConnecting:
      stream_.close();
      connect_error_ = "timed out";
      connect_next();
      break;
    case Phase::kResolving:
      end(Cause::kResolve, "cannot resolve host \"" + url_.host + "\": timed out");
      break;
    case Phase::kTls:
      end(Cause::kTls, where() + ": the TLS handshake timed out");
      break;
    case Phase::kUpgrading:
      end(Cause::kHandshake, where() + ": the WebSocket handshake timed out");
      break;
    default:
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
  resolver_.reset();
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

std::optional<Error> WebSocketClient::connect(const std::string& url) { return impl_->connect(url); }
bool WebSocketClient::send_text(std::string_view text) { return impl_->send_text(text); }
bool WebSocketClient::send_ping(std::string_view payload) { return impl_->send_ping(payload); }
void WebSocketClient::close(std::uint16_t code, std::string_view reason) { impl_->close(code, reason); }
void WebSocketClient::pause_reading() { impl_->pause_reading(); }
void WebSocketClient::resume_reading() { impl_->resume_reading(); }
std::size_t WebSocketClient::queued_bytes() const { return impl_->queued_bytes(); }

}  // namespace ticker::net
