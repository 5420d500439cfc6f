#pragma once

#include <chrono>
#include <cstddef>
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
    std::string canonical;  // `BTC-USDT`; with discovery, or a pattern: `*-USDT`
    std::string native;     // empty: the adapter derives it

    friend bool operator==(const Symbol&, const Symbol&) = default;
  };

  // An instrument made of those of several venues.
  struct Best {
    std::string symbol;             // `BTC-USD`
    std::vector<std::string> from;  // `kraken:BTC-USD`; of equal quotes the first is taken
    // A quote that is crossed against all others, or whose venue is cut off, for so long leaves.
    std::chrono::milliseconds crossed{1'000};

    friend bool operator==(const Best&, const Best&) = default;
  };
  // The adapter that no venue has.
  static constexpr const char* kConsolidated = "consolidated";

  std::string name;     // the venue part of its symbols
  // One of feed::adapter_kinds(), `json-websocket`, `http-poll`, `recording`, `simulator` or
  // `consolidated`.
  std::string adapter;
  std::string url;      // ws:// or wss://
  std::vector<Symbol> symbols;
  std::string trades = "trade";  // binance: `trade` or `aggTrade`
  std::string ca_file;           // PEM; empty: the system's authorities
  std::chrono::milliseconds feed_timeout{
      0};  // no bytes at all for so long: dead. 0: what suits the venue
  std::chrono::milliseconds instrument_timeout{0};  // no data of an instrument: stale. 0: off

  // Of adapters that feed::listing_url() knows: symbols may be patterns, `*-USDT`.
  struct Discovery {
    bool is_on = false;
    std::string url;           // empty: the venue's own
    std::string cache_folder;  // empty: the list is not kept
    std::chrono::milliseconds timeout{10'000};
    std::size_t max_symbols = 500;  // of the patterns

    friend bool operator==(const Discovery&, const Discovery&) = default;
  };
  Discovery discovery;

  // json-websocket and http-poll; of `socket`, the latter has but symbols_per_request
  feed::JsonMapping json;
  feed::JsonSocket socket;

  // Nothing: what passes on its connections is not recorded.
  std::optional<recording::Recorder::Storage> record;

  // http-poll only; `{symbol}` in the URL is asked for one by one, `{symbols}` many at once
  struct Poll {
    std::chrono::milliseconds interval{10'000};     // between two requests for the same values
    std::chrono::milliseconds timeout{10'000};      // of a request
    std::size_t requests_per_minute = 60;           // of the feed; 0: no limit
    std::size_t max_bytes = std::size_t{4} << 20U;  // of an answer
    std::vector<std::string> headers;               // `Name: value`; may hold secrets

    friend bool operator==(const Poll&, const Poll&) = default;
  };
  Poll poll;

  std::vector<Best> best;  // consolidated only

  // recording only
  struct Recording {
    std::string path;     // a file, or a folder of segments
    std::string adapter;  // whose it is; empty: as it says
    std::string feed;     // the venue part of its symbols; empty: the feed's name

    friend bool operator==(const Recording&, const Recording&) = default;
  };
  std::vector<Recording> recordings;  // played on one clock
  double speed = 1;                   // times the recorded pace; 0: as fast as it goes
  bool loop = false;

  // simulator only
  std::uint64_t seed = 1;
  std::uint32_t instruments = 50;
  std::uint32_t updates_per_second = 500;

  friend bool operator==(const FeedOptions&, const FeedOptions&) = default;
};

}  // namespace ticker::ingest
