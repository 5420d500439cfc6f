#pragma once

#include <memory>

#include <ticker/ingest/feed.hpp>
#include <ticker/ingest/feed_options.hpp>
#include <ticker/net/event_loop.hpp>

namespace ticker::ingest {

class MarketWriter;

// The feed `best`: made of the market's own quotes, not of a venue's messages. Each of its
// instruments has the best bid and offer of the venues configured for it, with the size of the one
// venue that gives it. Chosen once a batch, so that a client never gets a quote of a venue together
// with a best one that does not know it. Ingest thread only.
class BestFeed : public Feed {
 public:
  // Adds the instruments to the market. Both must outlive it; there is one at a time.
  static std::unique_ptr<Feed> make(net::EventLoop& loop, MarketWriter& market, FeedOptions options);

 private:
  class Impl;
};

}  // namespace ticker::ingest
