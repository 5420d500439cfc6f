#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ticker/feed/adapter.hpp>
#include <ticker/ingest/backoff.hpp>
#include <ticker/ingest/connect_budgets.hpp>
#include <ticker/ingest/patience.hpp>
#include <ticker/ingest/sliding_window.hpp>
#include <ticker/market/feed_status.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/net/timer.hpp>
#include <ticker/net/web_socket_client.hpp>

#include "wire_tap.hpp"

namespace ticker::ingest {

// One connection to a venue, kept up for as long as its owner wants it: connects within the venue's
// budget, sends the subscriptions paced, keeps alive, notices silence, and after a loss tries again
// with full jitter. Ingest thread only.
class Upstream final : private net::ClientHandler {
 public:
  // Its feed. Calls come on the loop, never inside a call of the upstream's own members.
  class Owner {
   public:
    // One text message, to be decoded in place by `upstream.adapter()`.
    virtual void on_message(Upstream& upstream, char* data, std::size_t size) = 0;
    virtual void on_binary(std::size_t size) = 0;
    // Nothing that this connection brought can be vouched for any more, until it is live again.
    virtual void on_untrusted(Upstream& upstream) = 0;
    // state() or reason() changed.
    virtual void on_state(Upstream& upstream) = 0;
    virtual void on_reconnect() = 0;
    // The connection works, and will not for long: it is better replaced before.
    virtual void on_renewal_due(Upstream& upstream, std::string_view why) = 0;
    // The connection, or the attempt, is over. False: this upstream makes no other.
    virtual bool on_lost(Upstream& upstream) = 0;

   protected:
    ~Owner() = default;
  };
  struct Settings {
    std::string feed;        // for the log
    std::size_t number = 0;  // its place in the feed's plans
    std::string host;        // whose connect budget counts
    feed::VenueRules rules;  // the adapter's, with the feed's own timeout
    std::string ca_file;
    Patience patience = {};                   // of those who are served
    recording::Recorder* recorder = nullptr;  // outlives it; nullptr: nothing is recorded
    RecordedLeader* leader = nullptr;         // its line's; outlives it
    // Where the end of one was not told, the connection is made anew after so long. Bitfinex's take
    // two minutes.
    std::chrono::milliseconds longest_maintenance{180'000};
    std::chrono::milliseconds ask_again_after{30'000};  // what was refused for asking too much
  };

  // `owner` and `budgets` must outlive it.
  Upstream(net::EventLoop& loop, Owner& owner, ConnectBudgets& budgets, Random random,
           feed::ConnectionPlan plan, std::unique_ptr<feed::Adapter> adapter, Settings settings);
  ~Upstream();

  void start();

  // Of the venue, found while on_message() was decoding:
  // It answers our subscriptions, or gives what we asked for.
  void on_answer();
  // It will close the connection soon.
  void on_planned_close();
  // Maintenance: nothing it says can be trusted until on_available(), and it is not asked again too
  // soon.
  void on_unavailable(std::string_view text);
  void on_available();
  // It takes our requests now.
  void on_ready();
  // It serves in the place of the line's other connection now: for the recording.
  void on_took_over(bool overlapped) { tap_.took_over(overlapped); }
  // It did not take a request, since they were too many: after a while it is asked again, each time
  // after twice as long.
  void on_asked_too_much();
  // It refuses one of our requests, and does not say of which symbol. False: it did so before.
  bool on_refusal() { return !std::exchange(is_refused_, true); }
  // It wants this back. At most one answer waits, the latest.
  void on_question(std::string_view answer);

  market::FeedState state() const { return state_; }
  // Plain words; empty when live.
  const std::string& reason() const { return reason_; }
  std::size_t number() const { return settings_.number; }
  // When the message that is being decoded was received.
  Timestamp received() const { return received_; }
  // There is a connection, or one is being made: it does not wait for the next attempt.
  bool is_under_way() const { return phase_ == Phase::kConnecting || phase_ == Phase::kOpen; }
  // All subscriptions have been sent, none is to be sent again, and the venue answers.
  bool has_subscribed() const;
  // A request was refused on this connection, by on_refusal().
  bool is_refused() const { return is_refused_; }
  // The venue does not say that nothing of it can be trusted.
  bool is_available() const { return is_available_; }
  // No bytes for longer than the feed's timeout.
  bool is_silent() const { return is_silent_; }
  feed::Adapter& adapter() { return *adapter_; }

 private:
  enum class Phase { kIdle, kWaiting, kConnecting, kOpen };

  void on_open(const std::string& subprotocol) override;
  void on_message(net::MessageKind kind, char* data, std::size_t size) override;
  void on_ping(std::string_view payload) override;
  void on_pong(std::string_view payload) override;
  std::chrono::nanoseconds read_pause() override;
  void on_close(const net::ClientClose& close) override;

  void connect();
  void send_requests();
  void keep_alive();
  void check_silence();
  void ask_again();
  void give_up_asking();
  void give_up_waiting();
  TimePoint last_bytes() const;
  // Bytes came, now.
  void heard();
  // What was heard only a working connection brings.
  void proven();
  void lose_trust(std::string_view why);
  void forget_connection();
  void drop(std::string_view why, std::chrono::milliseconds least_wait);
  void set_state(market::FeedState state, std::string_view reason);

  // fixed after construction
  net::EventLoop& loop_;
  Owner& owner_;
  ConnectBudgets& budgets_;
  const feed::ConnectionPlan plan_;
  const std::unique_ptr<feed::Adapter> adapter_;
  const Settings settings_;
  const Random random_;

  WireTap tap_;
  Backoff backoff_;
  Phase phase_ = Phase::kIdle;
  market::FeedState state_ = market::FeedState::kConnecting;
  std::string reason_ = "connecting";
  bool ever_tried_ = false;
  bool told_budget_ = false;  // that the wait in hand is for the host's connect budget
  TimePoint last_heard_{};
  bool is_silent_ = false;  // last_bytes() is longer ago than the feed's timeout, and that was told

  // of the connection there is, or that is being made
  std::unique_ptr<net::WebSocketClient> client_;
  SlidingWindow requests_;
  TimePoint opened_{};
  Timestamp received_ = kNoTime;
  std::chrono::milliseconds ask_again_wait_{0};  // the next one
  std::size_t next_request_ = 0;
  bool is_ready_ = true;       // requests may be sent
  std::string to_send_first_;  // the login, or an answer; empty: none waits
  bool send_after_message_ = false;
  bool is_answered_ = false;
  bool is_refused_ = false;
  bool is_available_ = true;

  net::Timer retry_;
  net::Timer pace_;
  net::Timer keepalive_;
  net::Timer silence_;
  net::Timer answer_;
  net::Timer again_;
  net::Timer maintenance_;
  net::Timer age_;
};

}  // namespace ticker::ingest
