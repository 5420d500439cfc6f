#pragma once

#include <memory>

#include <ticker/base/result.hpp>
#include <ticker/ingest/feed.hpp>
#include <ticker/net/event_loop.hpp>

namespace ticker::ingest {

class MarketWriter;

// Recordings played as if it all happened now: on one clock, at a speed, over and over if wanted.
// Times keep their distance from the moment of receiving, which is when the message was due. At the
// end without a loop everything is stale and the feed is down. Ingest thread only.
class RecordingFeed final : public Feed {
 public:
  static constexpr const char* kAdapter = "recording";

  // Opens the recordings; without any effect.
  static Status check(const FeedOptions& options);
  // Adds the instruments that are known before anything is played. Both must outlive it.
  RecordingFeed(net::EventLoop& loop, MarketWriter& market, FeedOptions options);
  ~RecordingFeed() override;

  void start() override;
  void remove() override;
  const FeedOptions& options() const override;
  std::shared_ptr<const metrics::FeedStats> stats() const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticker::ingest
