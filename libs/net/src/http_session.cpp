#include "http_session.hpp"

#include <algorithm>
#include <utility>

#include "ws_connection.hpp"

namespace ticker::net {
namespace {

// Requests are small; what comes behind one waits in memory, so little is taken at a time.
constexpr std::size_t kReadBytes = 4096;

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

class HttpResponder::Exchange {
 public:
  Exchange(std::weak_ptr<HttpSession> session, std::uint64_t request)
      : session_(std::move(session)), request_(request) {}
  ~Exchange() { respond(json_error(500, "internal", "no answer")); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void respond(HttpResponse response) {
    if (const auto session = std::exchange(session_, {}).lock()) {
      session->answer(request_, std::move(response));
    }
  }

 private:
  std::weak_ptr<HttpSession> session_;
  const std::uint64_t request_;
};

void HttpResponder::respond(HttpResponse response) const {
  exchange_->respond(std::move(response));
}

HttpSession::HttpSession(SessionHost& host, int fd, const Address& peer)
    : host_(host),
      peer_(peer),
      stream_(host.loop, fd, this),
      deadline_(host.loop, [this] { on_deadline(); }) {}

void HttpSession::start(std::optional<HttpResponse> refusal) {
  refusal_ = std::move(refusal);
  if (host_.options.tls) {
    stream_.set_tls(Tls::server(*host_.options.tls));
    state_ = State::kSecuring;
  }
  request_begun_ = true;
  deadline_.start(host_.options.handshake_timeout);
  stream_.want_read();
}

void HttpSession::on_fd_readable() {
  const auto self = shared_from_this();
  if (state_ == State::kDraining) {
    discard_input();
    return;
  }
  if ((state_ == State::kSecuring && !secure()) || state_ != State::kReading) {
    return;
  }
  char* buffer = read_buffer(host_.loop).data;
  const Io io = stream_.receive(buffer, kReadBytes);
  if (io.status == Io::kEnd || io.status == Io::kFailed) {
    die();
    return;
  }
  if (stream_.waiting() > 0) {
    stream_.want_write();  // for what TLS answers by itself
  }
  unread_.assign(buffer, io.bytes);
  go_on();
}

void HttpSession::on_fd_writable() {
  const auto self = shared_from_this();
  if (state_ == State::kAnswering) {
    send_answer();
    go_on();
  } else if (state_ == State::kSecuring || state_ == State::kReading) {
    const Io sent = stream_.flush();
    if (sent.status == Io::kBlocked) {
      stream_.want_write();
    } else if (sent.status == Io::kFailed) {
      die();
    }
  }
}

bool HttpSession::secure() {
  const Io received = stream_.receive_for_tls();
  if (received.status == Io::kEnd || received.status == Io::kFailed) {
    die();
    return false;
  }
  const Tls::Handshake outcome = stream_.tls()->handshake();
  const Io sent = stream_.flush();  // an alert too
  if (outcome == Tls::Handshake::kFailed || sent.status == Io::kFailed) {
    host_.handler.on_tls_failure();
    die();
    return false;
  }
  if (sent.status == Io::kBlocked) {
    stream_.want_write();
  }
  if (outcome == Tls::Handshake::kGoesOn) {
    stream_.want_read();
    return false;
  }
  state_ = State::kReading;
  return true;
}

// Takes requests from what was received until one waits for its answer or more must be read.
void HttpSession::go_on() {
  if (std::exchange(going_on_, true)) {
    return;
  }
  while (state_ == State::kReading && !unread_.empty()) {
    read_request();
  }
  going_on_ = false;
  if (state_ == State::kReading) {
    stream_.want_read();
  }
}

void HttpSession::read_request() {
  if (!std::exchange(request_begun_, true)) {
    deadline_.start(host_.options.handshake_timeout);
  }
  std::size_t consumed = 0;
  const RequestReader::State outcome = reader_.read(unread_.data(), unread_.size(), consumed);
  unread_.erase(0, consumed);
  if (outcome == RequestReader::State::kMore) {
    return;
  }
  state_ = State::kWaiting;
  ++request_number_;
  if (outcome == RequestReader::State::kRefused) {
    unread_.clear();
    close_after_ = true;
    refuse({}, reader_.refusal());
  } else {
    dispatch();
  }
}

void HttpSession::dispatch() {
  const HttpRequest request = reader_.request(peer_);
  close_after_ = !reader_.keep_alive() || refusal_;
  is_head_ = request.method == "HEAD";
  // Nothing is due from the peer now; an answer that never comes is the owner's matter.
  deadline_.cancel();
  if (refusal_) {
    refuse(request.path, *refusal_);
  } else if (reader_.is_upgrade()) {
    upgrade(request);
  } else {
    host_.handler.on_http_request(request, HttpResponder(std::make_shared<HttpResponder::Exchange>(
                                               weak_from_this(), request_number_)));
  }
}

void HttpSession::upgrade(const HttpRequest& request) {
  close_after_ = true;
  if (auto wrong = reader_.check_upgrade()) {
    refuse(request.path, std::move(*wrong));
    return;
  }
  UpgradeDecision decision = host_.handler.on_upgrade(request, reader_.subprotocols());
  if (!decision.handler) {
    answer(request_number_, std::move(decision.refusal));
    return;
  }
  state_ = State::kGone;
  const auto connection =
      std::make_shared<WsConnection>(host_, std::move(stream_), peer_, std::move(decision.handler));
  host_.replace(*this, connection);
  connection->start(reader_.accept_upgrade(decision.subprotocol), std::move(unread_));
}

void HttpSession::refuse(std::string_view path, HttpResponse response) {
  host_.handler.on_refused_request(path, response.status);
  answer(request_number_, std::move(response));
}

void HttpSession::answer(std::uint64_t request, HttpResponse response) {
  if (state_ != State::kWaiting || request != request_number_) {
    return;
  }
  const auto self = shared_from_this();
  close_after_ = close_after_ || !host_.accepting;
  const bool with_body = has_body(response.status);
  const std::size_t size = response.body ? response.body->size() : 0;
  head_ = response_head(response, with_body ? std::optional<std::size_t>(size) : std::nullopt,
                        close_after_);
  body_ = with_body && !is_head_ && size > 0 ? std::move(response.body) : nullptr;
  answer_sent_ = 0;
  state_ = State::kAnswering;
  deadline_.start(host_.options.http_idle_timeout);
  send_answer();
  go_on();
}

void HttpSession::send_answer() {
  for (;;) {
    const std::size_t total = head_.size() + (body_ ? body_->size() : 0);
    if (answer_sent_ == total && stream_.waiting() == 0) {
      answered();
      return;
    }
    iovec slices[2];
    std::size_t count = 0;
    if (answer_sent_ < head_.size()) {
      slices[count++] = {head_.data() + answer_sent_, head_.size() - answer_sent_};
    }
    if (body_) {
      const std::size_t offset = answer_sent_ - std::min(answer_sent_, head_.size());
      slices[count++] = {const_cast<char*>(body_->data()) + offset, body_->size() - offset};
    }
    const Io io = answer_sent_ < total ? stream_.send(slices, count) : stream_.flush();
    answer_sent_ += io.bytes;
    if (io.status == Io::kBlocked) {
      stream_.want_write();
      return;
    }
    if (io.status != Io::kOk) {
      die();
      return;
    }
    deadline_.start(host_.options.http_idle_timeout);
  }
}

void HttpSession::answered() {
  std::string().swap(head_);
  body_.reset();
  if (close_after_) {
    drain();
    return;
  }
  reader_.reset();
  request_begun_ = false;
  is_head_ = false;
  state_ = State::kReading;
  deadline_.start(host_.options.http_idle_timeout);
}

// A close with bytes unread makes the kernel send a reset, which can take the answer away from the
// peer.
void HttpSession::drain() {
  state_ = State::kDraining;
  stream_.finish_output();
  deadline_.start(host_.options.close_linger);
  stream_.want_read();
}

void HttpSession::discard_input() {
  const ReadBuffer buffer = read_buffer(host_.loop);
  const Io io = stream_.receive(buffer.data, buffer.size);
  if (io.status == Io::kOk || io.status == Io::kBlocked) {
    stream_.want_read();
  } else {
    die();
  }
}

void HttpSession::on_deadline() {
  if (state_ == State::kSecuring || (state_ == State::kReading && request_begun_)) {
    host_.handler.on_handshake_timeout();
  }
  die();
}

void HttpSession::cut() { die(); }

void HttpSession::die() {
  if (std::exchange(state_, State::kGone) == State::kGone) {
    return;
  }
  const auto self = shared_from_this();
  deadline_.cancel();
  stream_.close();
  host_.remove(*this);
}

}  // namespace ticker::net
