#include <ticker/market/decimal.hpp>

#include <algorithm>
#include <array>

namespace ticker::market {
namespace {

constexpr std::size_t kMaxInput = 128;
constexpr int kPowers = 39;  // 10^38 is the largest power of ten below 2^128

constexpr std::array<Uint128, kPowers> make_powers() {
  std::array<Uint128, kPowers> powers{};
  Uint128 power = 1;
  for (auto& slot : powers) {
    slot = power;
    power *= 10;
  }
  return powers;
}
constexpr auto kPower = make_powers();

Uint128 power_of_ten(int exponent) { return kPower[static_cast<std::size_t>(exponent)]; }

int digit_count(Uint128 value) {
  int digits = 0;
  while (digits < kPowers && value >= power_of_ten(digits)) {
    ++digits;
  }
  return digits;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The digits of a number, without its sign and exponent: amount = mantissa * 10^(pending_zeros -
// scale).
struct Digits {
  Uint128 mantissa = 0;
  int count = 0;  // significant ones in `mantissa`
  // Zeros at the end are held back until a later digit shows that they are within the number: 1
  // with forty zeros has one significant digit, and 1.00 has three.
  int pending_zeros = 0;
  int scale = 0;
  bool too_many = false;
};

// Moves `at` behind the digits. False: a point without a digit behind it.
bool read_digits(const char*& at, const char* end, Digits& out) {
  bool point = false;
  for (; at != end && (is_digit(*at) || (*at == '.' && !point)); ++at) {
    if (*at == '.') {
      point = true;
      if (at + 1 == end || !is_digit(at[1])) {
        return false;
      }
      continue;
    }
    out.scale += point ? 1 : 0;
    if (*at == '0' && out.mantissa != 0 && !point) {
      ++out.pending_zeros;
      continue;
    }
    const int grown = out.count + out.pending_zeros + ((out.mantissa != 0 || *at != '0') ? 1 : 0);
    if (grown > Decimal::kMaxDigits) {
      out.too_many = true;
      continue;
    }
    out.mantissa =
        out.mantissa * power_of_ten(out.pending_zeros) * 10 + static_cast<Uint128>(*at - '0');
    out.count = out.mantissa == 0 ? 0 : grown;
    out.pending_zeros = 0;
  }
  return true;
}

// What follows the digits: nothing, or an exponent; one beyond the limits comes out as just beyond
// them. False: neither.
bool read_exponent(const char* at, const char* end, int& out) {
  if (at == end) {
    return true;
  }
  if (*at != 'e' && *at != 'E') {
    return false;
  }
  ++at;
  const bool down = at != end && *at == '-';
  at += (at != end && (*at == '-' || *at == '+')) ? 1 : 0;
  if (at == end) {
    return false;
  }
  for (; at != end; ++at) {
    if (!is_digit(*at)) {
      return false;
    }
    out = std::min(out * 10 + (*at - '0'), Decimal::kMaxExponent + 1);
  }
  out = down ? -out : out;
  return true;
}

// value * 10^exponent, or nullopt where that passes 10^31: the room that change_percent needs for
// its own factor.
std::optional<Uint128> scaled_up(Uint128 value, int exponent) {
  constexpr int kRoom = 31;
  if (value != 0 && digit_count(value) + exponent > kRoom) {
    return std::nullopt;
  }
  return value == 0 ? 0 : value * power_of_ten(exponent);
}

// The two mantissas brought to one scale.
struct Aligned {
  Uint128 a;
  Uint128 b;
  int scale;
};

std::optional<Aligned> align(Uint128 a, int scale_a, Uint128 b, int scale_b) {
  const int scale = std::max(scale_a, scale_b);
  const auto wide_a = scaled_up(a, scale - scale_a);
  const auto wide_b = scaled_up(b, scale - scale_b);
  if (!wide_a || !wide_b) {
    return std::nullopt;
  }
  return Aligned{*wide_a, *wide_b, scale};
}

}  // namespace

Uint128 Decimal::mantissa() const { return (static_cast<Uint128>(high()) << 64) | low_; }

std::optional<Decimal> Decimal::from_parts(bool negative, Uint128 mantissa, int scale) {
  if (mantissa == 0) {
    negative = false;
    scale = std::max(scale, 0);
  }
  int digits = digit_count(mantissa);
  while (scale < 0 && digits < kMaxDigits && mantissa != 0) {
    mantissa *= 10;
    ++scale;
    ++digits;
  }
  if (digits > kMaxDigits || scale > kMaxDigits + kMaxExponent) {
    return std::nullopt;
  }
  return Decimal(static_cast<std::uint64_t>(mantissa), static_cast<std::uint32_t>(mantissa >> 64),
                 scale, negative);
}

Decimal::ParseResult Decimal::parse_any(std::string_view text, Decimal& out) {
  if (text.empty() || text.size() > kMaxInput) {
    return ParseResult::kSyntax;
  }
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = *at == '-';
  at += negative ? 1 : 0;
  if (at == end || !is_digit(*at) || (*at == '0' && at + 1 != end && is_digit(at[1]))) {
    return ParseResult::kSyntax;
  }
  if (const auto amount = from_plain_text({at, static_cast<std::size_t>(end - at)});
      negative && amount) {
    out = *amount;
    out.rest_ |= out.is_zero() ? 0 : kNegative;
    return ParseResult::kOk;
  }
  Digits read;
  int exponent = 0;
  if (!read_digits(at, end, read) || !read_exponent(at, end, exponent)) {
    return ParseResult::kSyntax;
  }
  if (exponent < -kMaxExponent || exponent > kMaxExponent) {
    return ParseResult::kExponentOutOfRange;
  }
  if (read.too_many) {
    return ParseResult::kTooManyDigits;
  }
  // 100e-2 is 1.00: zeros that end up behind the point are digits that the venue sent.
  const int kept_zeros = exponent < 0 ? std::min(read.pending_zeros, kMaxDigits - read.count) : 0;
  const Uint128 mantissa = read.mantissa * power_of_ten(kept_zeros);
  const int digits = read.count + kept_zeros;
  const int scale = read.scale - exponent - (read.pending_zeros - kept_zeros);
  const int scientific = digits - 1 - scale;
  if (mantissa != 0 && (scientific > kMaxExponent || scientific < -kMaxExponent)) {
    return ParseResult::kExponentOutOfRange;
  }
  const auto made = from_parts(negative, mantissa, scale);
  if (!made) {
    return mantissa == 0 ? ParseResult::kExponentOutOfRange : ParseResult::kTooManyDigits;
  }
  out = *made;
  return ParseResult::kOk;
}

std::optional<Decimal> Decimal::from_text(std::string_view text) {
  Decimal result;
  if (parse(text, result) != ParseResult::kOk) {
    return std::nullopt;
  }
  return result;
}

char* Decimal::write(char* out) const {
  std::array<char, kPowers> reversed{};
  int digits = 0;
  if (high() == 0) {
    for (std::uint64_t rest = low_; rest != 0; rest /= 10) {
      reversed[static_cast<std::size_t>(digits++)] = static_cast<char>('0' + rest % 10);
    }
  } else {
    for (Uint128 rest = mantissa(); rest != 0; rest /= 10) {
      reversed[static_cast<std::size_t>(digits++)] =
          static_cast<char>('0' + static_cast<int>(rest % 10));
    }
  }
  if (is_negative()) {
    *out++ = '-';
  }
  const int scale = this->scale();
  if (digits <= scale || digits == 0) {
    *out++ = '0';
  }
  if (digits <= scale && scale > 0) {
    *out++ = '.';
    out = std::fill_n(out, scale - digits, '0');
  }
  for (int digit = digits - 1; digit >= 0; --digit) {
    *out++ = reversed[static_cast<std::size_t>(digit)];
    if (digit == scale && digit != 0) {
      *out++ = '.';
    }
  }
  return scale < 0 ? std::fill_n(out, -scale, '0') : out;
}

std::string Decimal::text() const {
  std::array<char, kMaxText> buffer{};
  return {buffer.data(), write(buffer.data())};
}

int Decimal::compare(const Decimal& a, const Decimal& b) {
  if (a.is_negative() != b.is_negative()) {
    return a.is_negative() ? -1 : 1;
  }
  const int sign = a.is_negative() ? -1 : 1;
  if (a.is_zero() || b.is_zero()) {
    return sign * (static_cast<int>(!a.is_zero()) - static_cast<int>(!b.is_zero()));
  }
  const int magnitude_a = digit_count(a.mantissa()) - a.scale();
  const int magnitude_b = digit_count(b.mantissa()) - b.scale();
  if (magnitude_a != magnitude_b) {
    return magnitude_a < magnitude_b ? -sign : sign;
  }
  // Of one magnitude, and at most 28 digits each: the one with fewer digits is widened by at most
  // 27 more.
  Uint128 wide_a = a.mantissa();
  Uint128 wide_b = b.mantissa();
  const int shift = a.scale() - b.scale();
  (shift < 0 ? wide_a : wide_b) *= power_of_ten(shift < 0 ? -shift : shift);
  return wide_a == wide_b ? 0 : (wide_a < wide_b ? -sign : sign);
}

std::optional<Decimal> Decimal::difference(const Decimal& a, const Decimal& b) {
  const auto aligned = align(a.mantissa(), a.scale(), b.mantissa(), b.scale());
  if (!aligned) {
    return std::nullopt;
  }
  if (a.is_negative() != b.is_negative()) {
    return from_parts(a.is_negative(), aligned->a + aligned->b, aligned->scale);
  }
  const bool reversed = aligned->a < aligned->b;
  const Uint128 amount = reversed ? aligned->b - aligned->a : aligned->a - aligned->b;
  return from_parts(reversed != a.is_negative(), amount, aligned->scale);
}

std::optional<Decimal> Decimal::change_percent(const Decimal& value, const Decimal& base) {
  constexpr int kDecimals = 4;
  const auto change = difference(value, base);
  if (!change || base.is_zero()) {
    return std::nullopt;
  }
  const auto aligned = align(change->mantissa(), change->scale(), base.mantissa(), base.scale());
  if (!aligned) {
    return std::nullopt;
  }
  const Uint128 numerator = aligned->a * power_of_ten(kDecimals + 2);
  Uint128 quotient = numerator / aligned->b;
  const Uint128 rest = numerator % aligned->b;
  const Uint128 gap = aligned->b - rest;
  if (rest > gap || (rest == gap && quotient % 2 == 1)) {
    ++quotient;
  }
  return from_parts(change->is_negative() != base.is_negative(), quotient, kDecimals);
}

}  // namespace ticker::market
