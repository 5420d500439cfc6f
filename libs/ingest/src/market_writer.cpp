#include <ticker/ingest/market_writer.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace ticker::ingest {

MarketWriter::MarketWriter(net::EventLoop& loop, BatchSink& sink, std::string epoch,
                           market::MarketState::Options options)
    : loop_(loop),
      sink_(sink),
      state_(std::move(epoch), options),
      self_(std::make_shared<MarketWriter*>(this)) {}

market::InstrumentId MarketWriter::add(market::Instrument instrument,
                                       std::shared_ptr<metrics::FeedStats> stats) {
  const auto id = state_.add(std::move(instrument));
  stats_.resize(id + std::size_t{1});
  stats_[id] = std::move(stats);
  schedule();
  return id;
}

void MarketWriter::remove(market::InstrumentId id) {
  stats_[id].reset();
  state_.remove(id);
  schedule();
}

void MarketWriter::apply(const market::Update& update, Stale stale) {
  if (state_.apply(update, stale)) {
    ++gathered_;
    schedule();
  }
}

void MarketWriter::apply(const market::Trade& trade, market::FieldSet sets, Stale stale) {
  state_.apply(trade, sets, stale);
  if (trade.missed_before != 0 && stats_[trade.instrument] != nullptr) {
    stats_[trade.instrument]->trade_gaps.add();
  }
  ++gathered_;
  schedule();
}

void MarketWriter::mark_stale(market::InstrumentId id) {
  state_.mark_stale(id);
  schedule();
}

void MarketWriter::set_cut(market::InstrumentId id, std::optional<TimePoint> since) {
  cut_since_.resize(std::max<std::size_t>(cut_since_.size(), id + std::size_t{1}));
  if (std::exchange(cut_since_[id], since) != since) {
    schedule();
  }
}

void MarketWriter::set_feed(market::FeedStatus status) {
  state_.set_feed(std::move(status));
  schedule();
}

void MarketWriter::remove_feed(std::string_view feed) {
  state_.remove_feed(feed);
  schedule();
}

void MarketWriter::end_message() {
  if (gathered_ >= kMostGathered) {
    flush();
  }
}

void MarketWriter::flush() {
  gathered_ = 0;
  if (deriver_ != nullptr) {
    is_deriving_ = true;
    deriver_->derive();
    is_deriving_ = false;
  }
  auto batch = state_.take_batch();
  if (batch.empty()) {
    return;
  }
  batch.published = wall_now();
  observe(batch);
  sink_.publish(std::make_shared<const market::Batch>(std::move(batch)));
}

std::string MarketWriter::serialise() {
  flush();
  return state_.serialise();
}

void MarketWriter::schedule() {
  if (is_deriving_ || std::exchange(is_scheduled_, true)) {
    return;
  }
  loop_.post([weak = std::weak_ptr(self_)] {
    if (const auto self = weak.lock()) {
      (*self)->is_scheduled_ = false;
      (*self)->flush();
    }
  });
}

void MarketWriter::observe(const market::Batch& batch) {
  for (const auto& change : batch.changes) {
    // A change of nothing but `stale` comes from a watchdog: no message was received.
    const bool from_message = change.fields != market::FieldSet(market::Field::kStale);
    if (from_message && stats_[change.id] != nullptr) {
      stats_[change.id]->receive_to_publish.observe(batch.published - change.receive_time);
    }
  }
}

}  // namespace ticker::ingest
