#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <ticker/feed/adapter.hpp>

#include "json_adapter.hpp"

namespace ticker::feed {

// What Binance's three venues have in common: messages. Endpoints and names are the subclasses'
// (binance_venues.cpp).
class BinanceAdapter : public JsonAdapter {
 public:
  void reset() override;
  void take_over(Adapter& before, bool overlapped) override;

 protected:
  struct Dialect {
    std::string trades;                  // `trade` or `aggTrade`; empty: the kind that comes first
    bool trades_come_elsewhere = false;  // on another connection than miniTicker
    bool quote_volume = true;            // false: `q` of tickers is not in the quote asset
  };
  explicit BinanceAdapter(Dialect dialect);

  const std::string& trades() const { return dialect_.trades; }
  // SUBSCRIBE requests for `channels` of all `natives`.
  static std::vector<std::string> subscriptions(std::span<const std::string> natives,
                                                std::span<const std::string> channels);

 private:
  struct Known {
    TradeIds trades;
    RisingNumber book;  // `u` of the quotes on this connection
    bool last = false;  // the last trade's price is known better than miniTicker knows it
  };

  void read(Sink& sink) override;
  Refusal quote(market::InstrumentId instrument, const Record& event, Sink& sink);
  Refusal statistics(market::InstrumentId instrument, const Record& event,
                     std::span<const FieldSource> sources, Sink& sink);
  bool control(const Record& event, Sink& sink) const;
  bool takes_trades(std::string_view kind);

  Dialect dialect_;
  PerInstrument<Known> known_;
};

}  // namespace ticker::feed
