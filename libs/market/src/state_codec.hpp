#pragma once

#include <string>
#include <string_view>

#include <ticker/market/market_state.hpp>

namespace ticker::market {

// The binary form of a MarketState: little endian, texts and lists behind their length, instruments
// from the one that changed longest ago to the latest. A reader takes any bytes and never trusts a
// length, a number or an order.
class StateCodec {
 public:
  static std::string write(const MarketState& state);
  static Result<MarketState> read(std::string_view bytes, MarketState::Options options);

 private:
  class Writer;
  class Reader;
  static void write_line(Writer& out, TradeLine line);
  static TradeLine read_line(Reader& in);
  static void write_instrument(Writer& out, const InstrumentState& state);
  static bool read_instrument(Reader& in, MarketState& state, InstrumentId end_id);
  static bool read_values(Reader& in, InstrumentState& instrument);
  static bool read_removals(Reader& in, MarketState& state);
  static bool read_feeds(Reader& in, MarketState& state);
};

}  // namespace ticker::market
