#include <ticker/venue_sim/protocol.hpp>

#include "protocols.hpp"

namespace ticker::venue_sim {

Result<std::unique_ptr<Protocol>> make_protocol(std::string_view venue) {
  if (venue == "binance-spot") return make_binance(BinanceMarket::kSpot);
  if (venue == "binance-usdm") return make_binance(BinanceMarket::kUsdMargined);
  if (venue == "binance-coinm") return make_binance(BinanceMarket::kCoinMargined);
  if (venue == "coinbase-exchange") return make_coinbase_exchange();
  if (venue == "coinbase-advanced") return make_coinbase_advanced();
  if (venue == "kraken-v1") return make_kraken_v1();
  if (venue == "kraken-v2") return make_kraken_v2();
  return Error{"venue '" + std::string(venue) +
               "': expected binance-spot, binance-usdm, binance-coinm, coinbase-exchange, "
               "coinbase-advanced, kraken-v1 or "
               "kraken-v2"};
}

}  // namespace ticker::venue_sim
