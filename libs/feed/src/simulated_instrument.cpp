#include "simulated_instrument.hpp"

#include <algorithm>
#include <string_view>

namespace ticker::feed {
namespace {

using market::Decimal;
using market::Field;

struct Base {
  std::string_view name;
  std::int64_t ticks;  // about what it costs
  int tick_decimals;
  int lot_decimals;
};
constexpr std::array kBases{
    Base{"BTC", 6'180'020, 2, 4}, Base{"ETH", 265'031, 2, 3}, Base{"SOL", 15'462, 2, 2},
    Base{"XRP", 60'125, 5, 0},    Base{"BNB", 51'230, 2, 3},  Base{"DOGE", 10'345, 5, 0},
    Base{"ADA", 34'561, 5, 0},    Base{"TRX", 12'876, 5, 0},  Base{"AVAX", 22'310, 3, 2},
    Base{"LINK", 10'542, 3, 2},   Base{"DOT", 45'871, 4, 1},  Base{"LTC", 61'230, 3, 2},
    Base{"BCH", 35'120, 2, 3},    Base{"UNI", 61'250, 4, 1},  Base{"ATOM", 46'710, 4, 1},
    Base{"XLM", 98'710, 6, 0},    Base{"ETC", 19'340, 3, 2},  Base{"NEAR", 41'230, 4, 1},
    Base{"FIL", 37'120, 4, 1},    Base{"APT", 62'340, 4, 1},  Base{"ARB", 56'710, 5, 0},
    Base{"OP", 14'320, 4, 1},     Base{"AAVE", 10'231, 2, 3}, Base{"MKR", 205'410, 2, 3},
    Base{"SUI", 98'120, 5, 0},    Base{"INJ", 18'450, 3, 2},  Base{"ALGO", 12'873, 5, 0},
    Base{"XTZ", 67'120, 5, 0},    Base{"EOS", 49'320, 5, 0},  Base{"GRT", 15'432, 5, 0},
    Base{"SAND", 25'710, 5, 0},   Base{"MANA", 27'430, 5, 0}, Base{"CRV", 27'650, 5, 0},
    Base{"SNX", 14'320, 4, 1},    Base{"COMP", 44'870, 3, 2}, Base{"ZEC", 38'120, 3, 2},
    Base{"DASH", 23'410, 3, 2},   Base{"XMR", 15'230, 2, 3},  Base{"KSM", 18'760, 3, 2},
    Base{"YFI", 512'300, 2, 4},
};
constexpr std::array<std::string_view, 4> kQuotes{"USD", "EUR", "USDT", "GBP"};

constexpr std::int64_t kMaxSpread = 8;
constexpr std::int64_t kMaxLots = 5'000;

// value * 10^-decimals. Requires: value >= 0.
Decimal scaled(std::int64_t value, int decimals) {
  std::array<char, 40> text{};
  std::size_t begin = text.size();
  for (int digits = 0; (value != 0 || digits <= decimals) && begin >= 2; ++digits, value /= 10) {
    if (digits == decimals && digits != 0) {
      text[--begin] = '.';
    }
    text[--begin] = static_cast<char>('0' + value % 10);
  }
  return Decimal::from_text({text.data() + begin, text.size() - begin}).value_or(Decimal());
}

std::string name_of(std::size_t number) {
  if (number < kBases.size() * kQuotes.size()) {
    return std::string(kBases[number % kBases.size()].name)
        .append("-")
        .append(kQuotes[number / kBases.size()]);
  }
  return "X" + std::to_string(number) + "-USD";
}

std::int64_t hour_of(Timestamp time) {
  return std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count();
}

}  // namespace

std::uint64_t Random::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

SimulatedInstrument::SimulatedInstrument(std::size_t number, Random& random)
    : name_(name_of(number)) {
  const Base& base = kBases[number % kBases.size()];
  tick_decimals_ = base.tick_decimals;
  lot_decimals_ = base.lot_decimals;
  anchor_ = base.ticks - base.ticks / 20 + random.below(base.ticks / 10);
  bid_ = last_ = anchor_;
  ask_ = bid_ + 1 + random.below(kMaxSpread);
  bid_size_ = 1 + random.below(kMaxLots);
  ask_size_ = 1 + random.below(kMaxLots);
}

void SimulatedInstrument::start(Timestamp now, Random& random) {
  hour_ = hour_of(now) - static_cast<std::int64_t>(kHours);
  for (std::size_t hour = 0; hour < kHours; ++hour) {
    roll(Timestamp(std::chrono::hours(hour_ + 1)));
    for (int trades = 0; trades < 10; ++trades) {
      move_prices(random);
      trade(random);
    }
  }
}

bool SimulatedInstrument::change(Timestamp now, Random& random) {
  constexpr std::int64_t kChangesPerTrade = 4;
  roll(now);
  move_prices(random);
  const bool trades = random.below(kChangesPerTrade) == 0;
  if (trades) {
    trade(random);
  }
  return trades;
}

void SimulatedInstrument::move_prices(Random& random) {
  constexpr std::int64_t kMaxStep = 3;
  const std::int64_t up_step = 1 + random.below(kMaxStep);
  const std::int64_t step = random.below(2) == 0 ? up_step : -up_step;
  const std::int64_t spread = ask_ - bid_;
  switch (random.below(4)) {
    case 0:  // the bid alone, which must stay below the ask and near it
      bid_ += spread > kMaxSpread ? 1 : (step < spread ? step : -step);
      bid_size_ = 1 + random.below(kMaxLots);
      break;
    case 1:
      ask_ += spread > kMaxSpread ? -1 : (-step < spread ? step : -step);
      ask_size_ = 1 + random.below(kMaxLots);
      break;
    default: {
      const bool too_low = bid_ < anchor_ / 2;
      const bool too_high = ask_ > anchor_ * 2;
      const std::int64_t shift = too_low ? up_step : (too_high ? -up_step : step);
      bid_ += shift;
      ask_ += shift;
      bid_size_ = 1 + random.below(kMaxLots);
      ask_size_ = 1 + random.below(kMaxLots);
    }
  }
}

void SimulatedInstrument::trade(Random& random) {
  last_side_ = random.below(2) == 0 ? market::Side::kBuy : market::Side::kSell;
  last_ = last_side_ == market::Side::kBuy ? ask_ : bid_;
  last_size_ = 1 + random.below(last_side_ == market::Side::kBuy ? ask_size_ : bid_size_);
  ++trades_;
  Hour& hour = current();
  hour.high = std::max(hour.high, last_);
  hour.low = std::min(hour.low, last_);
  hour.volume += last_size_;
  hour.quote_volume += last_size_ * last_;
}

void SimulatedInstrument::roll(Timestamp now) {
  const std::int64_t to = hour_of(now);
  hour_ = std::max(hour_, to - static_cast<std::int64_t>(kHours));
  while (hour_ < to) {
    ++hour_;
    current() = {last_, last_, last_, 0, 0};
  }
}

void SimulatedInstrument::write_quote(market::FieldValues& values) const {
  values.set(Field::kBid, price(bid_));
  values.set(Field::kBidSize, size(bid_size_));
  values.set(Field::kAsk, price(ask_));
  values.set(Field::kAskSize, size(ask_size_));
}

void SimulatedInstrument::write_day(market::FieldValues& values) const {
  // The oldest hour, whose open is the day's.
  Hour day = hours_[static_cast<std::size_t>(hour_ + 1) % kHours];
  day.volume = day.quote_volume = 0;
  for (const Hour& hour : hours_) {
    day.high = std::max(day.high, hour.high);
    day.low = std::min(day.low, hour.low);
    day.volume += hour.volume;
    day.quote_volume += hour.quote_volume;
  }
  values.set(Field::kOpen24h, price(day.open));
  values.set(Field::kHigh24h, price(day.high));
  values.set(Field::kLow24h, price(day.low));
  values.set(Field::kVolume24h, size(day.volume));
  values.set(Field::kQuoteVolume24h, scaled(day.quote_volume, tick_decimals_ + lot_decimals_));
}

void SimulatedInstrument::write_last(market::FieldValues& values) const {
  values.set(Field::kLast, price(last_));
  values.set(Field::kLastSize, size(last_size_));
  values.set_side(last_side_);
}

void SimulatedInstrument::write_trade(market::Trade& trade) const {
  trade.id = market::TradeId(std::to_string(trades_));
  trade.price = price(last_);
  trade.size = size(last_size_);
  trade.side = last_side_;
}

Decimal SimulatedInstrument::price(std::int64_t ticks) const {
  return scaled(ticks, tick_decimals_);
}
Decimal SimulatedInstrument::size(std::int64_t lots) const { return scaled(lots, lot_decimals_); }

}  // namespace ticker::feed
