#pragma once

#include <memory>

#include <ticker/feed/adapter.hpp>

namespace ticker::feed {

std::unique_ptr<Adapter> make_binance_spot(const Adapter::Options& options);
std::unique_ptr<Adapter> make_binance_usdm(const Adapter::Options& options);
std::unique_ptr<Adapter> make_binance_coinm(const Adapter::Options& options);
std::unique_ptr<Adapter> make_bitfinex(const Adapter::Options& options);
std::unique_ptr<Adapter> make_bitstamp(const Adapter::Options& options);
std::unique_ptr<Adapter> make_bybit_spot(const Adapter::Options& options);
std::unique_ptr<Adapter> make_bybit_linear(const Adapter::Options& options);
std::unique_ptr<Adapter> make_coinbase_exchange(const Adapter::Options& options);
std::unique_ptr<Adapter> make_coinbase_advanced(const Adapter::Options& options);
std::unique_ptr<Adapter> make_kraken_v1(const Adapter::Options& options);
std::unique_ptr<Adapter> make_kraken_v2(const Adapter::Options& options);
std::unique_ptr<Adapter> make_okx(const Adapter::Options& options);
Result<std::unique_ptr<Adapter>> make_json_websocket(const Adapter::Options& options);
// Of answers that were recorded.
Result<std::unique_ptr<Adapter>> make_polled_answers(const JsonMapping& json);

}  // namespace ticker::feed
