#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/base/result.hpp>
#include <ticker/ingest/playback.hpp>
#include <ticker/market/market_state.hpp>

namespace ticker::ingest {

// The market that recordings alone make, on a version line of its own: for whoever replays to
// clients without the live one. One thread.
class PlayedMarket final : private Playback::Target {
 public:
  static Result<std::unique_ptr<PlayedMarket>> open(const std::vector<Playback::Track>& tracks,
                                                    std::string epoch);

  // As Playback's.
  std::optional<Timestamp> next() const { return playback_->next(); }
  void play() {
    ++played_;
    playback_->play();
  }
  const Playback& playback() const { return *playback_; }
  // What was played since the last call, the instruments known before it too.
  market::Batch take_batch() {
    played_ = 0;
    is_urgent_ = false;
    return state_.take_batch();
  }
  // Whether that changes more than values, so that clients may be told at once, or has become much
  // for one batch.
  bool is_urgent() const { return is_urgent_ || played_ >= kMostPlayed; }
  const market::MarketState& state() const { return state_; }

 private:
  static constexpr std::size_t kMostPlayed = 1'000;  // messages a batch

  explicit PlayedMarket(std::string epoch) : state_(std::move(epoch)) {}

  market::InstrumentId add(market::Instrument instrument) override;
  void apply(const market::Update& update, Stale stale) override {
    is_urgent_ |= stale == Stale::kEnds && state_.find(update.instrument)->stale;
    state_.apply(update, stale);
  }
  void apply(const market::Trade& trade, market::FieldSet sets, Stale stale) override {
    is_urgent_ |= stale == Stale::kEnds && state_.find(trade.instrument)->stale;
    state_.apply(trade, sets, stale);
  }
  void mark_stale(market::InstrumentId id) override {
    is_urgent_ = true;
    state_.mark_stale(id);
  }
  void set_feed(market::FeedStatus status) override {
    is_urgent_ = true;
    state_.set_feed(std::move(status));
  }

  market::MarketState state_;
  // since the last batch
  std::size_t played_ = 0;
  bool is_urgent_ = false;
  std::optional<Playback> playback_;  // there once open() succeeded
};

}  // namespace ticker::ingest
