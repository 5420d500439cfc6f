#include <ticker/net/server.hpp>

#include <sys/socket.h>

#include <unordered_map>
#include <utility>

#include "acceptor.hpp"
#include "http_session.hpp"
#include "session.hpp"
#include "sockets.hpp"
#include "ws_connection.hpp"

namespace ticker::net {

UpgradeDecision UpgradeDecision::accept(std::unique_ptr<ConnectionHandler> handler,
                                        std::string subprotocol) {
  return {std::move(handler), std::move(subprotocol), {}};
}

UpgradeDecision UpgradeDecision::refuse(HttpResponse response) {
  return {nullptr, {}, std::move(response)};
}

UpgradeDecision ServerHandler::on_upgrade(const HttpRequest&, const std::vector<std::string>&) {
  return UpgradeDecision::refuse(json_error(404, "bad_request", "no WebSocket here"));
}

class Server::Impl final : public SessionHost {
 public:
  Impl(EventLoop& event_loop, ServerHandler& server_handler, ServerOptions server_options)
      : SessionHost(event_loop, server_handler, std::move(server_options)) {
    if (options.io_uring) {
      ring_refusal = ring.open().value_or("");
    }
  }
  ~Impl();

  std::optional<Error> listen();
  void adopt(int fd, const Address& peer);
  void end_batch();

  void remove(Session& session) override;
  void replace(Session& old, std::shared_ptr<Session> upgraded) override;
  void call_after_batch(std::weak_ptr<WsConnection> connection) override;

  std::unique_ptr<Acceptor> acceptor;
  std::string ring_refusal;
  std::uint16_t port = 0;
  std::uint32_t last_batch = 0;
  std::size_t admitted = 0;

 private:
  // The peer of an admitted session, to give its place back.
  struct Entry {
    std::shared_ptr<Session> session;
    std::optional<Address> admitted_peer;
  };

  void take(int fd, const Address& peer);
  HttpSession& add(int fd, const Address& peer, bool is_admitted);

  std::unordered_map<Session*, Entry> sessions_;
  std::vector<std::weak_ptr<WsConnection>> after_batch_;
};

Server::Impl::~Impl() {
  acceptor.reset();
  while (!sessions_.empty()) {
    // By value: cut() removes it.
    const std::shared_ptr<Session> session = sessions_.begin()->second.session;
    session->cut();
  }
}

std::optional<Error> Server::Impl::listen() {
  const BoundSocket bound = bind_listener(options.host, options.port, options.reuse_port);
  if (bound.fd < 0) {
    return bound.error;
  }
  port = bound.port;
  acceptor = std::make_unique<Acceptor>(
      loop, bound.fd, [this](int fd, const Address& peer) { take(fd, peer); },
      [this](int fd) {
        refuse_socket(fd, options.tls != nullptr);
        handler.on_out_of_descriptors();
      });
  return std::nullopt;
}

void Server::Impl::take(int fd, const Address& peer) {
  const Admission admission = handler.admit(peer);
  if (admission == Admission::kAdmit) {
    if (!handler.hand_on(fd, peer)) {
      adopt(fd, peer);
    }
  } else if ((admission == Admission::kTooOften && options.tls) ||
             sessions_.size() - admitted >= options.refused_at_once) {
    refuse_socket(fd, options.tls != nullptr);
  } else if (admission == Admission::kTooMany) {
    add(fd, peer, false).start(json_error(503, "limit_reached", "too many connections"));
  } else {
    add(fd, peer, false)
        .start(admission == Admission::kTooOften
                   ? json_error(429, "rate_limited", "this address connects too often")
                   : json_error(429, "limit_reached", "too many connections from this address"));
  }
}

void Server::Impl::adopt(int fd, const Address& peer) {
  ++admitted;
  add(fd, peer, true).start(std::nullopt);
}

HttpSession& Server::Impl::add(int fd, const Address& peer, bool is_admitted) {
  if (options.send_buffer_bytes > 0) {
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &options.send_buffer_bytes,
               sizeof options.send_buffer_bytes);
  }
  const auto session = std::make_shared<HttpSession>(*this, fd, peer);
  sessions_.emplace(session.get(),
                    Entry{session, is_admitted ? std::optional<Address>(peer) : std::nullopt});
  return *session;
}

void Server::Impl::remove(Session& session) {
  const auto found = sessions_.find(&session);
  const std::optional<Address> peer = found->second.admitted_peer;
  sessions_.erase(found);
  if (peer) {
    --admitted;
    handler.on_disconnect(*peer);
  }
}

void Server::Impl::replace(Session& old, std::shared_ptr<Session> upgraded) {
  const auto found = sessions_.find(&old);
  Entry entry{upgraded, found->second.admitted_peer};
  sessions_.erase(found);
  sessions_.emplace(upgraded.get(), std::move(entry));
}

void Server::Impl::call_after_batch(std::weak_ptr<WsConnection> connection) {
  after_batch_.push_back(std::move(connection));
}

void Server::Impl::end_batch() {
  batch = 0;
  ring.flush();
  if (const int error = ring.take_failure(); error != 0) {
    handler.on_io_uring_lost("io_uring_enter: " + errno_text(error));
  }
  for (std::weak_ptr<WsConnection>& waiting : std::exchange(after_batch_, {})) {
    loop.post([waiting = std::move(waiting)] {
      if (const auto connection = waiting.lock()) {
        connection->after_batch();
      }
    });
  }
}

Server::Server(EventLoop& loop, ServerHandler& handler, ServerOptions options)
    : impl_(std::make_unique<Impl>(loop, handler, std::move(options))) {}

Server::~Server() = default;

std::optional<Error> Server::listen() { return impl_->listen(); }

std::uint16_t Server::port() const { return impl_->port; }

void Server::stop_listening() {
  impl_->accepting = false;
  impl_->acceptor.reset();
}

void Server::set_limits(std::size_t max_message_bytes,
                        std::chrono::milliseconds handshake_timeout) {
  impl_->options.max_message_bytes = max_message_bytes;
  impl_->options.handshake_timeout = handshake_timeout;
}

void Server::set_tls(std::shared_ptr<const ServerTls> tls) { impl_->options.tls = std::move(tls); }

void Server::adopt(int fd, const Address& peer) { impl_->adopt(fd, peer); }

void Server::begin_batch() { impl_->batch = ++impl_->last_batch; }

void Server::end_batch() { impl_->end_batch(); }

WritePath Server::write_path() const {
  return impl_->ring.working() ? WritePath::kIoUring : WritePath::kSendmsg;
}

const std::string& Server::io_uring_refusal() const { return impl_->ring_refusal; }

std::size_t Server::connections() const { return impl_->admitted; }

}  // namespace ticker::net
