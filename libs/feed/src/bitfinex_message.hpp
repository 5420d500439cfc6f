#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "json_adapter.hpp"

// What Bitfinex's messages hold, and which fields that is.
namespace ticker::feed::bitfinex {

enum EventSlot : std::uint8_t {
  kEvent,
  kChannel,
  kEventChannelId,
  kPair,
  kSymbol,
  kVersion,
  kCode,
  kMsg,
  kFlags,
  kStatus
};
enum DataSlot : std::uint8_t { kChannelId, kWord, kThird, kFourth };
enum TickerSlot : std::uint8_t {
  kBid,
  kBidDepth,  // the sum of 25 levels, as is that of ask: no size of the best
  kAsk,
  kAskDepth,
  kChange,
  kRelativeChange,
  kLast,
  kVolume,
  kHigh,
  kLow
};
enum TradeSlot : std::uint8_t { kId, kTime, kAmount, kPrice };

constexpr Shape kPlatform = Shape::part(Shape::object({{"status", kStatus}}));
constexpr Shape kEventShape = Shape::object({{"event", kEvent},
                                             {"channel", kChannel},
                                             {"chanId", kEventChannelId},
                                             {"pair", kPair},
                                             {"symbol", kSymbol},
                                             {"version", kVersion},
                                             {"code", kCode},
                                             {"msg", kMsg},
                                             {"flags", kFlags},
                                             {"platform", kNoSlot, &kPlatform}});
constexpr Shape kPayload = Shape::array({{"", kBid},
                                         {"", kBidDepth},
                                         {"", kAsk},
                                         {"", kAskDepth},
                                         {"", kChange},
                                         {"", kRelativeChange},
                                         {"", kLast},
                                         {"", kVolume},
                                         {"", kHigh},
                                         {"", kLow}});
// `[id, payload]`, `[id, "te", payload]` or `[id, "hb"]`; each with a number of its own behind it.
// Places may be added at the end.
constexpr Shape kData = Shape::array(
    {{"", kChannelId}, {"", kWord, &kPayload}, {"", kThird, &kPayload}, {"", kFourth}});

// The last price comes first, so that it can be left out. The change is a fraction.
constexpr std::array kTicker{FieldSource{kLast, market::Field::kLast},
                             FieldSource{kBid, market::Field::kBid},
                             FieldSource{kAsk, market::Field::kAsk},
                             FieldSource{kHigh, market::Field::kHigh24h},
                             FieldSource{kLow, market::Field::kLow24h},
                             FieldSource{kVolume, market::Field::kVolume24h},
                             FieldSource{kChange, market::Field::kChange24h},
                             FieldSource{kRelativeChange, market::Field::kChangePercent24h, 2}};

// What the taker sold is below zero.
inline Refusal read_sign(std::string_view amount, market::Side& out) {
  out = amount.starts_with('-') ? market::Side::kSell : market::Side::kBuy;
  return std::nullopt;
}

constexpr TradeSource kTrade{.price = kPrice,
                             .size = kAmount,
                             .side = kAmount,
                             .time = kTime,
                             .id = kId,
                             .signed_size = true,
                             .read_time = read_unix_time,
                             .read_side = read_sign,
                             .sets = market::kLastFields};

}  // namespace ticker::feed::bitfinex
