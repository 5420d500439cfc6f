#include <ticker/ingest/played_market.hpp>

namespace ticker::ingest {

Result<std::unique_ptr<PlayedMarket>> PlayedMarket::open(const std::vector<Playback::Track>& tracks,
                                                         std::string epoch) {
  std::unique_ptr<PlayedMarket> market(new PlayedMarket(std::move(epoch)));
  Playback::Target& target = *market;
  auto playback = Playback::open(tracks, target);
  if (!playback) {
    return playback.error();
  }
  market->playback_.emplace(std::move(playback.value()));
  return market;
}

// Two recordings of one feed are one venue's: they share what they both name.
market::InstrumentId PlayedMarket::add(market::Instrument instrument) {
  is_urgent_ = true;
  const auto* known = state_.find(instrument.symbol);
  return known != nullptr ? known->id : state_.add(std::move(instrument));
}

}  // namespace ticker::ingest
