#pragma once

#include <memory>

#include <ticker/base/result.hpp>
#include <ticker/ingest/feed.hpp>
#include <ticker/ingest/feed_runner.hpp>

namespace ticker::ingest {

class HttpFetcher;

// A FeedRunner whose symbols are held against the venue's own list, which is fetched at start:
// patterns such as `*-USDT` become instruments, names that it lacks are told. Without the list, the
// one of the last start serves; without that, plain names go on unseen and patterns wait. Asks
// until it was answered once. Ingest thread only.
class DiscoveringFeed : public Feed {
 public:
  // Checks the options, without any effect.
  static Status check(const FeedOptions& options);
  // Adds the plain instruments to the market. `fetcher` must outlive it. Requires: check(options)
  // succeeded.
  static std::unique_ptr<Feed> make(FeedRunner::Shared shared, HttpFetcher& fetcher,
                                    FeedOptions options);

 private:
  class Impl;
};

}  // namespace ticker::ingest
