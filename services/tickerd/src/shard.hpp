#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <ticker/base/result.hpp>
#include <ticker/hub/hub.hpp>
#include <ticker/metrics/http_stats.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/net/server.hpp>
#include <ticker/net/timer.hpp>
#include <ticker/protocol/codes.hpp>

#include "api.hpp"
#include "edge_stats.hpp"
#include "inbox.hpp"
#include "shared.hpp"
#include "token_checks.hpp"

namespace ticker::tickerd {

// One thread that serves clients: its own loop, listener, hub and replica. What comes from the ingest thread waits in an
// inbox bounded by bytes; past the bound batches are dropped, and the shard asks for the whole state once it runs again: a
// frozen shard catches up without growing.
class Shard final : private hub::Sockets, private net::ServerHandler {
 public:
  struct Options {
    hub::HubOptions hub;
    net::ServerOptions server;
    std::size_t inbox_bytes = 64 << 20;  // of batches waiting; a replica further behind than this starts over
    market::MarketState::Options state;
    std::size_t http_reply_bytes = 64 << 20;  // of bodies that clients are reading
  };
  // Asked from the shard's thread for the whole state, which is to be answered by deliver_state().
  using StateRequest = std::function<void(Shard&)>;

  // `state`: MarketState::serialise(). Constructed and destroyed by the thread that starts and joins it.
  static Result<std::unique_ptr<Shard>> create(Options options, std::string_view state, const Shared& shared,
                                               StateRequest request_state);
  ~Shard() override;

  // --- the thread that made it ---
  // Opens the listener; port() is then what it listens on.
  Status listen();
  std::uint16_t port() const { return server_->port(); }
  // Why it does not write through io_uring, though it was to; empty otherwise.
  const std::string& io_uring_refusal() const { return server_->io_uring_refusal(); }
  void start();
  // Makes the loop end, waits for the thread. Clients still there are cut.
  void stop();

  // --- any one thread: the ingest thread, once started ---
  void publish(const std::shared_ptr<const market::Batch>& batch);
  // The whole state, as of the last batch published to any shard.
  void deliver_state(std::shared_ptr<const std::string> state);

  // --- any thread ---
  // A connection that another shard accepted and hands on to this one.
  void adopt(int fd, const net::Address& peer);
  // Answers on its thread.
  void read_feeds(std::function<void(net::HttpResponse)> answer) { loop_.post([this, answer = std::move(answer)] { answer(api_.read_feeds()); }); }
  // No new clients; those there are sent away, spread over the time `within`.
  void drain(std::chrono::milliseconds within);
  // Takes what of the options are limits of the configuration; the others stay.
  void set_limits(const Options& options);
  // Another certificate, for who comes next. Requires: connections are encrypted.
  void set_tls(std::shared_ptr<const net::ServerTls> tls);
  const hub::HubStats& stats() const { return hub_.stats(); }
  const metrics::HttpStats& http_stats() const { return http_stats_; }
  const RefusedStats& refused() const { return refused_; }
  const TokenStats& tokens() const { return tokens_.stats(); }
  const ReplayStats& replay_stats() const { return replay_stats_; }
  std::size_t inbox_bytes() const;
  // For how long a change may wait before it is published, as its clients stand: a small part of the
  // least interval; 0: someone is served at once.
  std::chrono::milliseconds patience() const { return patience_.load(std::memory_order_relaxed); }
  net::WritePath write_path() const { return server_->write_path(); }

  // --- the shard's thread ---
  hub::Hub& hub() { return hub_; }
  Timestamp now() const { return shared_.clock.now(); }
  TokenChecks& token_checks() { return tokens_; }
  net::EventLoop& loop() { return loop_; }
  Replays& replays() const { return shared_.replays; }
  ReplayStats& replay_stats() { return replay_stats_; }
  // After each call into the hub: sets the timer for what it has to do next.
  void arm();

 private:
  Shard(Options options, market::MarketState state, const Shared& shared, StateRequest request_state);

  void begin_batch() override { server_->begin_batch(); }
  void end_batch() override { server_->end_batch(); }

  net::Admission admit(const net::Address& peer) override;
  bool hand_on(int fd, const net::Address& peer) override { return shared_.placement.hand_on(number(), fd, peer); }
  void on_disconnect(const net::Address& peer) override;
  // Whose connection it is; nullopt: a proxy's.
  std::optional<AddressKey> key_of(const net::Address& peer) const;
  void on_http_request(const net::HttpRequest& request, net::HttpResponder responder) override;
  net::UpgradeDecision on_upgrade(const net::HttpRequest& request, const std::vector<std::string>& offered) override;
  void on_refused_request(std::string_view path, int status) override { http_stats_.count(path, status); }
  void on_handshake_timeout() override { refused_.count(Refused::kHandshakeTimeout); }
  void on_tls_failure() override { refused_.count(Refused::kTls); }
  void on_out_of_descriptors() override { refused_.count(Refused::kDescriptors); }
  void on_io_uring_lost(const std::string& why) override;

  std::uint32_t number() const { return options_.hub.shard; }
  net::UpgradeDecision refuse(int status, std::string_view code, std::string_view message);
  // What the handshake's token gives to the client; the decision, if that is to turn it away.
  std::optional<net::UpgradeDecision> let_in(const net::HttpRequest& request, const AddressKey& from,
                                             const std::string& subprotocol, hub::Hub::Client& client,
                                             std::optional<TokenGate::Seat>& seat);
  net::UpgradeDecision turn_away(bool tell_http, const std::string& subprotocol, protocol::CloseCode code, const std::string& why);
  // The publishing thread's work for this one's.
  void hand_over(Inbox::Work work);
  void look();
  void run_inbox();
  void take(const market::Batch& batch);
  void replace_state(const std::string& bytes);
  void ask_for_state();

  // fixed after construction
  const Options options_;
  const Shared& shared_;
  const StateRequest request_state_;

  net::EventLoop loop_;
  Inbox inbox_;

  // the shard's thread
  hub::Hub hub_;
  RefusedStats refused_;
  TokenChecks tokens_;
  ReplayStats replay_stats_;
  Api api_;
  net::Timer timer_;
  std::optional<Timestamp> armed_;
  Timestamp looks_again_ = Inbox::kNever;  // into the inbox, unless there is something to do soon
  std::uint64_t next_client_;
  market::MarketState::Options state_options_;  // as of the latest limits
  bool awaiting_state_ = false;
  metrics::HttpStats http_stats_{kHttpPaths};
  std::unique_ptr<net::Server> server_;

  std::atomic<std::size_t> most_inbox_bytes_;  // read by the publishing thread
  std::atomic<std::chrono::milliseconds> patience_{Inbox::kPatience};  // of clients; written by the shard's thread

  // the publishing thread
  bool behind_ = false;  // batches are dropped until the whole state is delivered
  // Written by the publishing thread and by the shard's; the difference is what waits.
  metrics::Counter bytes_in_;
  metrics::Counter bytes_out_;

  std::thread thread_;  // last: ends before what it uses
};

}  // namespace ticker::tickerd
