#include <ticker/feed/sink.hpp>

#include <array>

namespace ticker::feed {

std::string_view reason_name(Rejected reason) {
  constexpr std::array<std::string_view, kRejectedCount> kNames{"undecodable", "out_of_range",
                                                                "unknown_instrument", "binary"};
  return kNames[static_cast<std::size_t>(reason)];
}

std::string_view reason_name(Skipped reason) {
  constexpr std::array<std::string_view, kSkippedCount> kNames{
      "other_channel", "control", "duplicate", "history", "not_market_trade", "before_snapshot"};
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace ticker::feed
