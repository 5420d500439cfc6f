#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ticker::market {

// What is known of an instrument. The order is the order on the wire (but for venues, which stand
// last), and the first kDecimalFields are decimals: prices and kQuoteVolume24h in the quote currency; sizes and kVolume24h in the base
// currency, or in contracts where the venue counts those (libs/feed/README.md).
enum class Field : std::uint8_t {
  kBid,
  kBidSize,
  kAsk,
  kAskSize,
  kLast,
  kLastSize,
  kOpen24h,
  kHigh24h,
  kLow24h,
  kVolume24h,
  kQuoteVolume24h,
  kChange24h,         // from kOpen24h to kLast
  kChangePercent24h,  // in percent of kOpen24h
  kVwap24h,
  kLastSide,        // taker's side of the last trade
  kBidVenue,        // of a consolidated quote: whose bid it is …
  kAskVenue,        // … and whose ask
  kStale,           // true: the values can't be vouched for any more
  kExchangeTimeUs,  // companions: they travel with a change of another field and are never a change
                    // of their own; the venue's time, in microseconds since the Unix epoch
  kReceiveTimeUs,   // ours
  kTicks,           // InstrumentState::ticks
};

inline constexpr std::size_t kFieldCount = 21;
inline constexpr std::size_t kDecimalFields = 14;
// Fields that have a version of their own: all but the companions.
inline constexpr std::size_t kVersionedFields = 18;

// A set of fields; a plain value, in the order of Field when iterated.
class FieldSet {
 public:
  constexpr FieldSet() = default;
  constexpr FieldSet(Field field)
      : bits_(1U << static_cast<unsigned>(field)) {}  // NOLINT: a field is a set of one

  static constexpr FieldSet all() { return FieldSet((1U << kFieldCount) - 1); }
  static constexpr FieldSet decimals() { return FieldSet((1U << kDecimalFields) - 1); }
  static constexpr FieldSet versioned() { return FieldSet((1U << kVersionedFields) - 1); }
  static constexpr FieldSet companions() { return FieldSet(all().bits_ & ~versioned().bits_); }
  static constexpr FieldSet from_bits(std::uint32_t bits) { return FieldSet(bits & all().bits_); }

  constexpr bool has(Field field) const {
    return (bits_ >> static_cast<unsigned>(field) & 1U) != 0;
  }
  constexpr bool contains(FieldSet other) const { return (bits_ & other.bits_) == other.bits_; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::size_t count() const { return static_cast<std::size_t>(std::popcount(bits_)); }
  constexpr std::uint32_t bits() const { return bits_; }

  constexpr void add(FieldSet other) { bits_ |= other.bits_; }
  constexpr void remove(FieldSet other) { bits_ &= ~other.bits_; }

  friend constexpr FieldSet operator|(FieldSet a, FieldSet b) {
    return FieldSet(a.bits_ | b.bits_);
  }
  friend constexpr FieldSet operator&(FieldSet a, FieldSet b) {
    return FieldSet(a.bits_ & b.bits_);
  }
  friend constexpr FieldSet operator-(FieldSet a, FieldSet b) {
    return FieldSet(a.bits_ & ~b.bits_);
  }
  friend constexpr bool operator==(FieldSet, FieldSet) = default;

  class Iterator {
   public:
    constexpr explicit Iterator(std::uint32_t bits) : bits_(bits) {}
    constexpr Field operator*() const { return static_cast<Field>(std::countr_zero(bits_)); }
    constexpr Iterator& operator++() {
      bits_ &= bits_ - 1;
      return *this;
    }
    friend constexpr bool operator==(Iterator, Iterator) = default;

   private:
    std::uint32_t bits_;
  };
  constexpr Iterator begin() const { return Iterator(bits_); }
  constexpr Iterator end() const { return Iterator(0); }

 private:
  constexpr explicit FieldSet(std::uint32_t bits) : bits_(bits) {}
  std::uint32_t bits_ = 0;
};

inline constexpr FieldSet kQuoteFields =
    FieldSet(Field::kBid) | Field::kBidSize | Field::kAsk | Field::kAskSize;
inline constexpr FieldSet kLastFields =
    FieldSet(Field::kLast) | Field::kLastSize | Field::kLastSide;

inline constexpr FieldSet kVenueFields = FieldSet(Field::kBidVenue) | Field::kAskVenue;

// The name on the wire: `bid_size`, `change_percent_24h`.
std::string_view field_name(Field field);
std::optional<Field> field_from_name(std::string_view name);

// The taker's side of a trade.
enum class Side : std::uint8_t { kBuy, kSell };
std::string_view side_name(Side side);

}  // namespace ticker::market
