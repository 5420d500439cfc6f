#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ticker/net/connection.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/net/http.hpp>
#include <ticker/net/server_tls.hpp>

namespace ticker::net {

struct ServerOptions {
  std::string host = "127.0.0.1";  // numeric address or a name of this machine; "::" takes IPv4 too
  std::uint16_t port = 0;          // 0: the system chooses, see Server::port()
  bool reuse_port = false;         // several servers (one a shard) on one port; see probe_bind()
  std::size_t max_message_bytes =
      65536;  // of a received message; more is closed with 1009 by its header
  std::chrono::milliseconds handshake_timeout{
      5000};  // from accept, or a request's first byte, to its last
  std::chrono::milliseconds http_idle_timeout{
      60000};  // between requests, and without progress of an answer
  std::chrono::milliseconds close_timeout{5000};  // for the peer's answer to a close
  std::chrono::milliseconds close_linger{
      1000};                  // for the peer's end of stream after the last byte was sent
  std::size_t refused_at_once = 64;  // connections not admitted that are told so properly, each
                                     // holding a descriptor meanwhile; more get a 503, or TLS's alert
  int send_buffer_bytes = 0;  // SO_SNDBUF of accepted sockets; 0 leaves the system's
  std::shared_ptr<const ServerTls> tls;  // null: connections are not encrypted
  bool io_uring = false;  // batches go through io_uring where the kernel lets them: a tenth less
                          // time a short frame; see write_path()
};

// How the writes of a batch reach the kernel; what arrives is the same.
enum class WritePath {
  kSendmsg,  // a system call each
  kIoUring,  // one for many
};

enum class Admission {
  kAdmit,
  kTooMany,             // answered 503
  kTooManyFromAddress,  // answered 429
  kTooOften,            // answered 429; by an alert where TLS would have to be spoken first
};

// The answer to a WebSocket handshake.
struct UpgradeDecision {
  std::unique_ptr<ConnectionHandler> handler;  // null: refused
  std::string subprotocol;                     // one of those offered, or empty
  HttpResponse refusal;

  static UpgradeDecision accept(std::unique_ptr<ConnectionHandler> handler,
                                std::string subprotocol = {});
  static UpgradeDecision refuse(HttpResponse response);
};

// The owner's side of a server. All calls on the loop thread, with arguments valid during the call;
// it must outlive the server. The server must not be destroyed in any of them, nor in those of a
// ConnectionHandler.
class ServerHandler {
 public:
  virtual ~ServerHandler() = default;

  // A TCP connection was accepted. Each kAdmit is followed by one on_disconnect(), when its
  // descriptor is closed.
  virtual Admission admit(const Address& /*peer*/) { return Admission::kAdmit; }
  virtual void on_disconnect(const Address& /*peer*/) {}
  // An admitted connection, nothing of it read yet. True: `fd` is the owner's now, for the adopt()
  // of another server, whose handler gets the on_disconnect().
  virtual bool hand_on(int /*fd*/, const Address& /*peer*/) { return false; }
  // Any other request that could be read; `responder` may be kept and answered later.
  virtual void on_http_request(const HttpRequest& request, HttpResponder responder) = 0;
  // A handshake that is right by RFC 6455 (others were answered 400, 405 or 426). `subprotocols`:
  // as offered, in order. By default refused with 404.
  virtual UpgradeDecision on_upgrade(const HttpRequest& request,
                                     const std::vector<std::string>& subprotocols);
  // The server itself turned a request away: what is none (`path` is empty), a handshake that is
  // not right by RFC 6455, anything on a connection that was not admitted.
  virtual void on_refused_request(std::string_view /*path*/, int /*status*/) {}
  // A peer did not finish its request within handshake_timeout; it is cut.
  virtual void on_handshake_timeout() {}
  // A peer spoke no TLS, or none that is spoken here, where connections are encrypted; it was cut.
  virtual void on_tls_failure() {}
  // A connection was turned away for want of descriptors: answered 503, or by an alert where
  // connections are encrypted.
  virtual void on_out_of_descriptors() {}
  // The kernel refuses the io_uring that it had allowed, and not just for a moment: write_path() is
  // kSendmsg for good. Called by end_batch(); no frame is lost.
  virtual void on_io_uring_lost(const std::string& /*why*/) {}
};

// One listening socket: HTTP/1.1 and WebSocket (RFC 6455, text only, no extensions) on the same
// port. Loop thread only. Destruction cuts what is left, after on_close and on_disconnect of each.
class Server {
 public:
  Server(EventLoop& loop, ServerHandler& handler, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Opens the port and begins to accept. Once; may be called before the loop runs. The error: why
  // nothing is open.
  [[nodiscard]] std::optional<Error> listen();
  // The port listened on. Requires: listen() succeeded.
  std::uint16_t port() const;
  // Other limits, as in ServerOptions: of messages for WebSockets that open later, of time for
  // requests that begin later.
  void set_limits(std::size_t max_message_bytes, std::chrono::milliseconds handshake_timeout);
  // Another certificate, for connections accepted later. Requires: ServerOptions::tls was set, and
  // `tls` is.
  void set_tls(std::shared_ptr<const ServerTls> tls);
  // Closes the listening socket; connections stay. HTTP answers from now on say Connection: close.
  // Not from within ServerHandler::admit().
  void stop_listening();

  // Takes over a connection that another server accepted, its handler admitted and handed on; `fd`
  // is this server's then.
  void adopt(int fd, const Address& peer);

  // Brackets writes to many connections, so that short ones reach the kernel in runs of many.
  // When end_batch() returns, all of them were offered to it. Not nested.
  void begin_batch();
  void end_batch();

  // Settled when the server is made, but that it is kSendmsg for good once the kernel refuses what
  // it had allowed before. Any thread.
  WritePath write_path() const;
  // Why not through io_uring from the start, though the options ask for it; empty otherwise. Any
  // thread.
  const std::string& io_uring_refusal() const;

  // TCP connections open now, HTTP and WebSocket, refused ones not counted.
  std::size_t connections() const;

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticker::net
