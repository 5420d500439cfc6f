#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <ticker/net/server.hpp>

#include "send_ring.hpp"

namespace ticker::net {

class WsConnection;

// One accepted socket in one phase of its life: HTTP (HttpSession) or, after the upgrade, WebSocket
// (WsConnection).
class Session {
 public:
  virtual ~Session() = default;
  // The server goes: closes the socket and tells the owner, now.
  virtual void cut() = 0;
};

// The server, as its sessions see it. It owns them.
class SessionHost {
 public:
  SessionHost(EventLoop& event_loop, ServerHandler& server_handler, ServerOptions server_options)
      : loop(event_loop), handler(server_handler), options(std::move(server_options)) {}

  EventLoop& loop;
  ServerHandler& handler;
  ServerOptions options;
  bool accepting = true;
  // Number of the batch under way, 0 outside.
  std::uint32_t batch = 0;
  // What short writes of a batch go through. Empty outside a batch.
  SendRing ring;

  // The session's socket is closed: it is dropped, and its place given back.
  virtual void remove(Session& session) = 0;
  // After a handshake: the same place, held by another object.
  virtual void replace(Session& old, std::shared_ptr<Session> upgraded) = 0;
  // after_batch() will be called once the batch has ended.
  virtual void call_after_batch(std::weak_ptr<WsConnection> connection) = 0;

 protected:
  ~SessionHost() = default;
};

}  // namespace ticker::net
