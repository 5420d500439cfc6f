#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <ticker/feed/adapter.hpp>

#include "binance_message.hpp"
#include "trade_ids.hpp"
#include "values.hpp"

namespace ticker::feed {

// What Binance's three venues have in common: messages. Endpoints and names are the subclasses'
// (binance_venues.cpp).
class BinanceAdapter : public Adapter {
 public:
  void reset() override;
  void decode(char* message, std::size_t size, Timestamp receive_time, Sink& sink) override;

 protected:
  struct Dialect {
    std::string trades;                  // `trade` or `aggTrade`; empty: the kind that comes first
    bool trades_come_elsewhere = false;  // on another connection than miniTicker
    bool quote_volume = true;            // false: `q` of tickers is not in the quote asset
  };
  explicit BinanceAdapter(Dialect dialect) : dialect_(std::move(dialect)) {}

  const std::string& trades() const { return dialect_.trades; }
  // SUBSCRIBE requests for `channels` of all `natives`.
  static std::vector<std::string> subscriptions(std::span<const std::string> natives,
                                                std::span<const std::string> channels);

 private:
  struct Known {
    TradeIds trades;
    std::uint64_t book_update = 0;  // `u` of the last quote on this connection
    bool last = false;  // the last trade's price is known better than miniTicker knows it
  };

  void dispatch(Timestamp receive_time, Sink& sink);
  Refusal quote(market::InstrumentId instrument, Sink& sink);
  Refusal trade(market::InstrumentId instrument, char id_key, Sink& sink);
  Refusal statistics(market::InstrumentId instrument, std::span<const FieldSource> sources,
                     Sink& sink);
  bool control(Sink& sink) const;
  bool takes_trades(std::string_view event);

  Dialect dialect_;
  PerInstrument<Known> known_;
  // Of the message being decoded; members so that they are not made anew for each.
  BinanceMessage message_;
  market::Update update_;
  market::Trade trade_;
};

}  // namespace ticker::feed
