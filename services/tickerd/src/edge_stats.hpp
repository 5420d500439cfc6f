#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ticker/auth/verifier.hpp>
#include <ticker/metrics/counter.hpp>
#include <ticker/metrics/counter_set.hpp>

namespace ticker::tickerd {

// The paths that HTTP requests are counted by; any other counts as `other`, and all files of the dashboard but `/` as /assets.
inline const std::vector<std::string> kHttpPaths = {"/",           "/assets",     "/healthz",  "/readyz",
                                                    "/v1/tickers", "/v1/symbols", "/v1/feeds", "/v1/stream"};

// Why connections, handshakes and requests are turned away, in the order of kRefusedReasons.
enum class Refused : std::uint8_t {
  kConnections,   // limits.connections
  kPerAddress,    // limits.connections_per_address
  kDescriptors,   // the process has no more
  kRequestRate,   // http_requests_per_s_per_address
  kOrigin,        // allowed_origins
  kSubprotocol,   // none that we speak was offered
  kBadRequest,    // the query of /v1/stream makes no sense
  kHandshakeTimeout,  // limits.handshake_ms
  kReplyBytes,    // limits.http_reply_bytes
  kToken,         // none where one is demanded, or one that is not good
  kPerSubject,    // a token's `connections`
  kTls,           // a handshake of TLS that failed
  kTlsHandshakes,  // limits.tls_handshakes_per_s_per_address
  kBadTokens,      // limits.token_failures_per_s_per_address
  kTokenInterval,  // a token's `min_interval_ms`, over HTTP
};
inline const std::vector<std::string> kRefusedReasons = {"connections",  "connections_per_address", "descriptors",
                                                         "request_rate", "origin",                  "subprotocol",
                                                         "bad_request",  "handshake_timeout",       "http_reply_bytes",
                                                         "token",        "connections_per_subject", "tls",
                                                         "tls_handshakes", "token_failures",        "token_interval"};

// What became of each token shown, by auth::Refusal. One thread counts, any reads.
class TokenStats {
 public:
  TokenStats() : counts_(results()) {}
  void count_good() { counts_.add_at(0); }
  void count(auth::Refusal reason) { counts_.add_at(1 + static_cast<std::size_t>(reason)); }
  const metrics::CounterSet& counts() const { return counts_; }

 private:
  static std::vector<std::string> results() {
    std::vector<std::string> names = {"good"};
    names.insert(names.end(), auth::kRefusalNames.begin(), auth::kRefusalNames.end());
    return names;
  }
  metrics::CounterSet counts_;
};

// Of one shard's replays. Its thread counts, any reads.
struct ReplayStats {
  metrics::Gauge active;      // of clients that have one now
  metrics::Counter refused;   // too many, or no such recording
  metrics::Counter idle;      // stopped as nothing was done with it
  metrics::Counter too_long;  // stopped as it took so long
  metrics::Counter changes;   // messages of recordings that changed what is served
};

// One thread counts, any reads.
class RefusedStats {
 public:
  RefusedStats() : counts_(kRefusedReasons) {}
  void count(Refused reason) { counts_.add_at(static_cast<std::size_t>(reason)); }
  const metrics::CounterSet& counts() const { return counts_; }

 private:
  metrics::CounterSet counts_;
};

}  // namespace ticker::tickerd
