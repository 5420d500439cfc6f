#pragma once

#include <ticker/feed/adapter.hpp>

namespace ticker::feed {

// Descriptions of two venues that no adapter knows, as configs/finnhub.yaml and configs/alpaca.yaml
// give them.

inline Adapter::Options finnhub() {
  using Means = JsonMessage::Means;
  using market::Field;
  JsonMessage trades;
  trades.match = {{"/type", "trade"}};
  trades.each = "/data";
  trades.symbol = "/s";
  trades.fields = {{Field::kLast, "/p"}, {Field::kLastSize, "/v"}};
  trades.zero_is_null = true;
  trades.time = "/t";
  JsonMessage ping;
  ping.match = {{"/type", "ping"}};
  ping.means = Means::kIgnored;
  JsonMessage error;
  error.match = {{"/type", "error"}};
  error.means = Means::kError;
  error.text = "/msg";
  Adapter::Options options;
  options.json = {"{base}", {trades, ping, error}};
  options.socket.subscribe = {R"({"type":"subscribe","symbol":"{symbol}"})"};
  return options;
}

inline Adapter::Options alpaca() {
  using Means = JsonMessage::Means;
  using market::Field;
  const auto entry = [](const std::string& type, const std::string& text) {
    JsonMessage message;
    message.each = "";
    message.where = {{"/T", type}};
    if (!text.empty()) {
      message.where.push_back({"/msg", text});
    }
    return message;
  };
  auto connected = entry("success", "connected");
  connected.means = Means::kIgnored;
  connected.answer = R"({"action":"auth","key":"K","secret":"S"})";
  auto ready = entry("success", "authenticated");
  ready.means = Means::kReady;
  auto subscribed = entry("subscription", "");
  subscribed.means = Means::kSubscribed;
  auto error = entry("error", "");
  error.means = Means::kError;
  error.text = "/msg";
  auto quote = entry("q", "");
  quote.symbol = "/S";
  quote.fields = {{Field::kBid, "/bp"},
                  {Field::kBidSize, "/bs", 2},
                  {Field::kAsk, "/ap"},
                  {Field::kAskSize, "/as", 2}};
  quote.zero_is_null = true;
  quote.time = "/t";
  quote.time_unit = JsonMessage::TimeUnit::kRfc3339;
  auto trade = entry("t", "");
  trade.symbol = "/S";
  trade.trade = JsonMessage::Trade{"/p", "/s", "/tks", "B", "S", "/i"};
  trade.time = "/t";
  trade.time_unit = JsonMessage::TimeUnit::kRfc3339;
  Adapter::Options options;
  options.json = {"{base}/{quote}", {connected, ready, subscribed, error, quote, trade}};
  options.socket.subscribe = {
      R"({"action":"subscribe","quotes":[{symbols}],"trades":[{symbols}]})"};
  return options;
}

}  // namespace ticker::feed
