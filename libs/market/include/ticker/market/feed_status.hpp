#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <ticker/base/clock.hpp>

namespace ticker::market {

// The numbers are those of the metric ticker_feed_state.
enum class FeedState : std::uint8_t { kDown = 0, kConnecting = 1, kStale = 2, kLive = 3 };
std::string_view feed_state_name(FeedState state);

// What clients are told of an upstream feed.
struct FeedStatus {
  std::string feed;     // its configured name
  std::string adapter;  // as configured: the venue's protocol, or `simulator`
  FeedState state = FeedState::kConnecting;
  Timestamp since = kNoTime;  // when it came into this state
  std::string reason;  // plain words; when live, empty but for symbols that the venue refuses
};

}  // namespace ticker::market
