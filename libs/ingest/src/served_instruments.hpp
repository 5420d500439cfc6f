#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/name_index.hpp>
#include <ticker/feed/adapter.hpp>
#include <ticker/ingest/feed_options.hpp>
#include <ticker/ingest/freshness.hpp>
#include <ticker/ingest/market_writer.hpp>
#include <ticker/ingest/trust.hpp>
#include <ticker/metrics/feed_stats.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/net/timer.hpp>

namespace ticker::ingest {

// The instruments of one feed in the market: what they are called, what data does to them, and when
// they are stale. Ingest thread only.
class ServedInstruments {
 public:
  // The connection that data came over.
  struct Source {
    std::size_t connection;  // its place in the feed's plans
    bool trusted;            // false: the venue itself says that it can't be
  };

  // `stats` (of the feed) get the instruments' times.
  ServedInstruments(net::EventLoop& loop, MarketWriter& market,
                    std::shared_ptr<metrics::FeedStats> stats);

  // From now on these, over these connections: adds what is new, removes what is gone; what stays
  // keeps its id and its state. `natives`: of each of the options' symbols. `connections_stay`: each
  // hands over to the one of the same number, and what stays on it misses no trade.
  void assign(const FeedOptions& options, const std::vector<std::string>& natives,
              const std::vector<feed::ConnectionPlan>& plans, bool connections_stay = false);
  // Removes them all.
  void clear();

  std::optional<market::InstrumentId> find(std::string_view native) const {
    return by_native_.find(native);
  }

  void apply(const market::Update& update, Source source);
  void apply(const market::Trade& trade, market::FieldSet sets, Source source);

  // Nothing that the connection brings, or brought, can be vouched for: what it serves is stale.
  void distrust(std::size_t connection);
  // The connection works.
  void trust(std::size_t connection);
  // The connection is gone, since then, and will be made anew; until trust().
  void cut(std::size_t connection, TimePoint since);

 private:
  struct Served {
    market::InstrumentId id;
    Trust trust;
    // Nobody remembers the id of the last trade: what came after it is lost.
    bool may_have_missed = false;
  };
  using Index = std::size_t;  // in served_ and freshness_

  Served& served(market::InstrumentId id) { return served_[by_id_[id]]; }
  market::MarketState::Stale take(market::InstrumentId id, Source source);
  void expire();
  void arm_expiry();

  MarketWriter& market_;
  const std::shared_ptr<metrics::FeedStats> stats_;

  std::vector<Served> served_;
  NameIndex by_native_;       // ids
  std::vector<Index> by_id_;  // of ids that are not served here: anything
  std::vector<std::vector<Index>> by_connection_;
  std::optional<Freshness> freshness_;  // nullopt: instruments may be silent for ever
  net::Timer expiry_;
};

}  // namespace ticker::ingest
