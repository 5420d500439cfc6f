#include <ticker/ingest/simulator_feed.hpp>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <ticker/base/ids.hpp>
#include <ticker/feed/simulator.hpp>
#include <ticker/ingest/market_writer.hpp>
#include <ticker/net/timer.hpp>

#include "instruments.hpp"
#include "stats.hpp"

namespace ticker::ingest {
namespace {

// Changes closer together than this come in one turn of the loop: a timer for each would cost more
// than the change.
constexpr std::chrono::milliseconds kLeastSleep{1};
// A machine that cannot keep up makes so many in one turn, so that others have theirs and a batch
// stays small; once it is further behind than this, its market runs slower than asked.
constexpr std::uint64_t kChangesAtOnce = 1'000;
constexpr std::chrono::seconds kMostBehind{1};

std::chrono::microseconds one_turn(std::uint64_t updates_per_second) {
  constexpr std::uint64_t kMicroseconds = 1'000'000;
  return std::chrono::microseconds(1 + kChangesAtOnce * kMicroseconds /
                                           std::max<std::uint64_t>(updates_per_second, 1));
}

}  // namespace

class SimulatorFeed::Impl final : private feed::Sink {
 public:
  Impl(net::EventLoop& loop, MarketWriter& market, FeedOptions options)
      : options_(std::move(options)),
        market_(market),
        stats_(std::make_shared<metrics::FeedStats>(rejected_reasons(), skipped_reasons())),
        simulator_({options_.seed, options_.instruments, options_.updates_per_second}),
        timer_(loop, [this] { advance(); }) {
    for (const auto& name : simulator_.instruments()) {
      served_[name] = market_.add(make_instrument(options_.name, name, name), stats_);
    }
    tell_state(market::FeedState::kConnecting, "starting");
  }

  void start() {
    tell_state(market::FeedState::kLive, {});
    advance_to(clock_.now());
  }

  void remove() {
    timer_.cancel();
    for (const auto& [name, id] : served_) {
      market_.remove(id);
    }
    served_.clear();
    market_.remove_feed(options_.name);
  }

  const FeedOptions& options() const { return options_; }
  std::shared_ptr<const metrics::FeedStats> stats() const { return stats_; }

 private:
  Timestamp now() const { return clock_.now() - left_out_; }

  void advance() {
    const auto until =
        std::min(now(), simulator_.next_due() + one_turn(options_.updates_per_second));
    left_out_ += std::max<Timestamp::duration>(now() - until - kMostBehind, Timestamp::duration(0));
    advance_to(until);
  }

  void advance_to(Timestamp until) {
    simulator_.advance(until, *this);
    stats_->last_message_us.set(to_us(until));
    if (options_.updates_per_second > 0) {
      timer_.start(std::max<std::chrono::nanoseconds>(simulator_.next_due() - now(), kLeastSleep));
    }
  }

  std::optional<market::InstrumentId> find(std::string_view native) override {
    const auto found = served_.find(native);
    return found == served_.end() ? std::nullopt : std::optional(found->second);
  }

  void ticker(const market::Update& update) override {
    stats_->messages.add();
    market_.apply(update);
  }

  void trade(const market::Trade& trade, market::FieldSet sets) override {
    stats_->messages.add();
    market_.apply(trade, sets);
  }

  void notice(const feed::Notice&) override {}
  void rejected(feed::Rejected reason) override {
    stats_->rejected.add_at(static_cast<std::size_t>(reason));
  }
  void skipped(feed::Skipped reason) override {
    stats_->skipped.add_at(static_cast<std::size_t>(reason));
  }

  void tell_state(market::FeedState state, std::string reason) {
    stats_->state.set(static_cast<std::int64_t>(state));
    market_.set_feed({options_.name, options_.adapter, state, clock_.now(), std::move(reason)});
  }

  const FeedOptions options_;
  MarketWriter& market_;
  const std::shared_ptr<metrics::FeedStats> stats_;
  const SteadyWallClock clock_;      // the simulator's time must not go back
  Timestamp::duration left_out_{0};  // by so much the simulator's time is behind the clock for good
  feed::Simulator simulator_;
  std::unordered_map<std::string, market::InstrumentId, StringHash, std::equal_to<>> served_;
  net::Timer timer_;
};

SimulatorFeed::SimulatorFeed(net::EventLoop& loop, MarketWriter& market, FeedOptions options)
    : impl_(std::make_unique<Impl>(loop, market, std::move(options))) {}
SimulatorFeed::~SimulatorFeed() = default;

void SimulatorFeed::start() { impl_->start(); }
void SimulatorFeed::remove() { impl_->remove(); }
const FeedOptions& SimulatorFeed::options() const { return impl_->options(); }
std::shared_ptr<const metrics::FeedStats> SimulatorFeed::stats() const { return impl_->stats(); }

}  // namespace ticker::ingest
