#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <ticker/base/clock.hpp>
#include <ticker/ingest/ingest.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/venue_sim/protocol.hpp>
#include <ticker/venue_sim/venue_server.hpp>

#include "venue_cases.hpp"

namespace ticker::tests {

// The venue's. Once it is told to wait it goes no further than a step in a turn of the loop: however
// slow the machine, the feed has its turns in between.
class VenueClock final : public Clock {
 public:
  Timestamp now() const override { return waits_ ? now_ : wall_.now(); }

  void wait(Timestamp::duration step) {
    waits_ = true;
    step_ = step;
    now_ = last_ = wall_.now();
  }
  void turn() {
    const auto real = wall_.now();
    now_ += std::min(real - last_, step_);
    last_ = real;
  }

 private:
  const SteadyWallClock wall_;
  bool waits_ = false;
  Timestamp::duration step_{};
  Timestamp now_;
  Timestamp last_;
};

// A simulated venue and the ingest side in one loop, on loopback; a replica holds what was
// published.
class FeedBench : public ingest::BatchSink {
 public:
  // `beat`: between two heartbeats or pings of the venue; 0: its own.
  explicit FeedBench(std::string venue, std::vector<std::string> messages,
                     std::vector<std::string> faults = {},
                     venue_sim::Timeline::Options timeline = {venue_sim::Timeline::kMax, false},
                     std::chrono::milliseconds beat = std::chrono::milliseconds(0))
      : venue_(std::move(venue)), messages_(std::move(messages)), timeline_(timeline), beat_(beat) {
    for (const auto& text : faults) {
      faults_.push_back(venue_sim::parse_fault(text).value());
    }
    serve();
  }

  // The venue plays this file.
  struct Recording {
    std::string path;
  };
  FeedBench(std::string venue, Recording recording, venue_sim::Timeline::Options timeline)
      : venue_(std::move(venue)), recording_(std::move(recording.path)), timeline_(timeline) {
    serve();
  }

  // Starts the venue (again), on the port it had.
  void serve() {
    venue_sim::VenueServer::Options options;
    options.venue = venue_;
    options.port = port_;
    options.timeline = timeline_;
    options.start_after = venue_ == "binance-usdm" ? 2 : 1;  // it needs two connections
    options.faults = faults_;
    options.beat = beat_;
    server_ = std::make_unique<venue_sim::VenueServer>(loop_, clock_, tape(), options);
    const auto listening = server_->listen();
    ASSERT_TRUE(listening.ok()) << listening.error().message;
    port_ = server_->port();
  }

  void stop_serving() { server_.reset(); }
  // Ends the feeds: what was recorded is whole.
  void stop() { ingest_->stop(); }

  ingest::FeedOptions feed(std::vector<ingest::FeedOptions::Symbol> symbols) const {
    ingest::FeedOptions options;
    options.name = "venue";
    options.adapter = venue_;
    options.url = "ws://127.0.0.1:" + std::to_string(port_);
    options.symbols = std::move(symbols);
    return options;
  }

  void start(const ingest::FeedOptions& options) {
    make_ingest();
    const auto applied = ingest_->apply({options});
    ASSERT_TRUE(applied.ok()) << applied.error().message;
    ingest_->start();
  }

  // Of what start() and make_ingest() make.
  // `wait`: before a lost connection is made again, as a part of what the venue's rules allow.
  void set_handover(ingest::HandoverLimits limits, double wait = 0.02) {
    handover_ = limits;
    wait_ = wait;
  }

  void set_ask_again_after(std::chrono::milliseconds after) { ask_again_after_ = after; }

  // For what depends on how far the venue is: it goes on only as fast as the loop takes turns. The
  // default step is less than what lies between two messages.
  void let_venue_wait(Timestamp::duration step = std::chrono::microseconds(100)) {
    clock_.wait(step);
  }

  void make_ingest() {
    ingest::Ingest::Options options;
    options.epoch = "e1";
    options.random = [wait = wait_] { return wait; };
    options.handover = handover_;
    options.ask_again_after = ask_again_after_;
    ingest_ = std::make_unique<ingest::Ingest>(loop_, *this, options);
  }

