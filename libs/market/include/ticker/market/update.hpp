#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ticker/base/clock.hpp>
#include <ticker/market/decimal.hpp>
#include <ticker/market/field.hpp>
#include <ticker/market/instrument.hpp>

namespace ticker::market {

// Values of some fields. A field outside `present` is not spoken of; one in `present` and in `null`
// ceased to exist.
class FieldValues {
 public:
  void set(Field field, const Decimal& value) {
    decimals_[static_cast<std::size_t>(field)] = value;
    present_.add(field);
    null_.remove(field);
  }
  void set_side(Side side) {
    side_ = side;
    present_.add(Field::kLastSide);
    null_.remove(Field::kLastSide);
  }
  // Requires: one of kVenueFields, and a place in the instrument's list of venues.
  void set_venue(Field field, std::uint8_t venue) {
    venues_[venue_index(field)] = venue;
    present_.add(field);
    null_.remove(field);
  }
  void set_null(Field field) {
    present_.add(field);
    null_.add(field);
  }
  void clear() { present_ = null_ = FieldSet(); }

  FieldSet present() const { return present_; }
  FieldSet null() const { return null_; }
  // Whether it is present and not null.
  bool has(Field field) const { return (present_ - null_).has(field); }
  // Requires: the field is present, a decimal, and not null.
  const Decimal& decimal(Field field) const { return decimals_[static_cast<std::size_t>(field)]; }
  Side side() const { return side_; }
  // Requires: the field is one of kVenueFields, present, and not null.
  std::uint8_t venue(Field field) const { return venues_[venue_index(field)]; }

 private:
  static std::size_t venue_index(Field field) { return field == Field::kBidVenue ? 0 : 1; }

  FieldSet present_;
  FieldSet null_;
  Side side_ = Side::kBuy;
  std::array<std::uint8_t, 2> venues_{};  // of bid and ask
  std::array<Decimal, kDecimalFields> decimals_{};
};

// What one entry of a venue's message says of one instrument, as an adapter decodes it.
struct Update {
  InstrumentId instrument = 0;
  Timestamp exchange_time = kNoTime;  // kNoTime: the venue gave none
  Timestamp receive_time = kNoTime;   // of the message
  FieldValues values;
};

// A trade's id as its venue writes it (a number, or a UUID); kept inline, so that a trade is a
// plain value.
class TradeId {
 public:
  static constexpr std::size_t kMaxText = 47;

  TradeId() = default;
  // Requires: text.size() <= kMaxText. Adapters refuse longer ones.
  explicit TradeId(std::string_view text)
      : size_(static_cast<std::uint8_t>(std::min(text.size(), kMaxText))) {
    std::copy_n(text.data(), size_, text_.data());
  }
  std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, kMaxText> text_{};
  std::uint8_t size_ = 0;
};

// Trades are counted by symbol: the count goes on where an instrument is removed and its symbol
// comes back, for as long as the removal is remembered.
struct TradeLine {
  InstrumentId id = 0;       // of the symbol's first instrument
  std::uint64_t before = 0;  // the count when this instrument came

  // The symbol may have been there, and nothing of it is remembered: the count began anew, above all
  // that were forgotten. `first`: the instrument.
  bool jumps(InstrumentId first) const { return id == first && before > 0; }
};

struct Trade {
  // `missed_before`, where a loss is certain but not its size.
  static constexpr std::int64_t kUnknownMissed = -1;

  InstrumentId instrument = 0;
  TradeId id;
  // In the units of Field::kLast and kLastSize.
  Decimal price;
  Decimal size;
  Side side = Side::kBuy;             // taker's
  Timestamp exchange_time = kNoTime;  // kNoTime: the venue gave none
  Timestamp receive_time = kNoTime;
  // Trades that the venue made just before this one and that never reached us (a jump of ids, a
  // reconnect): how many.
  std::int64_t missed_before = 0;

  // Set by MarketState: counts the symbol's trades within the epoch, from 1; the change's version.
  std::uint64_t seq = 0;
  Version version = 0;
};

}  // namespace ticker::market
