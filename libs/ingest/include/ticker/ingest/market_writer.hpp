#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/ingest/backoff.hpp>
#include <ticker/ingest/batch_sink.hpp>
#include <ticker/market/market_state.hpp>
#include <ticker/metrics/feed_stats.hpp>
#include <ticker/net/event_loop.hpp>

namespace ticker::ingest {

// The one writer of the market's state: gathers the changes of one turn of the loop into one batch
// and publishes it. A read burst of a venue is one turn; one too long for a batch is several. A
// venue's message is never split, because nothing is published while it is decoded. Ingest thread
// only.
class MarketWriter {
 public:
  // What a batch may have gathered, in updates and trades, before the end of its turn: what comes
  // after need not wait, and no shard has to swallow more at once. The message in hand comes on top.
  static constexpr std::size_t kMostGathered = 1'000;

  using Stale = market::MarketState::Stale;

  // Writes what follows from other instruments' values.
  class Deriver {
   public:
    // The changes of a batch are in the state; what is applied now is in the same batch.
    virtual void derive() = 0;

   protected:
    ~Deriver() = default;
  };

  // `sink` must outlive it.
  MarketWriter(net::EventLoop& loop, BatchSink& sink, std::string epoch,
               market::MarketState::Options options);
  MarketWriter(const MarketWriter&) = delete;
  MarketWriter& operator=(const MarketWriter&) = delete;

  // With what is not published yet.
  const market::MarketState& state() const { return state_; }
  void set_state_options(market::MarketState::Options options) { state_.set_options(options); }

  // These as in MarketState. `stats` (of its feed) gets the instrument's times.
  market::InstrumentId add(market::Instrument instrument,
                           std::shared_ptr<metrics::FeedStats> stats);
  void remove(market::InstrumentId id);
  void apply(const market::Update& update, Stale stale = Stale::kEnds);
  void apply(const market::Trade& trade, market::FieldSet sets, Stale stale = Stale::kEnds);
  void mark_stale(market::InstrumentId id);
  void set_feed(market::FeedStatus status);
  void remove_feed(std::string_view feed);

  // The venue of the instrument can't be heard, since then; nullopt: it can. That is for derivers;
  // clients see it when the instrument is stale.
  void set_cut(market::InstrumentId id, std::optional<TimePoint> since);
  std::optional<TimePoint> cut_since(market::InstrumentId id) const {
    return id < cut_since_.size() ? cut_since_[id] : std::nullopt;
  }

  // nullptr: none. It must outlive being set.
  void set_deriver(Deriver* deriver) { deriver_ = deriver; }

  // A message of a venue ends: a batch may.
  void end_message();
  // Publishes what has gathered, now.
  void flush();
  // Publishes what has gathered; then everything, as of that batch.
  std::string serialise();

 private:
  void schedule();
  void observe(const market::Batch& batch);

  net::EventLoop& loop_;
  BatchSink& sink_;
  market::MarketState state_;
  std::vector<std::shared_ptr<metrics::FeedStats>> stats_;  // by instrument id
  std::vector<std::optional<TimePoint>> cut_since_;         // likewise
  std::size_t gathered_ = 0;  // since the last flush()
  bool is_scheduled_ = false;
  Deriver* deriver_ = nullptr;
  bool is_deriving_ = false;
  const std::shared_ptr<MarketWriter*> self_;  // what a posted flush holds weakly
};

}  // namespace ticker::ingest
