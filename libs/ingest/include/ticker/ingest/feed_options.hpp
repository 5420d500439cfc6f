#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ticker/feed/json_feed.hpp>
#include <ticker/recording/recorder.hpp>

namespace ticker::ingest {

// One upstream feed, as the configuration describes it.
struct FeedOptions {
  struct Symbol {
    std::string canonical;  // `BTC-USDT`
    std::string native;     // empty: the adapter derives it

    friend bool operator==(const Symbol&, const Symbol&) = default;
  };

  std::string name;     // the venue part of its symbols
  std::string adapter;  // one of feed::adapter_kinds(), `json-websocket` or `simulator`
  std::string url;      // ws:// or wss://
  std::vector<Symbol> symbols;
  std::string trades = "trade";  // binance: `trade` or `aggTrade`
  std::string ca_file;           // PEM; empty: the system's authorities
  std::chrono::milliseconds feed_timeout{
      0};  // no bytes at all for so long: dead. 0: what suits the venue
  std::chrono::milliseconds instrument_timeout{0};  // no data of an instrument: stale. 0: off

  // json-websocket only
  feed::JsonMapping json;
  feed::JsonSocket socket;

  // Nothing: what passes on its connections is not recorded.
  std::optional<recording::Recorder::Storage> record;

  // simulator only
  std::uint64_t seed = 1;
  std::uint32_t instruments = 50;
  std::uint32_t updates_per_second = 500;

  friend bool operator==(const FeedOptions&, const FeedOptions&) = default;
};

}  // namespace ticker::ingest
