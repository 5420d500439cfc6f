#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <ticker/hub/hub.hpp>
#include <ticker/market/market_state.hpp>
#include <ticker/protocol/push.hpp>

#include "scripted_connection.hpp"

namespace ticker::hub {

using namespace std::chrono_literals;  // NOLINT: tests

// A client of a test: its socket, and the hub's session for it.
struct TestClient {
  explicit TestClient(ScriptedSockets& sockets) : socket(sockets) {}
  ScriptedConnection socket;
  Session* session = nullptr;
};

// A market that is written by the test, and one hub that serves a replica of it. Time stands still
// but for wait().
class HubFixture : public ::testing::Test {
 protected:
  static constexpr Timestamp kStart = Timestamp(std::chrono::seconds(1'000'000));

  HubFixture() : market_("e1") { options_.limits.requests_per_s = 1'000; }

  // Instruments of the configuration: there before the hub is.
  void given(std::initializer_list<std::string_view> symbols) {
    for (const auto symbol : symbols) {
      add(symbol);
    }
  }
  Hub& hub() {
    if (!hub_) {
      market::MarketState replica(market_.epoch(), market_options_);
      batches_.push_back(market_.take_batch());
      for (const auto& batch : batches_) {
        EXPECT_EQ(replica.apply(batch), market::MarketState::ApplyResult::kApplied);
      }
      hub_ = std::make_unique<Hub>(std::move(replica), sockets_, options_);
      hub_->advance(now_);
    }
    return *hub_;
  }

  market::InstrumentId add(std::string_view symbol) {
    market::Instrument instrument;
    instrument.symbol = symbol;
    instrument.feed = symbol.substr(0, symbol.find(':'));
    instrument.native = symbol;
    return market_.add(instrument);
  }
  void remove(std::string_view symbol) { market_.remove(market_.find(symbol)->id); }
  // A venue's message: the fields take these values; "" is null.
  void set(std::string_view symbol,
           std::initializer_list<std::pair<market::Field, std::string_view>> values) {
    market::Update update;
    update.instrument = market_.find(symbol)->id;
    update.receive_time = now_;
    for (const auto& [field, text] : values) {
      if (text.empty()) {
        update.values.set_null(field);
      } else {
        update.values.set(field, *market::Decimal::from_text(text));
      }
    }
    market_.apply(update);
  }
  void bid(std::string_view symbol, std::string_view value) {
    set(symbol, {{market::Field::kBid, value}});
  }
  void ask(std::string_view symbol, std::string_view value) {
    set(symbol, {{market::Field::kAsk, value}});
  }
  void trade(std::string_view symbol, std::string_view price, std::int64_t missed_before = 0) {
    market::Trade made;
    made.instrument = market_.find(symbol)->id;
    made.id = market::TradeId(std::to_string(++trades_));
    made.price = *market::Decimal::from_text(price);
    made.size = *market::Decimal::from_text("1");
    made.missed_before = missed_before;
    market_.apply(made, {});
  }
  // What was written to the market reaches the hub.
  void publish() {
    hub();
    batches_.push_back(market_.take_batch());
    EXPECT_EQ(hub_->apply(batches_.back(), now_), market::MarketState::ApplyResult::kApplied);
  }
  // The same, while more waits.
  void publish_first() {
    hub();
    batches_.push_back(market_.take_batch());
    EXPECT_EQ(hub_->take(batches_.back(), now_), market::MarketState::ApplyResult::kApplied);
  }
  // It is written, and never reaches the hub.
  void lose() {
    hub();
    batches_.push_back(market_.take_batch());
  }
  // A replica as of now.
  market::MarketState whole() {
    batches_.push_back(market_.take_batch());
    market::MarketState replica(market_.epoch(), market_options_);
    for (const auto& batch : batches_) {
      EXPECT_EQ(replica.apply(batch), market::MarketState::ApplyResult::kApplied);
    }
    return replica;
  }
  market::Version version() const { return market_.version(); }

  void wait(std::chrono::microseconds duration) {
    const Timestamp until = now_ + duration;
    for (auto next = hub().next_deadline(); next && *next <= until; next = hub().next_deadline()) {
      now_ = std::max(now_, *next);
      hub().advance(now_);
    }
    now_ = until;
    hub().advance(now_);
  }

  // A client that has read its hello.
  TestClient& connect(std::uint64_t number = 0) {
    TestClient& client = arrive(number);
    client.socket.take_received();
    return client;
  }
  TestClient& arrive(std::uint64_t number = 0) {
    hub();
    clients_.push_back(std::make_unique<TestClient>(sockets_));
    TestClient& client = *clients_.back();
    client.session = hub_->open(client.socket, {number, std::nullopt, nullptr, std::nullopt}, now_);
    return client;
  }
  void send(TestClient& client, std::string_view request) {
    hub().on_message(client.session, request, now_);
  }
  // Sends, and gives back what came at once.
  std::vector<std::string> ask_for(TestClient& client, std::string_view request) {
    send(client, request);
    return client.socket.take_received();
  }
  // The socket has room again; the hub hears of it.
  void drain(TestClient& client) {
    client.socket.drain();
    tell_writable(client);
  }
  void tell_writable(TestClient& client) {
    while (!client.socket.blocked() && client.socket.take_wants_writable()) {
      hub().on_writable(client.session, now_);
    }
  }
  void close(TestClient& client) { hub().on_closed(client.session, 1006); }

  HubOptions options_;
  market::MarketState::Options market_options_;
  ScriptedSockets sockets_;
  market::MarketState market_;
  std::vector<market::Batch> batches_;
  std::uint64_t trades_ = 0;
  Timestamp now_ = kStart;
  std::vector<std::unique_ptr<TestClient>> clients_;
  std::unique_ptr<Hub> hub_;
};

}  // namespace ticker::hub
