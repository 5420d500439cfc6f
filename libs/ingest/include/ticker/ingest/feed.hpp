#pragma once

#include <memory>
#include <string>

#include <ticker/ingest/feed_options.hpp>
#include <ticker/metrics/feed_stats.hpp>

namespace ticker::ingest {

// A source of one venue's quotes that writes into the market state. Ingest thread only, but for
// what stats() points at.
class Feed {
 public:
  virtual ~Feed() = default;

  // Begins to connect (or to simulate). Its instruments exist already.
  virtual void start() = 0;
  // Disconnects for good; its instruments stay as they are. What its recording still has to write
  // is waited for when the feed is destroyed: so all feeds are stopped before the first one is.
  virtual void stop() {}
  // Takes the feed and its instruments out of the market. It has ended then.
  virtual void remove() = 0;
  // Goes on with other options: instruments that stay keep their state, whatever else is made anew.
  // False, and nothing done: it can't. Requires: that the options were checked, have the same name,
  // and are for a feed of the same class.
  virtual bool change(const FeedOptions& /*options*/) { return false; }

  virtual const FeedOptions& options() const = 0;
  // Of the feed, also after it has gone; the counters may be read by any thread.
  virtual std::shared_ptr<const metrics::FeedStats> stats() const = 0;
};

}  // namespace ticker::ingest
