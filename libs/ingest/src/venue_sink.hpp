#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <ticker/feed/sink.hpp>
#include <ticker/metrics/feed_stats.hpp>

namespace ticker::ingest {

// What decoding counts, whatever the feed. Ingest thread only.
class VenueSink : public feed::Sink {
 public:
  void rejected(feed::Rejected reason) override {
    stats_->rejected.add_at(static_cast<std::size_t>(reason));
  }
  void skipped(feed::Skipped reason) override {
    stats_->skipped.add_at(static_cast<std::size_t>(reason));
  }

 protected:
  explicit VenueSink(std::shared_ptr<metrics::FeedStats> stats) : stats_(std::move(stats)) {}

  // The times of one event.
  void observe(Timestamp exchange_time, Timestamp receive_time);
  // The venue says that something is wrong: counted, the first one told.
  void complain(const std::string& feed, std::string_view text);

  const std::shared_ptr<metrics::FeedStats> stats_;

 private:
  bool has_complained_ = false;
};

}  // namespace ticker::ingest
