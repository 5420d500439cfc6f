#include <array>
#include <string>
#include <utility>

#include <ticker/feed/adapter.hpp>

#include "venues.hpp"

namespace ticker::feed {
namespace {

using Make = std::unique_ptr<Adapter> (*)(const Adapter::Options&);

constexpr std::array<std::pair<std::string_view, Make>, 12> kAdapters{{
    {"binance-spot", make_binance_spot},
    {"binance-usdm", make_binance_usdm},
    {"binance-coinm", make_binance_coinm},
    {"coinbase-exchange", make_coinbase_exchange},
    {"coinbase-advanced", make_coinbase_advanced},
    {"kraken-v1", make_kraken_v1},
    {"kraken-v2", make_kraken_v2},
    {"bitstamp", make_bitstamp},
    {"okx", make_okx},
    {"bybit-spot", make_bybit_spot},
    {"bybit-linear", make_bybit_linear},
    {"bitfinex", make_bitfinex},
}};

}  // namespace

std::string_view documented_trades(std::string_view kind) {
  return kind == "binance-usdm" || kind == "binance-coinm" ? "aggTrade" : "trade";
}

const std::vector<std::string_view>& adapter_kinds() {
  static const auto kinds = [] {
    std::vector<std::string_view> names;
    for (const auto& [name, make] : kAdapters) {
      names.push_back(name);
    }
    return names;
  }();
  return kinds;
}

Result<std::unique_ptr<Adapter>> make_adapter(std::string_view kind,
                                              const Adapter::Options& options) {
  if (kind == kJsonWebSocket) {
    return make_json_websocket(options);
  }
  std::string known;
  for (const auto& [name, make] : kAdapters) {
    if (name == kind) {
      return make(options);
    }
    known.append(known.empty() ? "" : ", ").append(name);
  }
  return Error{"unknown adapter `" + std::string(kind) + "`; known are: " + known};
}

}  // namespace ticker::feed
