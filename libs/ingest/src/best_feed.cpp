#include <ticker/ingest/best_feed.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <ticker/ingest/market_writer.hpp>
#include <ticker/net/timer.hpp>

#include "best_quote.hpp"
#include "instruments.hpp"
#include "stats.hpp"
#include "told_state.hpp"

namespace ticker::ingest {
namespace {

using market::FeedState;
using market::Field;
using Standing = BestQuote::Standing;

// Venues left out that the feed's reason names; every client is told the text.
constexpr std::size_t kNamed = 10;

std::string venue_of(const std::string& symbol) { return symbol.substr(0, symbol.find(':')); }

// Sorted: in another order of preference they are the same.
std::vector<std::string> venues_of(const FeedOptions::Best& best) {
  std::set<std::string> venues;
  for (const auto& from : best.from) {
    venues.insert(venue_of(from));
  }
  return {venues.begin(), venues.end()};
}

// nullopt: never.
std::optional<TimePoint> earlier(std::optional<TimePoint> a, std::optional<TimePoint> b) {
  return a && b ? std::min(a, b) : a ? a : b;
}

}  // namespace

class BestFeed::Impl final : public BestFeed, private MarketWriter::Deriver {
 public:
  Impl(net::EventLoop& loop, MarketWriter& market, FeedOptions options)
      : market_(market),
        stats_(std::make_shared<metrics::FeedStats>(rejected_reasons(), skipped_reasons())),
        told_(market_, stats_),
        timer_(loop, [this] { market_.flush(); }) {
    stats_->is_consolidated = true;
    configure(std::move(options));
    market_.set_deriver(this);
  }
  ~Impl() override { market_.set_deriver(nullptr); }

  // Nothing to connect.
  void start() override {}

  bool change(const FeedOptions& options) override {
    configure(options);
    return true;
  }

  void remove() override {
    market_.set_deriver(nullptr);
    timer_.cancel();
    for (const auto& made : made_) {
      market_.remove(made.id);
    }
    made_.clear();
    market_.remove_feed(options_.name);
  }

  const FeedOptions& options() const override { return options_; }
  std::shared_ptr<const metrics::FeedStats> stats() const override { return stats_; }

 private:
  // Instruments that stay keep their state; one of other venues is another instrument.
  void configure(FeedOptions options) {
    auto before = std::exchange(made_, {});
    options_ = std::move(options);
    for (const auto& best : options_.best) {
      const auto symbol = options_.name + ':' + best.symbol;
      auto instrument = make_instrument(options_.name, best.symbol, best.symbol);
      instrument.venues = venues_of(best);
      const auto same = std::find_if(before.begin(), before.end(), [&](const Made& made) {
        return market_.state().find(made.id)->instrument.symbol == symbol;
      });
      std::optional<market::InstrumentId> id;
      if (same != before.end()) {
        if (market_.state().find(same->id)->instrument.venues == instrument.venues) {
          id = same->id;
        } else {
          market_.remove(same->id);
        }
        before.erase(same);
      }
      const auto& venues = instrument.venues;
      Made made{0, BestQuote(best.from.size(), best.crossed), best.crossed};
      for (const auto& from : best.from) {
        const auto venue = std::find(venues.begin(), venues.end(), venue_of(from));
        made.from.push_back(
            {from, static_cast<std::uint8_t>(venue - venues.begin()), std::nullopt, false});
      }
      // Its times are those of the venues: they are not counted again.
      made.id = id ? *id : market_.add(std::move(instrument), nullptr);
      made_.push_back(std::move(made));
    }
    for (const auto& made : before) {
      market_.remove(made.id);
    }
    instruments_end_ = 0;
    tell_state();
  }

  struct From {
    std::string symbol;
    std::uint8_t venue;                      // its place in the instrument's list
    std::optional<market::InstrumentId> id;  // nullopt: there is none
    bool is_cut = false;                     // for too long: it does not count
  };
  struct Made {
    market::InstrumentId id;
    BestQuote quote;
    // So long a venue's connection may be gone: its quote is taken for right no longer than one that
    // the others contradict.
    std::chrono::milliseconds patience;
    std::vector<From> from = {};
    // Of `from`, as of the call in hand.
    std::vector<const market::InstrumentState*> states = {};
    std::vector<Standing> told = {};
    market::Version seen = 0;  // the venues' latest change that was taken into account
    std::optional<TimePoint> cut_due = {};  // when the next of those that are gone does not count
    std::optional<TimePoint> due = {};
  };

  // The venues' changes of this batch are in the state: what follows from them has to be, too.
  void derive() override {
    const auto now = std::chrono::steady_clock::now();
    // A number of an instrument is never used again: only where there are new ones, or one has
    // gone, is there anything to look for by name.
    const bool has_new =
        std::exchange(instruments_end_, market_.state().end_id()) != market_.state().end_id();
    bool has_moved = false;
    for (auto& made : made_) {
      if (look(made, has_new, now) || (made.due && *made.due <= now)) {
        apply(made, made.quote.choose(made.states, now));
        has_moved = note_standings(made) || has_moved;
      }
      made.due = earlier(made.quote.due(), made.cut_due);
    }
    if (has_moved) {
      tell_state();
    }
    arm();
  }

