#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <ticker/feed/adapter.hpp>

#include "requests.hpp"

namespace ticker::feed {

// Both of Coinbase's feeds: a heartbeat a second, at most eight requests and eight connections a
// second.
inline VenueRules coinbase_rules() {
  VenueRules rules;
  rules.feed_timeout = std::chrono::seconds(10);
  rules.requests_per_window = 8;
  rules.request_window = std::chrono::seconds(1);
  rules.connects_per_window = 8;
  rules.connect_window = std::chrono::seconds(1);
  return rules;
}

// Canonical names are Coinbase's own.
inline std::optional<std::string> coinbase_native_name(std::string_view canonical) {
  const auto pair = split_canonical(canonical);
  return pair && pair->contract.empty() ? std::optional(std::string(canonical)) : std::nullopt;
}

}  // namespace ticker::feed
