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
#include <ticker/market/feed_status.hpp>
#include <ticker/net/event_loop.hpp>

namespace ticker::ingest {

class ConnectBudgets;
class MarketWriter;

// One feed from a venue: as many connections as the venue needs, their messages decoded into the
// market, staleness and state told. Ingest thread only.
class FeedRunner final : public Feed {
 public:
  // What all feeds of the process share; outlives them.
  struct Shared {
    net::EventLoop& loop;
    MarketWriter& market;
    ConnectBudgets& budgets;
    Random random;
    HandoverLimits handover;
  };

  // Checks the options, without any effect: adapter, URL, symbols.
  static Status check(const FeedOptions& options);
  // Adds the instruments to the market. Requires: check(options) succeeded.
  FeedRunner(Shared shared, FeedOptions options);
  ~FeedRunner() override;

  void start() override;
  void remove() override;
  bool change(const FeedOptions& options) override;
  const FeedOptions& options() const override;
  std::shared_ptr<const metrics::FeedStats> stats() const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticker::ingest
