#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ticker/base/result.hpp>
#include <ticker/ingest/backoff.hpp>
#include <ticker/ingest/batch_sink.hpp>
#include <ticker/ingest/connect_budgets.hpp>
#include <ticker/ingest/feed.hpp>
#include <ticker/ingest/feed_options.hpp>
#include <ticker/ingest/handover_limits.hpp>
#include <ticker/ingest/market_writer.hpp>
#include <ticker/ingest/patience.hpp>
#include <ticker/market/market_state.hpp>
#include <ticker/net/event_loop.hpp>

namespace ticker::ingest {

class HttpFetcher;

// All feeds, and the market state that they write. Its thread is the one that runs `loop` (the
// ingest thread); everything but request_state() belongs to it, or to the thread that sets up
// before the loop runs.
class Ingest {
 public:
  struct Options {
    std::string epoch;
    market::MarketState::Options state;
    Random random;  // of the back-off; empty: seeded by the system
    HandoverLimits handover = {};
    Patience patience = {};
    // What a venue refused since too much was asked is asked for again. Longer than the windows over
    // which venues count requests.
    std::chrono::milliseconds ask_again_after{30'000};
  };
  using NamedStats = std::pair<std::string, std::shared_ptr<const metrics::FeedStats>>;

  // `sink` must outlive it.
  Ingest(net::EventLoop& loop, BatchSink& sink, Options options);
  ~Ingest();
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  // Takes the feeds of a configuration, first or changed. Instruments of the configuration exist
  // when it returns. What is the same goes on undisturbed; a changed feed keeps the instruments
  // that stay, and connects anew; where only its symbols changed, it hands over. An error: nothing
  // was done.
  Status apply(const std::vector<FeedOptions>& feeds);
  // The error that apply() would give. Any thread.
  static Status check(const std::vector<FeedOptions>& feeds);
  // How many descriptors they hold at most: of venues, recordings and lists. Requires: check(feeds)
  // succeeded.
  static std::size_t most_descriptors(const std::vector<FeedOptions>& feeds);
  // Connects the feeds; those of a later apply() connect at once.
  void start();
  // Disconnects from all venues.
  void stop();

  // With what is not published yet.
  const market::MarketState& state() const { return market_.state(); }
  void set_state_options(market::MarketState::Options options) {
    market_.set_state_options(options);
  }
  // Publishes what has gathered; then everything, as of that batch.
  std::string serialise() { return market_.serialise(); }
  // Any thread: `reply` is called on the ingest thread with what serialise() gives, between two
  // batches. Not called if the loop ends before.
  void request_state(std::function<void(std::string)> reply);

  // The counters of each feed that there is, by name; any thread may read what they point at.
  std::vector<NamedStats> stats() const;

 private:
  std::unique_ptr<Feed> make_feed(const FeedOptions& options);

  net::EventLoop& loop_;
  const Random random_;
  const HandoverLimits handover_;
  const Patience patience_;
  const std::chrono::milliseconds ask_again_after_;
  ConnectBudgets budgets_;
  MarketWriter market_;
  const std::unique_ptr<HttpFetcher> polls_;
  const std::unique_ptr<HttpFetcher> lists_;  // a disk that hangs holds up no poll
  bool is_started_ = false;
  std::vector<std::unique_ptr<Feed>> feeds_;
  const std::shared_ptr<Ingest*> self_;  // what posted work holds weakly
};

}  // namespace ticker::ingest
