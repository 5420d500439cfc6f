#include <ticker/venue_sim/protocol.hpp>

#include <array>
#include <utility>

#include "protocols.hpp"

namespace ticker::venue_sim {
namespace {

using Make = std::unique_ptr<Protocol> (*)();

template <BinanceMarket kMarket>
std::unique_ptr<Protocol> binance() {
  return make_binance(kMarket);
}

template <BybitMarket kMarket>
std::unique_ptr<Protocol> bybit() {
  return make_bybit(kMarket);
}

constexpr std::array<std::pair<std::string_view, Make>, 12> kProtocols{{
    {"binance-spot", binance<BinanceMarket::kSpot>},
    {"binance-usdm", binance<BinanceMarket::kUsdMargined>},
    {"binance-coinm", binance<BinanceMarket::kCoinMargined>},
    {"coinbase-exchange", make_coinbase_exchange},
    {"coinbase-advanced", make_coinbase_advanced},
    {"kraken-v1", make_kraken_v1},
    {"kraken-v2", make_kraken_v2},
    {"bitstamp", make_bitstamp},
    {"okx", make_okx},
    {"bybit-spot", bybit<BybitMarket::kSpot>},
    {"bybit-linear", bybit<BybitMarket::kLinear>},
    {"bitfinex", make_bitfinex},
}};

}  // namespace

std::vector<std::string> protocol_names() {
  std::vector<std::string> names;
  for (const auto& [name, make] : kProtocols) {
    names.emplace_back(name);
  }
  return names;
}

Result<std::unique_ptr<Protocol>> make_protocol(std::string_view venue) {
  std::string known;
  for (const auto& [name, make] : kProtocols) {
    if (name == venue) {
      return make();
    }
    known.append(known.empty() ? "" : ", ").append(name);
  }
  return Error{"venue '" + std::string(venue) + "': expected one of " + known};
}

}  // namespace ticker::venue_sim
