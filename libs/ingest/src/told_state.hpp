#pragma once

#include <memory>
#include <string>
#include <utility>

#include <ticker/ingest/feed_options.hpp>
#include <ticker/ingest/market_writer.hpp>
#include <ticker/metrics/feed_stats.hpp>

namespace ticker::ingest {

// What clients and metrics are told of one feed's state. Ingest thread only.
class ToldState {
 public:
  // `market` must outlive it.
  ToldState(MarketWriter& market, std::shared_ptr<metrics::FeedStats> stats)
      : market_(market), stats_(std::move(stats)) {}

  // Nothing, if it was told already. A state that stays keeps the time of its beginning.
  void tell(const FeedOptions& options, market::FeedState state, std::string reason);

  market::FeedState state() const { return told_.state; }

 private:
  MarketWriter& market_;
  const std::shared_ptr<metrics::FeedStats> stats_;
  market::FeedStatus told_;  // without a feed: nothing was
};

}  // namespace ticker::ingest
