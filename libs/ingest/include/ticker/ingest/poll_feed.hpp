#pragma once

#include <memory>

#include <ticker/base/result.hpp>
#include <ticker/ingest/backoff.hpp>
#include <ticker/ingest/feed.hpp>
#include <ticker/net/event_loop.hpp>

namespace ticker::ingest {

class HttpFetcher;
class MarketWriter;

// A venue that is asked again and again over HTTP: one request for many instruments, or one each,
// within the venue's budget. What has not changed (304) is fresh all the same. Ingest thread only.
class PollFeed final : public Feed {
 public:
  // What it uses; outlives it.
  struct Shared {
    net::EventLoop& loop;
    MarketWriter& market;
    HttpFetcher& fetcher;
    Random random;
  };

  // Checks the options, without any effect.
  static Status check(const FeedOptions& options);
  // Adds the instruments to the market. Requires: check(options) succeeded.
  PollFeed(Shared shared, FeedOptions options);
  ~PollFeed() override;

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
