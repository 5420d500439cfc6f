#include <ticker/feed/simulator.hpp>

#include <algorithm>

#include "simulated_instrument.hpp"

namespace ticker::feed {

class Simulator::Market {
 public:
  explicit Market(const Options& options)
      : random_(options.seed), rate_(options.updates_per_second) {
    instruments_.reserve(options.instruments);
    for (std::size_t number = 0; number < options.instruments; ++number) {
      names_.push_back(instruments_.emplace_back(number, random_).name());
    }
  }

  const std::vector<std::string>& names() const { return names_; }

  void advance(Timestamp now, Sink& sink) {
    if (!started_) {
      start(now, sink);
    }
    while (due(made_) <= now && rate_ != 0 && !instruments_.empty()) {
      const Timestamp at = due(made_++);
      auto& instrument = instruments_[static_cast<std::size_t>(
          random_.below(static_cast<std::int64_t>(names_.size())))];
      const bool traded = instrument.change(at, random_);
      if (now - at <= kMaxCatchUp) {
        publish(instrument, traded, at, now, sink);
      }
    }
  }

  // Change number n is n + 1 intervals after the start.
  Timestamp due(std::uint64_t number) const {
    constexpr std::uint64_t kSecond = 1'000'000;
    const std::uint64_t rate = std::max<std::uint64_t>(rate_, 1);
    const std::uint64_t whole = (number + 1) / rate;
    const std::uint64_t rest = (number + 1) % rate;
    return start_ + std::chrono::microseconds(whole * kSecond + rest * kSecond / rate);
  }
  Timestamp next_due() const { return rate_ == 0 ? Timestamp::max() : due(made_); }

 private:
  void start(Timestamp now, Sink& sink) {
    start_ = now;
    started_ = true;
    for (auto& instrument : instruments_) {
      instrument.start(now, random_);
      publish(instrument, false, now, now, sink);
    }
  }

  void publish(const SimulatedInstrument& instrument, bool traded, Timestamp at, Timestamp now,
               Sink& sink) {
    const auto id = sink.find(instrument.name());
    if (!id) {
      return sink.rejected(Rejected::kUnknownInstrument);
    }
    update_.instrument = trade_.instrument = *id;
    update_.exchange_time = trade_.exchange_time = at;
    update_.receive_time = trade_.receive_time = now;
    update_.values.clear();
    instrument.write_quote(update_.values);
    instrument.write_day(update_.values);
    instrument.write_last(update_.values);
    sink.ticker(update_);
    if (traded) {
      instrument.write_trade(trade_);
      sink.trade(trade_, market::FieldSet());  // the update said it already
    }
  }

  Random random_;
  std::size_t rate_;
  std::vector<SimulatedInstrument> instruments_;
  std::vector<std::string> names_;
  bool started_ = false;
  Timestamp start_ = kNoTime;
  std::uint64_t made_ = 0;
  market::Update update_;
  market::Trade trade_;
};

Simulator::Simulator(const Options& options) : market_(std::make_unique<Market>(options)) {}
Simulator::Simulator(Simulator&&) noexcept = default;
Simulator& Simulator::operator=(Simulator&&) noexcept = default;
Simulator::~Simulator() = default;

const std::vector<std::string>& Simulator::instruments() const { return market_->names(); }
void Simulator::advance(Timestamp now, Sink& sink) { market_->advance(now, sink); }
Timestamp Simulator::next_due() const { return market_->next_due(); }

}  // namespace ticker::feed
