#include <ticker/market/feed_status.hpp>

namespace ticker::market {

std::string_view feed_state_name(FeedState state) {
  switch (state) {
    case FeedState::kDown:
      return "down";
    case FeedState::kConnecting:
      return "connecting";
    case FeedState::kStale:
      return "stale";
    case FeedState::kLive:
      return "live";
  }
  return "down";
}

}  // namespace ticker::market
