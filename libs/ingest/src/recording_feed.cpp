#include <ticker/ingest/recording_feed.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ticker/base/ids.hpp>
#include <ticker/base/log.hpp>
#include <ticker/ingest/market_writer.hpp>
#include <ticker/ingest/playback.hpp>
#include <ticker/net/timer.hpp>

#include "stats.hpp"

namespace ticker::ingest {
namespace {

using market::FeedState;

// Played in one turn of the loop, so that others have theirs.
constexpr std::size_t kMessagesAtOnce = 1'000;
// A machine that can't keep up, or slept, plays slower than asked rather than ever further behind.
constexpr std::chrono::seconds kMostBehind{1};
// From one beginning to the next: recordings that take no time would take all of the loop's.
constexpr std::chrono::milliseconds kLeastRound{100};

std::vector<Playback::Track> tracks(const FeedOptions& options) {
  std::vector<Playback::Track> tracks;
  for (const auto& recording : options.recordings) {
    tracks.push_back({recording.path, recording.feed.empty() ? options.name : recording.feed,
                      recording.adapter, options.symbols});
  }
  return tracks;
}

class NoTarget final : public Playback::Target {
 public:
  market::InstrumentId add(market::Instrument) override { return next_++; }
  void apply(const market::Update&, Stale) override {}
  void apply(const market::Trade&, market::FieldSet, Stale) override {}
  void mark_stale(market::InstrumentId) override {}
  void set_feed(market::FeedStatus) override {}

 private:
  market::InstrumentId next_ = 0;
};

}  // namespace

class RecordingFeed::Impl final : private Playback::Target {
 public:
  Impl(net::EventLoop& loop, MarketWriter& market, FeedOptions options)
      : options_(std::move(options)),
        market_(market),
        stats_(std::make_shared<metrics::FeedStats>(rejected_reasons(), skipped_reasons())),
        timer_(loop, [this] { play(); }) {
    tell(FeedState::kConnecting, "starting");
    if (const auto opened = open(); !opened) {
      down(opened.error().message);
    }
  }

  void start() {
    if (playback_) {
      begin();
      play();
    }
  }

  void remove() {
    timer_.cancel();
    playback_.reset();
    for (const auto& [symbol, id] : ids_) {
      market_.remove(id);
    }
    ids_.clear();
    for (const auto& feed : feeds_) {
      market_.remove_feed(feed);
    }
    market_.remove_feed(options_.name);
  }

  const FeedOptions& options() const { return options_; }
  std::shared_ptr<const metrics::FeedStats> stats() const { return stats_; }

 private:
  // From the beginning. Adapters are new, so their guards are.
  Status open() {
    Playback::Target& target = *this;
    auto opened = Playback::open(tracks(options_), target);
    if (!opened) {
      return opened.error();
    }
    playback_.emplace(std::move(opened.value()));
    return {};
  }

  // Its first message is due now.
  void begin() {
    first_ = playback_->next().value_or(kNoTime);
    round_begun_ = begun_ = clock_.now();
    is_playing_ = true;
    if (!feeds_.contains(options_.name)) {
      tell(FeedState::kLive, {});
    }
  }

  Timestamp due(Timestamp recorded) const {
    return begun_ + std::chrono::duration_cast<Timestamp::duration>(
                        std::chrono::duration<double, std::micro>(
                            static_cast<double>((recorded - first_).count()) / options_.speed));
  }

  void play() {
    if (std::exchange(is_over_, false) && !begin_again()) {
      return;
    }
    const auto now = clock_.now();
    std::size_t played = 0;
    auto next = playback_->next();
    for (; next && played < kMessagesAtOnce; next = playback_->next()) {
      const auto when = options_.speed == 0 ? now : due(*next);
      if (when > now) {
        timer_.start(when - clock_.now());
        return;
      }
      begun_ += std::max<Timestamp::duration>(now - when - kMostBehind, Timestamp::duration(0));
      shift_ = when - *next;
      stats_->last_message_us.set(to_us(when));
      playback_->play();
      market_.end_message();
      ++played;
    }
    if (next) {
      timer_.start(std::chrono::nanoseconds(0));
    } else {
      end();
    }
  }

  void end() {
    tell_damage();
    if (!options_.loop || first_ == kNoTime) {
      return stop("the recording has ended");
    }
    is_over_ = true;
    const auto next_round = round_begun_ + kLeastRound - clock_.now();
    timer_.start(std::max<Timestamp::duration>(next_round, Timestamp::duration(0)));
  }

