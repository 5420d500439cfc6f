#include "told_state.hpp"

#include <utility>

namespace ticker::ingest {

void ToldState::tell(const FeedOptions& options, market::FeedState state, std::string reason) {
  const bool is_first = told_.feed.empty();
  if (!is_first && state == told_.state && reason == told_.reason &&
      options.adapter == told_.adapter) {
    return;
  }
  const auto since = is_first || state != told_.state ? wall_now() : told_.since;
  told_ = {options.name, options.adapter, state, since, std::move(reason)};
  stats_->state.set(static_cast<std::int64_t>(state));
  market_.set_feed(told_);
}

}  // namespace ticker::ingest
