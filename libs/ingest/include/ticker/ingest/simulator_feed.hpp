#pragma once

#include <memory>

#include <ticker/ingest/feed.hpp>
#include <ticker/net/event_loop.hpp>

namespace ticker::ingest {

class MarketWriter;

// A feed made up by feed::Simulator, driven by a timer. Live from its start. Ingest thread only.
class SimulatorFeed final : public Feed {
 public:
  // Adds the instruments to the market. Both must outlive it.
  SimulatorFeed(net::EventLoop& loop, MarketWriter& market, FeedOptions options);
  ~SimulatorFeed() override;

  void start() override;
  void remove() override;
  const FeedOptions& options() const override;
  std::shared_ptr<const metrics::FeedStats> stats() const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticker::ingest
