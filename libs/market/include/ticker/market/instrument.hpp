#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ticker::market {

// Numbers changes within one epoch; 0 is before the first.
using Version = std::uint64_t;

// An instrument's number within one epoch, given by the MarketState that adds it. Never used again,
// so a symbol that is removed and comes back has another.
using InstrumentId = std::uint32_t;

// What does not change while an instrument exists.
struct Instrument {
  std::string symbol;  // `venue:BASE-QUOTE`, e.g. `binance-usdm:BTC-USDT-PERP`
  std::string feed;    // the feed's configured name: the part of the symbol before the colon
  std::string native;  // the venue's own name in its data messages
  std::string base;    // normalised: Kraken's XBT is BTC
  std::string quote;
  // Of a consolidated instrument: the venues that may give its sides, kMostVenues at most. What
  // FieldValues::venue() counts through.
  std::vector<std::string> venues = {};

  static constexpr std::size_t kMostVenues = 255;
};

}  // namespace ticker::market
