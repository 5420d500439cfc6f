#pragma once

#include <string>

#include <ticker/market/instrument.hpp>

namespace ticker::ingest {

// `BTC-USDT-PERP` of the feed `binance-usdm`: base BTC, quote USDT.
market::Instrument make_instrument(const std::string& feed, const std::string& canonical,
                                   const std::string& native);

}  // namespace ticker::ingest
