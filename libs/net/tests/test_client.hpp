#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ticker/net/web_socket_client.hpp>

namespace ticker::net {

// A client that writes down what it is told.
class TestClient : public ClientHandler {
 public:
  explicit TestClient(EventLoop& loop, ClientOptions options = {})
      : client(std::make_unique<WebSocketClient>(loop, *this, std::move(options))) {}

  void on_open(const std::string& subprotocol) override {
    open = true;
    chosen = subprotocol;
    if (opened) {
      opened();
    }
  }
  void on_message(MessageKind kind, char* data, std::size_t size) override {
    messages.emplace_back(data, size);
    kinds.push_back(kind);
    if (received) {
      received();
    }
  }
  void on_ping(std::string_view payload) override { pings.emplace_back(payload); }
  void on_pong(std::string_view payload) override { pongs.emplace_back(payload); }
  std::chrono::nanoseconds read_pause() override { return pause; }
  void on_close(const ClientClose& close) override {
    closes.push_back(close);
    if (closed) {
      closed();
    }
  }

  std::chrono::nanoseconds pause{0};
  bool open = false;
  std::string chosen;
  std::vector<std::string> messages;
  std::vector<MessageKind> kinds;
  std::vector<std::string> pings;
  std::vector<std::string> pongs;
  std::vector<ClientClose> closes;
  std::function<void()> opened;
  std::function<void()> received;
  std::function<void()> closed;
  std::unique_ptr<WebSocketClient> client;
};

}  // namespace ticker::net
