#pragma once

#include <algorithm>
#include <chrono>

namespace ticker::ingest {

// For how long a venue is stayed away from that answers with this status, and tells so much in its
// Retry-After (0: nothing). Not more than an hour is believed.
inline std::chrono::seconds wait_after(int status, std::chrono::seconds told) {
  using std::chrono::seconds;
  constexpr int kForbidden = 403;
  constexpr int kBanned = 418;  // Binance's word for who went on after a 429
  constexpr int kTooManyRequests = 429;
  // A ban lasts for a minute and more, the longer the more often one asks meanwhile; and not every
  // 429 says how long (exchange-protocols: Binance's 418 and 403, Bitfinex's 429).
  constexpr seconds kTurnedAway(60);
  const auto believed = std::clamp(told, seconds(0), seconds(std::chrono::hours(1)));
  const bool is_banned = status == kForbidden || status == kBanned;
  const bool says_too_little = status == kTooManyRequests && believed == seconds(0);
  return is_banned || says_too_little ? std::max(believed, kTurnedAway) : believed;
}

}  // namespace ticker::ingest