  // Whether a venue's instrument has changed since the last time, come, or gone.
  bool look(Made& made, bool has_new, TimePoint now) {
    made.states.clear();
    made.cut_due.reset();
    bool is_other = false;
    auto latest = made.seen;
    for (auto& from : made.from) {
      const auto* state = from.id ? market_.state().find(*from.id) : nullptr;
      is_other = is_other || (from.id && state == nullptr);
      if (state == nullptr && (from.id || has_new)) {
        state = market_.state().find(from.symbol);
        from.id = state == nullptr ? std::nullopt : std::optional(state->id);
      }
      if (state != nullptr) {
        latest = std::max(latest, state->updated);
      }
      const auto cut_since = state != nullptr ? market_.cut_since(state->id) : std::nullopt;
      const bool is_cut = cut_since && *cut_since <= now - made.patience;
      is_other = std::exchange(from.is_cut, is_cut) != is_cut || is_other;
      if (cut_since && !is_cut) {
        made.cut_due = earlier(made.cut_due, *cut_since + made.patience);
      }
      made.states.push_back(is_cut ? nullptr : state);
    }
    return std::exchange(made.seen, latest) != latest || is_other || made.told.empty();
  }

  void arm() {
    std::optional<TimePoint> due;
    for (const auto& made : made_) {
      due = earlier(due, made.due);
    }
    if (due) {
      timer_.start_at(*due);
    } else if (timer_.armed()) {
      timer_.cancel();
    }
  }

  void apply(const Made& made, BestQuote::Best best) {
    update_.instrument = made.id;
    update_.values.clear();
    take(made, best.bid, Field::kBid, Field::kBidSize, Field::kBidVenue);
    take(made, best.ask, Field::kAsk, Field::kAskSize, Field::kAskVenue);
    // The times are those of the side that changed last.
    const auto* const bid = best.bid ? made.states[*best.bid] : nullptr;
    const auto* const ask = best.ask ? made.states[*best.ask] : nullptr;
    const auto* const newer =
        bid == nullptr || (ask != nullptr && ask->updated > bid->updated) ? ask : bid;
    if (newer == nullptr) {
      update_.exchange_time = kNoTime;
      update_.receive_time = market_.state().find(made.id)->receive_time;
      market_.apply(update_, market::MarketState::Stale::kStays);
      market_.mark_stale(made.id);
      return;
    }
    update_.exchange_time = newer->exchange_time;
    update_.receive_time = newer->receive_time;
    market_.apply(update_);
    stats_->last_message_us.set(to_us(newer->receive_time));
  }

  void take(const Made& made, std::optional<std::size_t> venue, Field price, Field size,
            Field whose) {
    if (venue) {
      update_.values.set_venue(whose, made.from[*venue].venue);
    } else {
      update_.values.set_null(whose);
    }
    for (const auto field : {price, size}) {
      const auto* const values = venue ? &made.states[*venue]->values : nullptr;
      if (values != nullptr && values->present().has(field) && !values->null().has(field)) {
        update_.values.set(field, values->decimal(field));
      } else {
        update_.values.set_null(field);
      }
    }
  }

  // Whether a venue came in or went out.
  static bool note_standings(Made& made) {
    bool has_moved = made.told.size() != made.from.size();
    made.told.resize(made.from.size());
    for (std::size_t i = 0; i < made.told.size(); ++i) {
      const auto standing = made.quote.standing(i);
      has_moved = std::exchange(made.told[i], standing) != standing || has_moved;
    }
    return has_moved;
  }

  // Stale if one of its instruments has no venue left.
  void tell_state() {
    auto state = FeedState::kLive;
    std::string reason;
    std::size_t left_out = 0;
    for (const auto& made : made_) {
      bool has_any = false;
      for (std::size_t i = 0; i < made.told.size(); ++i) {
        if (made.told[i] == Standing::kIn) {
          has_any = true;
        } else if (++left_out <= kNamed) {
          reason += (reason.empty() ? "left out: " : ", ") + made.from[i].symbol +
                    (made.told[i] == Standing::kStale ? " (stale)" : " (crossed)");
        }
      }
      state = has_any ? state : FeedState::kStale;
    }
    if (left_out > kNamed) {
      reason += " and " + std::to_string(left_out - kNamed) + " others";
    }
    stats_->left_out.set(static_cast<std::int64_t>(left_out));
    told_.tell(options_, state, std::move(reason));
  }

  FeedOptions options_;
  MarketWriter& market_;
  const std::shared_ptr<metrics::FeedStats> stats_;
  std::vector<Made> made_;
  market::InstrumentId instruments_end_ = 0;  // ids below it have been looked for
  market::Update update_;                     // reused
  ToldState told_;
  net::Timer timer_;
};

std::unique_ptr<Feed> BestFeed::make(net::EventLoop& loop, MarketWriter& market,
                                     FeedOptions options) {
  return std::make_unique<Impl>(loop, market, std::move(options));
}

}  // namespace ticker::ingest
