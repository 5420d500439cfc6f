#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ticker::config {

// Where to listen: a numeric address or a name of this machine, and a port; 0 lets the system choose one.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};

// A range of addresses, `10.0.0.0/8`; a single address has the full prefix.
struct Network {
  std::array<unsigned char, 16> bytes{};  // network order; IPv4 uses the first four
  bool is_ipv6 = false;
  unsigned prefix_bits = 0;
};

// The configuration as checked: every value is within its range. Names, defaults and units are those of the file, where a
// duration is a whole number of milliseconds and its key ends in `_ms`. Plain values; whoever loads them owns them.

// What one client, or all of them, may take. Reached limits are counted (deploy/README.md says by which metric).
struct Limits {
  std::size_t connections = 0;              // clients at once over all shards; 0: as many as descriptors allow
  std::size_t connections_per_address = 0;  // of these from one address (IPv6: one /64); 0: no limit
  std::size_t entries = 1'000;              // symbols and patterns a client; each is matched against all instruments
  std::size_t lanes = 8;                    // lanes a client; each has frames and an interval of its own
  std::size_t request_bytes = 65'536;       // longest request; a client may make the server hold one
  std::size_t requests_per_s = 20;          // requests and control frames a client; 0: no limit
  std::size_t frame_bytes = 262'144;        // longest frame to a client; one may be held for each slow client
  std::chrono::milliseconds handshake{5'000};           // from accepting a connection to its whole request
  std::size_t http_requests_per_s_per_address = 0;      // 0: no limit; handshakes and health checks do not count
  std::size_t trades_ring = 65'536;                     // latest trades kept a shard, about 300 bytes each
  std::size_t shard_inbox_bytes = std::size_t{64} << 20U;  // changes waiting for a shard; past it, it takes the state anew
  std::size_t removals = 10'000;            // removed instruments remembered, for clients that come back; 100 bytes each
};

struct Server {
  Endpoint listen{"127.0.0.1", 8080};                 // WebSocket and HTTP
  std::size_t shards = 0;                             // threads that serve clients, each with the whole state; 0 (`auto`): one a core
  std::chrono::milliseconds default_interval{100};    // of a lane whose client names none; less costs more frames
  std::chrono::milliseconds heartbeat{15'000};        // longest silence towards a client
  std::chrono::milliseconds no_progress{60'000};      // a socket that took no byte for so long is closed (4000)
  std::chrono::milliseconds silent{60'000};           // a client that sent nothing, no pong either, is closed (4003)
  std::chrono::milliseconds start_timeout{30'000};    // ready at the latest so long after start, required feeds or not
  std::chrono::milliseconds drain_delay{0};           // not ready, but serving, before clients are sent away at the end
  bool allow_anonymous = false;                       // serve clients without tokens on other than loopback addresses
  std::vector<std::string> allowed_origins;           // of web pages, `https://host[:port]`; empty: any
  std::vector<Network> trusted_proxies;               // whose X-Forwarded-For is believed
  Limits limits;
};

struct Metrics {
  std::optional<Endpoint> listen;  // of /metrics, /healthz, /readyz; nothing: metrics are not served
};

// An instrument that a feed is asked for.
struct Symbol {
  std::string symbol;  // without the venue: `BTC-USDT`
  std::string native;  // the venue's own name; empty: the adapter derives it
};

// What `adapter: simulator` makes, instead of a venue.
struct Simulator {
  std::uint64_t seed = 1;               // the same seed gives the same prices
  std::size_t instruments = 50;         // that many symbols
  std::size_t updates_per_second = 500; // of the whole feed; 0: prices stand still
};

// One upstream feed.
struct Feed {
  static constexpr const char* kSimulator = "simulator";

  std::string name;     // the part of its symbols before the colon; lower case, digits, - and _; unique
  std::string adapter;  // the venue's protocol, or `simulator`
  bool required = false;  // readiness waits until it was live once
  std::optional<std::chrono::milliseconds> feed_timeout;  // no bytes for so long: reconnect; nothing: the venue's default
  std::chrono::milliseconds instrument_timeout{0};        // no data of an instrument for so long: stale; 0: never

  // of a venue
  std::string url;               // ws:// or wss://
  std::string ca_file;           // PEM of the authorities to trust instead of the system's; empty: the system's
  std::string trades = "trade";  // binance: `trade` or `aggTrade`
  std::vector<Symbol> symbols;

  // of the simulator
  Simulator simulator;
};

struct Config {
  Server server;
  Metrics metrics;
  std::vector<Feed> feeds;  // one at least
};

}  // namespace ticker::config
