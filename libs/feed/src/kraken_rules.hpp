#pragma once

#include <string>
#include <string_view>

#include <ticker/feed/adapter.hpp>
#include <ticker/feed/sink.hpp>

namespace ticker::feed {

// Heartbeats come every second; more than 150 connects in ten minutes bring a ban of ten minutes.
inline VenueRules kraken_rules(std::string ping) {
  VenueRules rules;
  rules.feed_timeout = std::chrono::seconds(10);
  rules.keepalive_interval = std::chrono::seconds(30);
  rules.keepalive_text = std::move(ping);
  // Not numbered by the venue, which complains of `Exceeded msg rate`.
  rules.requests_per_window = 5;
  rules.request_window = std::chrono::seconds(1);
  rules.connects_per_window = 140;
  rules.connect_window = std::chrono::minutes(10);
  return rules;
}

// `cancel_only` and `post_only` concern whoever trades: quotes go on.
inline Notice::Kind kraken_status(std::string_view status) {
  return status == "maintenance" ? Notice::Kind::kUnavailable : Notice::Kind::kAvailable;
}

// What a request, or a symbol of it, is refused with because others were asked for just before.
inline bool kraken_asked_too_much(std::string_view error) {
  return error.starts_with("Exceeded msg rate");
}
// What was asked for twice stands.
inline bool kraken_knows_already(std::string_view error) {
  return error.starts_with("Already subscribed");
}

// Symbols in one subscription request.
inline constexpr std::size_t kKrakenSymbolsPerRequest = 250;

}  // namespace ticker::feed