  // Not each round anew.
  void tell_damage() {
    if (std::exchange(damages_told_, playback_->damages()) == playback_->damages()) {
      return;
    }
    for (const auto& line : playback_->damage()) {
      log::warn(options_.name + ": " + line);
    }
  }

  bool begin_again() {
    is_playing_ = false;  // states of feeds go on
    const auto opened = open();
    is_playing_ = true;
    if (!opened) {
      stop(opened.error().message);
      return false;
    }
    begin();
    return true;
  }

  void stop(const std::string& why) {
    playback_->end(why);
    down(why);
  }

  void down(const std::string& why) {
    log::info(options_.name + ": " + why);
    tell(FeedState::kDown, why);
  }

  market::InstrumentId add(market::Instrument instrument) override {
    const auto found = ids_.find(instrument.symbol);
    if (found != ids_.end()) {
      return found->second;
    }
    auto symbol = instrument.symbol;
    const auto id = market_.add(std::move(instrument), stats_);
    ids_.emplace(std::move(symbol), id);
    return id;
  }
  void apply(const market::Update& update, Stale stale) override {
    market::Update moved = update;
    move(moved);
    market_.apply(moved, stale);
  }
  void apply(const market::Trade& trade, market::FieldSet sets, Stale stale) override {
    market::Trade moved = trade;
    move(moved);
    market_.apply(moved, sets, stale);
  }
  template <typename Event>
  void move(Event& event) const {
    event.receive_time += shift_;
    if (event.exchange_time != kNoTime) {
      event.exchange_time += shift_;
    }
  }
  void mark_stale(market::InstrumentId id) override { market_.mark_stale(id); }
  void set_feed(market::FeedStatus status) override {
    const bool is_first = feeds_.insert(status.feed).second;
    if (is_playing_ || is_first) {
      if (status.feed == options_.name) {
        stats_->state.set(static_cast<std::int64_t>(status.state));
      }
      status.adapter = options_.adapter;
      status.since = clock_.now();
      market_.set_feed(std::move(status));
    }
  }
  void received(std::size_t bytes) override {
    stats_->messages.add();
    stats_->bytes.add(bytes);
  }
  void rejected(feed::Rejected reason) override {
    stats_->rejected.add_at(static_cast<std::size_t>(reason));
  }
  void skipped(feed::Skipped reason) override {
    stats_->skipped.add_at(static_cast<std::size_t>(reason));
  }

  void tell(FeedState state, std::string reason) {
    stats_->state.set(static_cast<std::int64_t>(state));
    market_.set_feed({options_.name, options_.adapter, state, clock_.now(), std::move(reason)});
  }

  const FeedOptions options_;
  MarketWriter& market_;
  const std::shared_ptr<metrics::FeedStats> stats_;
  const SteadyWallClock clock_;
  std::unordered_map<std::string, market::InstrumentId, StringHash, std::equal_to<>> ids_;
  std::set<std::string> feeds_;  // of the tracks
  std::optional<Playback> playback_;  // nullopt: it could not be opened
  bool is_playing_ = false;
  std::size_t damages_told_ = 0;
  bool is_over_ = false;  // the next round begins when the timer ends
  Timestamp first_ = kNoTime;  // of the recordings …
  Timestamp begun_ = kNoTime;  // … and when it was played, or would have been without delays
  Timestamp round_begun_ = kNoTime;
  Timestamp::duration shift_{0};
  net::Timer timer_;
};

Status RecordingFeed::check(const FeedOptions& options) {
  NoTarget target;
  const auto opened = Playback::open(tracks(options), target);
  return opened ? Status() : Error{"feed '" + options.name + "': " + opened.error().message};
}

RecordingFeed::RecordingFeed(net::EventLoop& loop, MarketWriter& market, FeedOptions options)
    : impl_(std::make_unique<Impl>(loop, market, std::move(options))) {}
RecordingFeed::~RecordingFeed() = default;

void RecordingFeed::start() { impl_->start(); }
void RecordingFeed::remove() { impl_->remove(); }
const FeedOptions& RecordingFeed::options() const { return impl_->options(); }
std::shared_ptr<const metrics::FeedStats> RecordingFeed::stats() const { return impl_->stats(); }

}  // namespace ticker::ingest
