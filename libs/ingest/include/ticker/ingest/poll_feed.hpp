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
class PollFeed : public Feed {
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
  static std::unique_ptr<Feed> make(Shared shared, FeedOptions options);

 private:
  class Impl;
};

}  // namespace ticker::ingest
