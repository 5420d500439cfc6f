#include <ticker/market/field.hpp>

#include <algorithm>

namespace ticker::market {
namespace {

constexpr std::array<std::string_view, kFieldCount> kNames = {"bid",
                                                              "bid_size",
                                                              "ask",
                                                              "ask_size",
                                                              "last",
                                                              "last_size",
                                                              "open_24h",
                                                              "high_24h",
                                                              "low_24h",
                                                              "volume_24h",
                                                              "quote_volume_24h",
                                                              "change_24h",
                                                              "change_percent_24h",
                                                              "vwap_24h",
                                                              "last_side",
                                                              "bid_venue",
                                                              "ask_venue",
                                                              "stale",
                                                              "exchange_time_us",
                                                              "receive_time_us",
                                                              "ticks"};

}  // namespace

std::string_view field_name(Field field) { return kNames[static_cast<std::size_t>(field)]; }

std::optional<Field> field_from_name(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    return std::nullopt;
  }
  return static_cast<Field>(found - kNames.begin());
}

std::string_view side_name(Side side) { return side == Side::kBuy ? "buy" : "sell"; }

}  // namespace ticker::market
