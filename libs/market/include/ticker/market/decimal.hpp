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
  static ParseResult parse(std::string_view text, Decimal& out) {
    if (const auto plain = from_plain_text(text)) {
      out = *plain;
      return ParseResult::kOk;
    }
    return parse_any(text, out);
  }
  // What venues send nearly always, read fast: at most nineteen characters, digits and perhaps a
  // point. nullopt: it may be a number all the same, for parse() to tell.
  static std::optional<Decimal> from_plain_text(std::string_view text);
  // The same, for where the reason does not matter.
  static std::optional<Decimal> from_text(std::string_view text);

  // Writes plain notation (`1e-08` as `0.00000001`) to `out` and returns the end. Requires:
  // kMaxText bytes of room.
  char* write(char* out) const;
  std::string text() const;

  bool is_zero() const { return low_ == 0 && high() == 0; }
  bool is_negative() const { return (rest_ & kNegative) != 0; }

  // Same text. `1.0` and `1.00` are different; to compare amounts use compare().
  friend bool operator==(const Decimal& a, const Decimal& b) {
    // No jump: nobody can guess which of a quote's values changed.
    return ((a.low_ ^ b.low_) | (a.rest_ ^ b.rest_)) == 0;
  }
  // By amount: negative, 0 or positive, as a is less than, equal to or greater than b.
  static int compare(const Decimal& a, const Decimal& b);

  // a - b, with as many decimals as the longer of the two. nullopt: not exact within the limits
  // above.
  static std::optional<Decimal> difference(const Decimal& a, const Decimal& b);
  // (value - base) / base in percent, four decimals, half to even. nullopt: base is zero, or out of
  // the limits above.
  static std::optional<Decimal> change_percent(const Decimal& value, const Decimal& base);

 private:
  static ParseResult parse_any(std::string_view text, Decimal& out);
  static std::optional<Decimal> from_parts(bool negative, Uint128 mantissa, int scale);
  static constexpr unsigned kScaleAt = 32;
  static constexpr std::uint64_t kNegative = std::uint64_t{1} << 40U;
  constexpr Decimal(std::uint64_t low, std::uint32_t high, int scale, bool negative)
      : low_(low),
        rest_(high | std::uint64_t{static_cast<std::uint8_t>(scale)} << kScaleAt |
              (negative ? kNegative : 0)) {}
  std::uint32_t high() const { return static_cast<std::uint32_t>(rest_); }
  int scale() const { return static_cast<std::int8_t>(rest_ >> kScaleAt); }
  Uint128 mantissa() const;

  // amount = (-1)^negative * (high * 2^64 + low) * 10^-scale. Scale is negative only for integers
  // of more than kMaxDigits digits, whose mantissa then has exactly kMaxDigits: so each text has
  // one representation.
  // Two words, and not a member each: a value that was just written in four pieces is slow to copy.
  std::uint64_t low_ = 0;
  std::uint64_t rest_ = 0;  // high, scale, negative: 32, 8 and 1 bits from below
};

inline std::optional<Decimal> Decimal::from_plain_text(std::string_view text) {
  constexpr std::size_t kMostChars = 19;  // so many digits fit 64 bits
  const char* at = text.data();
  const char* const end = at + text.size();
  std::uint64_t mantissa = 0;
  const auto read_digits = [&] {
    for (; at != end; ++at) {
      const auto digit = static_cast<unsigned char>(*at - '0');
      if (digit > 9) {
        return;
      }
      mantissa = mantissa * 10 + digit;
    }
  };
  if (text.size() > kMostChars) {
    return std::nullopt;
  }
  read_digits();
  const auto whole = at - text.data();
  std::ptrdiff_t scale = 0;
  if (at != end && *at == '.') {
    scale = end - ++at;
    read_digits();
    if (scale == 0) {
      return std::nullopt;
    }
  }
  if (at != end || whole == 0 || (whole > 1 && text[0] == '0')) {
    return std::nullopt;
  }
  return Decimal(mantissa, 0, static_cast<int>(scale), false);
}

static_assert(sizeof(Decimal) == 16, "an instrument holds fourteen, a batch one per changed field");

}  // namespace ticker::market
