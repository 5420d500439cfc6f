#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ticker::config {

// Where to listen: a numeric address or a name of this machine, and a port; 0 lets the system
// choose one.
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

// The configuration as checked: every value is within its range. Names, defaults and units are
// those of the file, where a duration is a whole number of milliseconds and its key ends in `_ms`.

// What one client, or all of them, may take. A reached limit is counted; deploy/README.md says by
// which metric.
struct Limits {
  // Clients at once, over all shards. 0: as many as descriptors allow, which bounds any other value too.
  std::size_t connections = 0;
  // Of these from one address (IPv6: one /64). 0: no limit.
  std::size_t connections_per_address = 0;
  // Symbols and patterns a client. Each is matched against all instruments when it is added.
  std::size_t entries = 1'000;
  // Lanes a client. Each has frames and an interval of its own.
  std::size_t lanes = 8;
  // Longest request. A client may make the server hold one.
  std::size_t request_bytes = 65'536;
  // Requests and control frames a client. 0: no limit.
  std::size_t requests_per_s = 20;
  // Longest frame to a client. One may be held for each slow client.
  std::size_t frame_bytes = 262'144;
  // From accepting a connection to its whole request.
  std::chrono::milliseconds handshake{5'000};
  // 0: no limit. WebSocket handshakes and health checks do not count.
  std::size_t http_requests_per_s_per_address = 0;
  // Connections that begin TLS, where that is spoken: each costs up to a millisecond of CPU time.
  // A second's worth may come at once. 0: no limit.
  std::size_t tls_handshakes_per_s_per_address = 100;
  // Past it, none of an address's tokens is looked at. 0: no limit.
  std::size_t token_failures_per_s_per_address = 10;
  // Of HTTP answers that a shard's clients are still reading, equal ones counted once.
  std::size_t http_reply_bytes = std::size_t{64} << 20U;
  // Latest trades that a shard keeps for slow and returning clients, about 300 bytes each.
  std::size_t trades_ring = 65'536;
  // Changes that may wait for a shard; past it, the shard takes the whole state anew.
  std::size_t shard_inbox_bytes = std::size_t{64} << 20U;
  // Removed instruments remembered for returning clients, about 100 bytes each.
  std::size_t removals = 10'000;
};

// Tokens that clients have to show: JWT, HS256, RS256 or ES256. One key at least.
struct Auth {
  // Public keys: PEM, JWK or JWKS.
  std::vector<std::string> key_files;
  // Of HS256, 32 bytes at least.
  std::string secret_file;
  // What `iss` must be. Empty: anything.
  std::string issuer;
  // What `aud` must hold. Empty: a token with `aud` is refused.
  std::string audience;
  // By so much may the clocks of who signs and of this machine differ.
  std::chrono::milliseconds skew{30'000};
  // A client that has shown no good token for so long is closed (4500).
  std::chrono::milliseconds timeout{10'000};
  // So many bytes of requests it may send before.
  std::size_t request_bytes = 8'192;
  // So long before its token runs out a client is told, at most half of its life.
  std::chrono::milliseconds notice{60'000};
};

// Connections of clients are encrypted: https and wss. TLS 1.2 at least.
struct Tls {
  // PEM: the server's own certificate, then those that lead to its authority.
  std::string certificate;
  // PEM, without a password.
  std::string key;
  // `1.2` or `1.3`.
  std::string min_version = "1.2";
};

struct Server {
  // WebSocket and HTTP for clients.
  Endpoint listen{"127.0.0.1", 8080};
  // Threads that serve clients, each with the whole state. 0 (`auto` in the file): one a core.
  std::size_t shards = 0;
  // How frames reach the kernel: many a system call (`auto`, `io_uring`: where it is to be had), or
  // one each (`sendmsg`).
  std::string write_path = "auto";
  // Least time between two deltas of a lane whose client names none. Less costs more frames.
  std::chrono::milliseconds default_interval{100};
  // Longest silence towards a client.
  std::chrono::milliseconds heartbeat{15'000};
  // A client whose socket took no byte for so long is closed (4000).
  std::chrono::milliseconds no_progress{60'000};
  // A client that sent nothing for so long, no pong either, is closed (4003).
  std::chrono::milliseconds silent{60'000};
  // Ready at the latest so long after the start, required feeds or not.
  std::chrono::milliseconds start_timeout{30'000};
  // At SIGTERM: serve on for so long, not ready, before clients are sent away.
  std::chrono::milliseconds drain_delay{0};
  // Serve clients without tokens on other than loopback addresses.
  bool allow_anonymous = false;
  // Of web pages that may connect, `https://host[:port]`. Empty: any.
  std::vector<std::string> allowed_origins;
  // Whose X-Forwarded-For is believed.
  std::vector<Network> trusted_proxies;
  // Nothing: clients need no token.
  std::optional<Auth> auth;
  // Nothing: connections are not encrypted.
  std::optional<Tls> tls;
  Limits limits;
};

struct Metrics {
  // Of /metrics, /healthz and /readyz. Nothing: they are not served.
  std::optional<Endpoint> listen;
};

// Where what feeds say is recorded, for those that have `record: true`.
struct Recording {
  // Each feed has a folder of its own in it. A relative path begins beside the file.
  std::string folder = "recordings";
  // A segment is ended at this size (compressed) …
  std::size_t segment_bytes = std::size_t{256} << 20U;
  // … or age.
  std::chrono::milliseconds segment{3'600'000};
  // Of each feed: the oldest segments beyond it are deleted. 0: none is.
  std::size_t keep_bytes = std::size_t{10} << 30U;
  // Memory for each feed, for what the disk did not take yet; beyond it, messages are not recorded.
  std::size_t buffer_bytes = std::size_t{16} << 20U;
};

// Recordings that clients may have replayed over their connection.
struct Replay {
  // Its files and folders are what can be replayed, by name. A relative path begins beside the file.
  // Empty: nothing can.
  std::string folder;
  // At once, of all clients. Each costs a market of its own, and the recording's CPU time.
  std::size_t max_replays = 4;
  // At once, from one address, and with tokens of one subject.
  std::size_t max_replays_per_address = 2;
  // Of one replay, at whatever speed; what is faster is played slower. 0: no limit.
  std::size_t changes_per_s = 200'000;
  // One that is paused or at its end, and asked for nothing but pings for so long, is stopped.
  std::chrono::milliseconds idle{600'000};
  // The same, of one that lasts for so long, whatever it does.
  std::chrono::milliseconds longest{86'400'000};
};

// An instrument that a feed is asked for.
struct Symbol {
  std::string symbol;  // without the venue: `BTC-USDT`; or a pattern: `*-USDT`
  std::string native;  // the venue's own name; empty: the adapter derives it
};

// What `adapter: simulator` makes, instead of a venue.
struct Simulator {
  std::uint64_t seed = 1;                // the same seed gives the same prices
  std::size_t instruments = 50;          // that many symbols
  std::size_t updates_per_second = 500;  // of the whole feed; 0: prices stand still
};

// A text that stands at a place of a JSON message.
struct JsonMatch {
  std::string pointer;
  std::string value;  // one `*` stands for any text
};

// A field's value in a JSON message.
struct JsonField {
  std::string field;  // `bid_size`
  std::string at;     // pointer
  int shift = 0;      // places that its point stands too far left
};

// A trade in a JSON message; pointers, but for how a venue writes the sides.
struct JsonTrade {
  std::string price;
  std::string size;
  std::string side;
  std::string buy = "buy";
  std::string sell = "sell";
  std::string id;
};

// One kind of a venue's JSON messages; pointers are JSON Pointers into the entry, or, after `^`,
// into the message.
struct JsonMessage {
  std::vector<JsonMatch> match;     // of the message
  std::optional<std::string> each;  // pointer to the entries; nothing: the message is the only one
  std::vector<JsonMatch> where;     // of the entry
  std::string means = "data";       // or ignored, ready, subscribed, refused, error
  std::string symbol;               // pointer, `key`, or empty
  std::string symbol_form = "*";    // what stands around the native name there
  std::vector<JsonField> fields;
  std::optional<JsonTrade> trade;
  std::string time;              // pointer
  std::string time_unit = "ms";  // or s, us, ns, rfc3339
  bool zero_is_null = false;
  std::string text;    // pointer to the venue's reason
  std::string answer;  // may hold a secret
};

// What `adapter: recording` plays, on one clock.
struct Played {
  struct Recording {
    std::string path;   // a file, or a folder of segments; a relative one begins beside the file
    std::string venue;  // whose it is; empty: as the recording says
    std::string feed;   // the venue part of its symbols; empty: the feed's name
  };
  std::vector<Recording> recordings;  // one at least
  double speed = 1;                   // times the recorded pace; 0 (`max` in the file): no waiting
  bool loop = false;                  // from the beginning again at the end
};

// What `adapter: json-websocket` sends and understands; `http-poll` has native_form,
// symbols_per_request and messages of it. Texts that are sent may hold secrets.
struct JsonVenue {
  // Of native names, `{base}{quote}`. Empty: each symbol has its own given.
  std::string native_form;
  std::string login;                   // sent first
  std::vector<std::string> subscribe;  // forms: `{symbol}`, `{symbols}`, `{id}`
  std::size_t symbols_per_request = 100;
  std::size_t symbols_per_connection = 0;                // 0: all on one
  std::size_t requests_per_s = 5;                        // 0: no limit
  std::chrono::milliseconds heartbeat_interval{20'000};  // 0: none is sent
  std::string heartbeat;                                 // empty: a ping frame
  std::string heartbeat_answer;                          // that is not JSON
  std::vector<JsonMessage> messages;
};

// The venue's own list of instruments, which symbols are held against.
struct Discovery {
  std::string url;           // http:// or https://; empty: the venue's own
  std::string cache_folder;  // where the last list is kept; empty: it is not
  std::chrono::milliseconds timeout{10'000};
  std::size_t max_symbols = 500;  // that patterns may bring
};

// How `adapter: http-poll` asks.
struct Poll {
  std::chrono::milliseconds interval{10'000};     // between two requests for the same values
  std::chrono::milliseconds timeout{10'000};      // of a request
  std::size_t requests_per_minute = 60;           // of the feed; 0: no limit
  std::size_t max_bytes = std::size_t{4} << 20U;  // of an answer
  std::vector<std::string> headers;               // `Name: value`; may hold secrets
};

// One upstream feed.
struct Feed {
  static constexpr const char* kSimulator = "simulator";
  static constexpr const char* kJsonWebSocket = "json-websocket";
  static constexpr const char* kRecording = "recording";
  static constexpr const char* kHttpPoll = "http-poll";

  // The part of its symbols before the colon: lower case, digits, - and _. Unique.
  std::string name;
  // The venue's protocol, `json-websocket`, `http-poll`, `recording`, or `simulator`.
  std::string adapter;
  // Readiness waits until it was live once.
  bool required = false;
  // No bytes for so long: stale, and a new connection. Nothing: the venue's default.
  std::optional<std::chrono::milliseconds> feed_timeout;
  // No data of an instrument for so long: it is stale. 0: never.
  std::chrono::milliseconds instrument_timeout{0};

  // of a venue
  std::string url;  // ws:// or wss://, of http-poll http:// or https://; may hold a secret: never
                    // to be logged whole
  std::string ca_file;           // PEM, authorities trusted instead of the system's; empty: those
  std::string trades;            // binance: `trade` or `aggTrade`; empty: what the venue documents
  std::vector<Symbol> symbols;   // one at least
  bool record = false;           // everything it says is recorded

  // Nothing: none of `symbols` is a pattern, and they are not verified.
  std::optional<Discovery> discovery;

  // of a venue that the file describes
  JsonVenue json;
  Poll poll;

  // of recordings; their symbols: those that are wanted, empty: all
  Played played;

  // of the simulator
  Simulator simulator;
};

// A consolidated instrument: the best bid and offer over the instruments of several venues.
struct Best {
  std::string symbol;             // without the venue, which is `best`: `BTC-USD`
  std::vector<std::string> from;  // with it, each of a feed: `kraken:BTC-USD`; two at least
  // A venue whose quote is crossed against those of all others, or whose connection is gone, for so
  // long is left out.
  std::chrono::milliseconds crossed{1'000};
};

struct Config {
  Server server;
  Metrics metrics;
  Recording recording;
  Replay replay;
  std::vector<Feed> feeds;  // one at least
  std::vector<Best> best;
};

}  // namespace ticker::config
