#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <ticker/market/field.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/net/timer.hpp>
#include <ticker/net/web_socket_client.hpp>
#include <ticker/protocol/client_state.hpp>
#include <ticker/protocol/push.hpp>

#include "watch_view.hpp"

namespace ticker::tickerctl {

// What to watch.
struct WatchRequest {
  std::string url;  // of the stream
  std::vector<std::string> symbols;
  std::optional<market::FieldSet> fields;               // nullopt: all
  std::optional<std::chrono::milliseconds> interval;    // nullopt: the service's default
};

// The `subscribe` message for it. `since`: what is held already.
std::string subscribe_text(const WatchRequest& request, const std::optional<protocol::Since>& since);

// One subscription, kept alive: connects, merges what comes, reconnects with jitter and resumes where it left off. It gives
// up only where coming back would not help: the first attempt fails, the service refuses, a close code that says so.
// Loop thread only.
class WatchSession final : public net::ClientHandler {
 public:
  // `on_end` is called once, when it gives up; `why` is one line. `view` and `loop` outlive the session.
  WatchSession(net::EventLoop& loop, WatchRequest request, WatchView& view,
               std::function<void(const std::string& why)> on_end);
  ~WatchSession() override;

  void start();

  const protocol::ClientState& held() const { return held_; }

 private:
  void on_open(const std::string& subprotocol) override;
  void on_message(net::MessageKind kind, char* data, std::size_t size) override;
  void on_close(const net::ClientClose& close) override;

  void on_push(const protocol::Push& push);
  void on_said(const protocol::Message& message);
  void subscribe();
  void on_subscribed(const protocol::Subscribed& reply);
  void connect();
  void retry(const std::string& why);
  void end(const std::string& why);
  void expect_message();

  // fixed after construction
  net::EventLoop& loop_;
  const WatchRequest request_;
  WatchView& view_;
  const std::function<void(const std::string&)> on_end_;

  // loop thread only
  protocol::ClientState held_;
  std::unique_ptr<net::WebSocketClient> client_;
  net::Timer retry_timer_;
  net::Timer silence_timer_;  // past it the connection is taken for dead: heartbeats come more often
  std::minstd_rand random_;
  unsigned attempts_ = 0;  // since data last came
  bool was_live_ = false;  // the service has accepted the subscription once
  bool asked_since_ = false;
  std::optional<std::chrono::milliseconds> told_delay_;  // by goodbye
  std::chrono::milliseconds heartbeat_;
};

}  // namespace ticker::tickerctl
