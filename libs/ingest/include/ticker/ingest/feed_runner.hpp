#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <ticker/base/ids.hpp>
#include <ticker/base/result.hpp>
#include <ticker/feed/sink.hpp>
#include <ticker/ingest/backoff.hpp>
#include <ticker/ingest/feed.hpp>
#include <ticker/ingest/handover_limits.hpp>
#include <ticker/ingest/patience.hpp>
#include <ticker/market/feed_status.hpp>
#include <ticker/net/event_loop.hpp>

namespace ticker::ingest {

class ConnectBudgets;
class MarketWriter;

// One feed from a venue: as many connections as the venue needs, their messages decoded into the
// market, staleness and state told. Ingest thread only.
class FeedRunner : public Feed {
 public:
  // What all feeds of the process share; outlives them.
  struct Shared {
    net::EventLoop& loop;
    MarketWriter& market;
    ConnectBudgets& budgets;
    Random random;
    HandoverLimits handover;
    Patience patience;
    std::chrono::milliseconds ask_again_after;
  };

  // Checks the options, without any effect: adapter, URL, symbols.
  static Status check(const FeedOptions& options);
  // How many connections so many instruments take. Requires: check(options) succeeded.
  static std::size_t connections(const FeedOptions& options, std::size_t instruments);
  // Adds the instruments to the market. Requires: check(options) succeeded.
  static std::unique_ptr<Feed> make(Shared shared, FeedOptions options);

 private:
  class Impl;
};

}  // namespace ticker::ingest
