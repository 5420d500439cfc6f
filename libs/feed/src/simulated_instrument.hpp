#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <ticker/market/update.hpp>

namespace ticker::feed {

// SplitMix64: the standard's distributions differ between libraries, and the simulator must not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  // 0 … bound - 1. Requires: bound > 0.
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
  }

 private:
  std::uint64_t state_;
};

// One instrument of the simulator: its book's top, and its day in hours. Prices are in ticks, sizes
// in lots.
class SimulatedInstrument {
 public:
  // `number` chooses name, price and precision. A day of trading lies behind it at `now`.
  SimulatedInstrument(std::size_t number, Random& random);

  const std::string& name() const { return name_; }

  // A day of trading before `now`.
  void start(Timestamp now, Random& random);
  // Moves bid or ask, or both; every fourth time somebody trades. True: a trade was made.
  bool change(Timestamp now, Random& random);

  void write_quote(market::FieldValues& values) const;
  void write_day(market::FieldValues& values) const;
  // Requires: a trade was made.
  void write_trade(market::Trade& trade) const;
  void write_last(market::FieldValues& values) const;

 private:
  struct Hour {
    std::int64_t open;
    std::int64_t high;
    std::int64_t low;
    std::int64_t volume;        // lots
    std::int64_t quote_volume;  // ticks times lots
  };
  static constexpr std::size_t kHours = 24;

  void move_prices(Random& random);
  void trade(Random& random);
  void roll(Timestamp now);
  Hour& current() { return hours_[static_cast<std::size_t>(hour_) % kHours]; }
  market::Decimal price(std::int64_t ticks) const;
  market::Decimal size(std::int64_t lots) const;

  std::string name_;
  int tick_decimals_;
  int lot_decimals_;
  std::int64_t anchor_;  // the walk stays between half and twice of it
  std::int64_t bid_;
  std::int64_t ask_;  // always above bid_
  std::int64_t bid_size_ = 0;
  std::int64_t ask_size_ = 0;
  std::int64_t last_;
  std::int64_t last_size_ = 0;
  market::Side last_side_ = market::Side::kBuy;
  std::uint64_t trades_ = 0;
  std::int64_t hour_ = 0;  // since the epoch; its place in the ring is by remainder
  std::array<Hour, kHours> hours_{};
};

}  // namespace ticker::feed
