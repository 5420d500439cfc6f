#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/protocol/http_body.hpp>

#include "admission.hpp"
#include "assets.hpp"
#include "client_address.hpp"
#include "edge_stats.hpp"
#include "placement.hpp"
#include "readiness.hpp"
#include "replays.hpp"
#include "token_gate.hpp"

namespace ticker::tickerd {

// The feeds, as far as no replica knows of them. Any thread.
class FeedDirectory {
 public:
  virtual ~FeedDirectory() = default;
  // When the feed's last message came; kNoTime: none yet, or no such feed.
  virtual Timestamp last_message(std::string_view feed) const = 0;
};

// What all shards share. Everything here may be used by any thread; it outlives the shards.
struct Shared {
  const Clock& clock;
  const Readiness& readiness;
  const FeedDirectory& feeds;
  Admission& admission;
  Placement& placement;
  const TrustedProxies& proxies;
  const Assets& assets;
  TokenGate& tokens;
  Replays& replays;
  const std::vector<std::string>& allowed_origins;  // empty: any
};

}  // namespace ticker::tickerd
