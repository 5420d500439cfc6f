// How a WebSocket of the server's ends.
#include "ws_connection.hpp"

#include <sys/socket.h>

#include <utility>

#include "sockets.hpp"

namespace ticker::net {
namespace {

constexpr std::uint16_t kLost = 1006;

}  // namespace

void WsConnection::close(std::uint16_t code, std::string_view reason) {
  settle();
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
  send_held_back();
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

void WsConnection::reset() {
  if (state_ != State::kDead) {
    const linger at_once{1, 0};
    setsockopt(stream_.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  abort();
}

// The socket is of no more use. The owner hears of it outside its own calls.
void WsConnection::fail(std::string reason, bool by_peer) {
  settle();
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

void WsConnection::on_fd_failed(int error) { fail(errno_text(error), false); }

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
  settle();
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

}  // namespace ticker::net
