#include "served_instruments.hpp"

#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <utility>

#include "instruments.hpp"

namespace ticker::ingest {

using Stale = market::MarketState::Stale;

ServedInstruments::ServedInstruments(net::EventLoop& loop, MarketWriter& market,
                                     std::shared_ptr<metrics::FeedStats> stats)
    : market_(market), stats_(std::move(stats)), expiry_(loop, [this] { expire(); }) {}

void ServedInstruments::assign(const FeedOptions& options, const std::vector<std::string>& natives,
                               const std::vector<feed::ConnectionPlan>& plans,
                               bool connections_stay) {
  const auto before = std::exchange(served_, {});
  const auto before_by_connection = std::exchange(by_connection_, {});
  const auto stays = [&](const std::vector<std::size_t>& numbers, Index index) {
    return connections_stay && std::all_of(numbers.begin(), numbers.end(), [&](std::size_t number) {
             return number < before_by_connection.size() &&
                    std::binary_search(before_by_connection[number].begin(),
                                       before_by_connection[number].end(), index);
           });
  };
  const auto before_by_native = std::exchange(by_native_, {});
  const auto before_by_id = std::exchange(by_id_, {});
  const auto before_freshness = std::exchange(freshness_, std::nullopt);

  std::unordered_map<std::string_view, std::vector<std::size_t>> connections;
  for (std::size_t number = 0; number < plans.size(); ++number) {
    for (const auto& native : plans[number].natives) {
      connections[native].push_back(number);
    }
  }
  std::vector<std::pair<TimePoint, Index>> fresh;
  std::vector<Index> added;
  std::vector<bool> stayed(before.size());
  for (Index index = 0; index < natives.size(); ++index) {
    served_.push_back({0, Trust(connections[natives[index]])});
    const auto id = before_by_native.find(natives[index]);
    const auto* state = id ? market_.state().find(*id) : nullptr;
    if (state == nullptr ||
        state->instrument.symbol != options.name + ':' + options.symbols[index].canonical) {
      added.push_back(index);
      continue;
    }
    const auto was = before_by_id[*id];
    stayed[was] = true;
    auto& kept = served_.back();
    kept.id = state->id;
    kept.trust.inherit(before[was].trust);
    kept.may_have_missed =
        stays(connections[natives[index]], was) ? before[was].may_have_missed : state->trades > 0;
    if (!state->stale) {
      const auto last = before_freshness ? before_freshness->last(was) : std::nullopt;
      fresh.emplace_back(last.value_or(std::chrono::steady_clock::now()), index);
    }
  }
  // Before anything is added: a symbol may come back with another native name.
  for (Index was = 0; was < before.size(); ++was) {
    if (!stayed[was]) {
      market_.remove(before[was].id);
    }
  }
  for (const auto index : added) {
    served_[index].id = market_.add(
        make_instrument(options.name, options.symbols[index].canonical, natives[index]), stats_);
  }
  by_connection_.assign(plans.size(), {});
  for (Index index = 0; index < natives.size(); ++index) {
    const auto id = served_[index].id;
    by_id_.resize(std::max<std::size_t>(by_id_.size(), id + std::size_t{1}));
    by_id_[id] = index;
    by_native_.emplace(natives[index], id);
    for (const auto number : connections[natives[index]]) {
      by_connection_[number].push_back(index);
    }
  }
  if (options.instrument_timeout.count() > 0) {
    freshness_.emplace(served_.size(), options.instrument_timeout);
    std::sort(fresh.begin(), fresh.end());
    for (const auto& [last, index] : fresh) {
      freshness_->touch(index, last);
    }
  }
  expiry_.cancel();
  arm_expiry();
}

void ServedInstruments::clear() {
  for (const auto& served : served_) {
    market_.remove(served.id);
  }
  served_.clear();
  by_native_ = {};
  by_id_.clear();
  by_connection_.clear();
  freshness_.reset();
  expiry_.cancel();
}

void ServedInstruments::apply(const market::Update& update, Source source) {
  market_.apply(update, take(update.instrument, source));
}

void ServedInstruments::apply(const market::Trade& trade, market::FieldSet sets, Source source) {
  const auto stale = take(trade.instrument, source);
  if (!std::exchange(served(trade.instrument).may_have_missed, false)) {
    market_.apply(trade, sets, stale);
    return;
  }
  market::Trade after_loss = trade;
  after_loss.missed_before = market::Trade::kUnknownMissed;
  market_.apply(after_loss, sets, stale);
}

void ServedInstruments::distrust(std::size_t connection) {
  for (const auto index : by_connection_[connection]) {
    served_[index].trust.lose(connection);
    market_.mark_stale(served_[index].id);
  }
}

void ServedInstruments::trust(std::size_t connection) {
  for (const auto index : by_connection_[connection]) {
    auto& served = served_[index];
    served.trust.restore(connection);
    market_.set_cut(served.id, served.trust.cut_since());
  }
}

void ServedInstruments::cut(std::size_t connection, TimePoint since) {
  for (const auto index : by_connection_[connection]) {
    auto& served = served_[index];
    served.trust.cut(connection, since);
    market_.set_cut(served.id, served.trust.cut_since());
  }
}

// What a message that was taken does to the instrument's staleness.
Stale ServedInstruments::take(market::InstrumentId id, Source source) {
  const auto index = by_id_[id];
  auto& trust = served_[index].trust;
  if (source.trusted) {
    trust.confirm(source.connection);
  }
  if (freshness_) {
    freshness_->touch(index, std::chrono::steady_clock::now());
    if (!expiry_.armed()) {
      arm_expiry();
    }
  }
  return source.trusted && trust.whole() ? Stale::kEnds : Stale::kStays;
}

void ServedInstruments::expire() {
  while (const auto index = freshness_->take_expired(std::chrono::steady_clock::now())) {
    market_.mark_stale(served_[*index].id);
  }
  arm_expiry();
}

void ServedInstruments::arm_expiry() {
  const auto next = freshness_ ? freshness_->next_expiry() : std::nullopt;
  if (next) {
    expiry_.start_at(*next);
  }
}

}  // namespace ticker::ingest