  void publish(std::shared_ptr<const market::Batch> batch) override {
    ASSERT_EQ(replica_.apply(*batch), market::MarketState::ApplyResult::kApplied);
    trades_.insert(trades_.end(), batch->trades.begin(), batch->trades.end());
    for (const auto& status : batch->feeds) {
      statuses_.push_back(status);
    }
    ++batches_;
    longest_batch_ = std::max(longest_batch_, batch->changes.size());
  }

  // Runs the loop until the condition holds; false: not within a minute (sanitizers on a busy
  // machine are slow).
  bool wait(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      loop_.run_one(std::chrono::milliseconds(10));
      clock_.turn();
    }
    return true;
  }

  // Waits until the bid of an instrument whose tape still runs has changed.
  bool moves(std::string_view symbol) {
    const auto before = value(symbol, market::Field::kBid);
    return wait([&] { return value(symbol, market::Field::kBid) != before; });
  }
  // Waits until a connection was opened again and the bid has changed after that.
  bool recovers(std::string_view symbol) {
    return wait([&] { return stats().reconnects.value() > 0; }) && moves(symbol);
  }

  // "61800.20"; "null" without a value, "none" without the instrument.
  std::string value(std::string_view symbol, market::Field field) const {
    const auto* state = replica_.find(symbol);
    if (state == nullptr) {
      return "none";
    }
    const bool has = state->values.present().has(field) && !state->values.null().has(field);
    return has ? state->values.decimal(field).text() : "null";
  }
  // Also when the replica has not heard of it yet.
  bool stale(std::string_view symbol) const {
    const auto* state = replica_.find(symbol);
    return state == nullptr || state->stale;
  }
  market::FeedStatus status(std::string_view feed = "venue") const {
    for (const auto& status : replica_.feeds()) {
      if (status.feed == feed) {
        return status;
      }
    }
    return {};
  }
  bool is(market::FeedState state) const { return status().state == state; }
  bool was(market::FeedState state, std::string_view reason) const {
    for (const auto& status : statuses_) {
      if (status.state == state && status.reason.find(reason) != std::string::npos) {
        return true;
      }
    }
    return false;
  }

  const metrics::FeedStats& stats() const { return *ingest_->stats().front().second; }
  std::uint64_t rejected(std::string_view reason) const { return stats().rejected.count(reason); }
  ingest::Ingest& ingest() { return *ingest_; }
  venue_sim::VenueServer& server() { return *server_; }
  net::EventLoop& loop() { return loop_; }
  const market::MarketState& replica() const { return replica_; }
  const std::vector<market::Trade>& trades() const { return trades_; }
  std::size_t batches() const { return batches_; }
  // The most changes that one had.
  std::size_t longest_batch() const { return longest_batch_; }

 private:
  venue_sim::Tape tape() const {
    if (!recording_.empty()) {
      return venue_sim::Tape::load(recording_, venue_).value();
    }
    const auto protocol = venue_sim::make_protocol(venue_);
    venue_sim::Tape tape;
    std::int64_t time = 0;
    for (const auto& messages : {venue_preamble(venue_), messages_}) {
      for (const auto& message : messages) {
        tape.add(time += kGap, message, protocol.value()->topics(message));
      }
    }
    return tape;
  }

  static constexpr std::int64_t kGap = 1'000'000;  // between recorded messages, in nanoseconds

  const std::string venue_;
  const std::vector<std::string> messages_;
  const std::string recording_;
  const venue_sim::Timeline::Options timeline_;
  const std::chrono::milliseconds beat_{0};
  std::vector<venue_sim::Fault> faults_;
  ingest::HandoverLimits handover_;
  double wait_ = 0.02;  // of a second, at first
  std::chrono::milliseconds ask_again_after_{30'000};
  std::uint16_t port_ = 0;

  net::EventLoop loop_;
  VenueClock clock_;
  std::unique_ptr<venue_sim::VenueServer> server_;
  std::unique_ptr<ingest::Ingest> ingest_;
  market::MarketState replica_{"e1"};
  std::vector<market::Trade> trades_;
  std::vector<market::FeedStatus> statuses_;
  std::size_t batches_ = 0;
  std::size_t longest_batch_ = 0;
};

}  // namespace ticker::tests
