#pragma once

#include <chrono>
#include <memory>

#include <ticker/venue_sim/protocol.hpp>

namespace ticker::venue_sim {

enum class BinanceMarket { kSpot, kUsdMargined, kCoinMargined };
enum class BybitMarket { kSpot, kLinear };

std::unique_ptr<Protocol> make_binance(BinanceMarket market);
std::unique_ptr<Protocol> make_bitfinex();
std::unique_ptr<Protocol> make_bitstamp();
std::unique_ptr<Protocol> make_bybit(BybitMarket market);
std::unique_ptr<Protocol> make_coinbase_exchange();
std::unique_ptr<Protocol> make_coinbase_advanced();
std::unique_ptr<Protocol> make_kraken_v1();
std::unique_ptr<Protocol> make_kraken_v2();
std::unique_ptr<Protocol> make_okx();

}  // namespace ticker::venue_sim
