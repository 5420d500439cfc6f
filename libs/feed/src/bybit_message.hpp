#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "json_adapter.hpp"

// What Bybit's messages hold, and which fields that is.
namespace ticker::feed::bybit {

enum Slot : std::uint8_t {
  kTopic,
  kType,
  kTime,
  kBookTime,
  kCross,
  kOp,
  kSuccess,
  kRetMsg,
  kReqId
};
enum DataSlot : std::uint8_t {
  kSymbol,
  kBid,
  kBidSize,
  kAsk,
  kAskSize,
  kUpdate,
  kLast,
  kOpen,
  kHigh,
  kLow,
  kVolume,
  kTurnover,
  kChange
};
enum TradeSlot : std::uint8_t {
  kTradeSymbol,
  kTradeTime,
  kSide,
  kSize,
  kPrice,
  kTradeId,
  kSequence,
  kIsBlock
};

constexpr Shape kBestBid = Shape::part(Shape::array({{"", kBid}, {"", kBidSize}}));
constexpr Shape kBestAsk = Shape::part(Shape::array({{"", kAsk}, {"", kAskSize}}));
constexpr Shape kBids = Shape::part(Shape::array({{"", kNoSlot, &kBestBid}}));
constexpr Shape kAsks = Shape::part(Shape::array({{"", kNoSlot, &kBestAsk}}));
constexpr Shape kData = Shape::object({{"symbol", kSymbol},
                                              {"bid1Price", kBid},
                                              {"bid1Size", kBidSize},
                                              {"ask1Price", kAsk},
                                              {"ask1Size", kAskSize},
                                              {"lastPrice", kLast},
                                              {"prevPrice24h", kOpen},
                                              {"highPrice24h", kHigh},
                                              {"lowPrice24h", kLow},
                                              {"volume24h", kVolume},
                                              {"turnover24h", kTurnover},
                                              {"price24hPcnt", kChange},
                                              {"s", kSymbol},
                                              {"b", kBid, &kBids},
                                              {"a", kAsk, &kAsks},
                                              {"u", kUpdate}});
constexpr Shape kTrade = Shape::object({{"s", kTradeSymbol},
                                               {"T", kTradeTime},
                                               {"S", kSide},
                                               {"v", kSize},
                                               {"p", kPrice},
                                               {"i", kTradeId},
                                               {"seq", kSequence},
                                               {"BT", kIsBlock}});
constexpr Shape kTrades = Shape::list_of(kTrade);
constexpr Shape kRoot = Shape::object({{"topic", kTopic, nullptr, nullptr, true},
                                              {"type", kType},
                                              {"ts", kTime},
                                              {"cts", kBookTime},
                                              {"cs", kCross},
                                              {"op", kOp},
                                              {"success", kSuccess},
                                              {"ret_msg", kRetMsg},
                                              {"req_id", kReqId},
                                              {"data", kNoSlot, &kData, &kTrades}});

constexpr std::string_view kTickers = "tickers.";
constexpr std::string_view kBook = "orderbook.1.";
constexpr std::string_view kPublicTrade = "publicTrade.";

inline bool is_wanted(const Message&, std::size_t, std::string_view topic) {
  return topic.starts_with(kTickers) || topic.starts_with(kBook) || topic.starts_with(kPublicTrade);
}

// Statistics, and, of derivatives, the quote before them. The change is a fraction.
constexpr std::array kTickerFields{
    FieldSource{kBid, market::Field::kBid},
    FieldSource{kBidSize, market::Field::kBidSize},
    FieldSource{kAsk, market::Field::kAsk},
    FieldSource{kAskSize, market::Field::kAskSize},
    FieldSource{kLast, market::Field::kLast},
    FieldSource{kOpen, market::Field::kOpen24h},
    FieldSource{kHigh, market::Field::kHigh24h},
    FieldSource{kLow, market::Field::kLow24h},
    FieldSource{kVolume, market::Field::kVolume24h},
    FieldSource{kTurnover, market::Field::kQuoteVolume24h},
    FieldSource{kChange, market::Field::kChangePercent24h, 2}};
constexpr std::size_t kQuoteFields = 4;

constexpr TradeSource kTradeFields{
    .price = kPrice,
    .size = kSize,
    .side = kSide,
    .time = kTradeTime,
    .id = kTradeId,
    .read_time = read_unix_time,
    .read_side = read_side,
    .sets = market::FieldSet(market::Field::kLastSize) | market::Field::kLastSide};

}  // namespace ticker::feed::bybit
