#pragma once

#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <ticker/net/server.hpp>
#include <ticker/testing/raw_client.hpp>

namespace ticker::net {

// What a test did to, and saw of, one WebSocket on the server's side. Outlives the connection.
struct Peer {
  Connection* connection = nullptr;  // null once closed
  std::vector<std::string> messages;
  std::vector<std::string> pings;
  std::vector<std::string> pongs;
  int writable = 0;
  std::vector<CloseInfo> closes;
  std::function<void(Peer&)> on_open;
  std::function<void(Peer&, std::string)> on_message;
  std::function<void(Peer&)> on_control;
  std::function<void(Peer&)> on_writable;
};

// A server on a free port, and the loop it runs on in the test's own thread.
class TestServer : public ServerHandler {
 public:
  explicit TestServer(ServerOptions options = {})
      : server(std::make_unique<Server>(loop, *this, std::move(options))) {
    error = server->listen();
  }

  testing::RawClient::Pump pump() {
    return [this] { loop.run_one(std::chrono::milliseconds(2)); };
  }
  bool run_until(const std::function<bool()>& done) { return testing::pump_until(pump(), done); }
  // Until nothing is ready any more.
  void settle() {
    while (loop.run_one(std::chrono::milliseconds(5))) {
    }
  }
  std::unique_ptr<testing::RawClient> connect(testing::RawClientOptions options = {}) {
    return std::make_unique<testing::RawClient>(server->port(), pump(), std::move(options));
  }
  // A client that has done its handshake, and the server's side of it.
  std::pair<std::unique_ptr<testing::RawClient>, std::shared_ptr<Peer>> open(
      testing::RawClientOptions options = {}) {
    auto client = connect(std::move(options));
    client->upgrade();
    run_until([this, before = opened_] { return peers.size() > before; });
    opened_ = peers.size();
    return {std::move(client), peers.empty() ? nullptr : peers.back()};
  }

  Admission admit(const Address& address) override {
    admitted.push_back(address);
    return admission;
  }
  void on_disconnect(const Address&) override { ++disconnects; }
  bool hand_on(int fd, const Address& address) override {
    if (other != nullptr) {
      other->server->adopt(fd, address);
    }
    return other != nullptr;
  }
  void on_out_of_descriptors() override { ++exhausted; }
  void on_io_uring_lost(const std::string& why) override { ring_losses.push_back(why); }
  void on_tls_failure() override { ++tls_failures; }
  void on_handshake_timeout() override { ++handshake_timeouts; }
  void on_refused_request(std::string_view path, int status) override {
    refused.emplace_back(path, status);
  }
  void on_http_request(const HttpRequest& request, HttpResponder responder) override {
    requests.push_back(request);
    if (http) {
      http(request, std::move(responder));
    }
  }
  UpgradeDecision on_upgrade(const HttpRequest& request,
                             const std::vector<std::string>& subprotocols) override {
    upgrades.push_back(request);
    offered = subprotocols;
    if (refusal) {
      return UpgradeDecision::refuse(*refusal);
    }
    peers.push_back(std::make_shared<Peer>(next_peer));
    return UpgradeDecision::accept(std::make_unique<Handler>(peers.back()), chosen);
  }

  EventLoop loop;
  std::optional<Error> error;
  Admission admission = Admission::kAdmit;
  TestServer* other = nullptr;  // whom all connections are handed on to
  std::vector<Address> admitted;
  int disconnects = 0;
  int exhausted = 0;
  std::vector<std::string> ring_losses;
  int tls_failures = 0;
  int handshake_timeouts = 0;
  std::vector<std::pair<std::string, int>> refused;
  std::vector<HttpRequest> requests;
  std::function<void(const HttpRequest&, HttpResponder)> http;
  std::vector<HttpRequest> upgrades;
  std::vector<std::string> offered;
  std::string chosen;
  std::optional<HttpResponse> refusal;
  Peer next_peer;  // copied for each connection
  std::vector<std::shared_ptr<Peer>> peers;
  std::unique_ptr<Server> server;

 private:
  class Handler : public ConnectionHandler {
   public:
    explicit Handler(std::shared_ptr<Peer> peer) : peer_(std::move(peer)) {}

    void on_open(Connection& connection) override {
      peer_->connection = &connection;
      if (peer_->on_open) {
        peer_->on_open(*peer_);
      }
    }
    void on_message(char* data, std::size_t size) override {
      peer_->messages.emplace_back(data, size);
      if (peer_->on_message) {
        peer_->on_message(*peer_, {data, size});
      }
    }
    void on_control(ControlKind kind, std::string_view payload) override {
      (kind == ControlKind::kPing ? peer_->pings : peer_->pongs).emplace_back(payload);
      if (peer_->on_control) {
        peer_->on_control(*peer_);
      }
    }
    void on_writable() override {
      ++peer_->writable;
      if (peer_->on_writable) {
        peer_->on_writable(*peer_);
      }
    }
    void on_close(const CloseInfo& info) override {
      peer_->closes.push_back(info);
      peer_->connection = nullptr;
    }

   private:
    std::shared_ptr<Peer> peer_;
  };

  std::size_t opened_ = 0;
};

// A server and one client with small socket buffers on both ends: a few KiB fit between them while
// the client does not read.
struct Narrow {
  explicit Narrow(ServerOptions options = {}) : server(narrowed(std::move(options))) {
    testing::RawClientOptions client_options;
    client_options.receive_buffer_bytes = 2048;
    std::tie(client, peer) = server.open(client_options);
  }
  static ServerOptions narrowed(ServerOptions options) {
    options.send_buffer_bytes = 2048;
    return options;
  }

  TestServer server;
  std::unique_ptr<testing::RawClient> client;
  std::shared_ptr<Peer> peer;
};

inline std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = static_cast<char>('!' + i % 90);
  }
  return text;
}

}  // namespace ticker::net
