#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ticker::market {

__extension__ using Uint128 = unsigned __int128;

// An exact decimal number that keeps the digits its venue sent: `61800.20` keeps its zero and
// differs from `61800.2`. Never binary floating point. Holds at most kMaxDigits significant digits
// and a decimal exponent within ±kMaxExponent; what does not fit is refused, never rounded. 16
// bytes, a plain value.
class Decimal {
 public:
  static constexpr int kMaxDigits = 28;
  static constexpr int kMaxExponent = 40;
  // No text form is longer: sign, point, leading zeros or trailing zeros, digits.
  static constexpr std::size_t kMaxText = 72;

  enum class ParseResult { kOk, kSyntax, kTooManyDigits, kExponentOutOfRange };

  constexpr Decimal() = default;  // 0

  // Reads a JSON number (plain or with an exponent) into `out`; `out` is untouched unless kOk. `-0`
  // becomes `0`.
  static ParseResult parse(std::string_view text, Decimal& out);
  // The same, for where the reason does not matter.
  static std::optional<Decimal> from_text(std::string_view text);

  // Writes plain notation (`1e-08` as `0.00000001`) to `out` and returns the end. Requires:
  // kMaxText bytes of room.
  char* write(char* out) const;
  std::string text() const;

  bool is_zero() const { return low_ == 0 && high_ == 0; }
  bool is_negative() const { return negative_; }

  // Same text. `1.0` and `1.00` are different; to compare amounts use compare().
  friend bool operator==(const Decimal&, const Decimal&) = default;
  // By amount: negative, 0 or positive, as a is less than, equal to or greater than b.
  static int compare(const Decimal& a, const Decimal& b);

  // a - b, with as many decimals as the longer of the two. nullopt: not exact within the limits
  // above.
  static std::optional<Decimal> difference(const Decimal& a, const Decimal& b);
  // (value - base) / base in percent, four decimals, half to even. nullopt: base is zero, or out of
  // the limits above.
  static std::optional<Decimal> change_percent(const Decimal& value, const Decimal& base);

 private:
  static bool read_short(const char* at, const char* end, Decimal& out);
  static std::optional<Decimal> from_parts(bool negative, Uint128 mantissa, int scale);
  Uint128 mantissa() const;

  // amount = (-1)^negative * (high * 2^64 + low) * 10^-scale. Scale is negative only for integers
  // of more than kMaxDigits digits, whose mantissa then has exactly kMaxDigits: so each text has
  // one representation.
  std::uint64_t low_ = 0;
  std::uint32_t high_ = 0;
  std::int8_t scale_ = 0;
  bool negative_ = false;
};

static_assert(sizeof(Decimal) == 16, "an instrument holds fourteen, a batch one per changed field");

}  // namespace ticker::market
