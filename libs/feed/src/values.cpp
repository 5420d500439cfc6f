#include "values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace ticker::feed {
namespace {

using market::Decimal;

// Later times are nonsense; the limit keeps the arithmetic below far from overflow.
constexpr std::int64_t kMaxSeconds = 7'258'118'400;                // 2200-01-01
constexpr std::uint64_t kFirstMicroseconds = 100'000'000'000'000;  // as milliseconds: the year 5138

constexpr int kFarExponent = 1000;       // of no number that can be held
constexpr std::size_t kSafeDigits = 19;  // so many fit 64 bits

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, {}, lower);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return std::ranges::all_of(text, is_digit); }

// A fixed number of digits.
std::optional<unsigned> digits(std::string_view text) {
  if (!all_digits(text)) {
    return std::nullopt;
  }
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The digits after a point, as microseconds.
std::optional<std::int64_t> fraction_us(std::string_view text) {
  constexpr std::size_t kMaxDigits = 9;
  constexpr std::size_t kMicroseconds = 6;
  if (text.empty() || text.size() > kMaxDigits || !all_digits(text)) {
    return std::nullopt;
  }
  std::int64_t us = 0;
  for (std::size_t i = 0; i < kMicroseconds; ++i) {
    us = us * 10 + (i < text.size() ? text[i] - '0' : 0);
  }
  return us;
}

Refusal from_seconds(std::int64_t seconds, std::int64_t us, Timestamp& out) {
  if (seconds < 0 || seconds >= kMaxSeconds) {
    return Rejected::kOutOfRange;
  }
  out = from_us(seconds * 1'000'000 + us);
  return std::nullopt;
}

// One that may not fit.
Refusal read_long_integer(std::string_view text, std::uint64_t& out) {
  if (text.empty() || !all_digits(text)) {
    return Rejected::kUndecodable;
  }
  std::uint64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) {
    return Rejected::kOutOfRange;
  }
  out = value;
  return std::nullopt;
}

Rejected refused(Decimal::ParseResult result) {
  return result == Decimal::ParseResult::kSyntax ? Rejected::kUndecodable : Rejected::kOutOfRange;
}

// `Z` or `+hh:mm`, in seconds east.
std::optional<std::int64_t> zone_offset(std::string_view text) {
  if (text == "Z" || text == "z") {
    return 0;
  }
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
    return std::nullopt;
  }
  const auto hours = digits(text.substr(1, 2));
  const auto minutes = digits(text.substr(4, 2));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) {
    return std::nullopt;
  }
  const std::int64_t seconds = *hours * 3600 + *minutes * 60;
  return text[0] == '+' ? seconds : -seconds;
}

}  // namespace

Refusal read_decimal(std::string_view text, Decimal& out) {
  const auto read = Decimal::parse(text, out);
  if (read == Decimal::ParseResult::kOk) {
    return std::nullopt;
  }
  return refused(read);
}

Refusal read_field(std::string_view text, market::Field field, market::FieldValues& out) {
  if (text.empty()) {
    out.set_null(field);
    return std::nullopt;
  }
  if (field == market::Field::kLastSide) {
    market::Side side{};
    if (const auto refusal = read_side(text, side)) {
      return refusal;
    }
    out.set_side(side);
    return std::nullopt;
  }
  Decimal value;
  if (const auto refusal = read_decimal(text, value)) {
    return refusal;
  }
  out.set(field, value);
  return std::nullopt;
}

Refusal read_shifted(std::string_view text, int shift, market::Field field,
                     market::FieldValues& out) {
  // As an exponent of its own, which the number's own one is added to.
  constexpr std::size_t kLongest = 64;
  constexpr std::size_t kExponent = 8;
  const auto exponent_at = std::min(text.find_first_of("eE"), text.size());
  int exponent = 0;
  if (exponent_at < text.size()) {
    const bool has_plus = exponent_at + 1 < text.size() && text[exponent_at + 1] == '+';
    const auto digits_at = exponent_at + (has_plus ? 2U : 1U);
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + digits_at, end, exponent);
    if (read.ec != std::errc() || read.ptr != end) {
      return Rejected::kUndecodable;
    }
    exponent = std::clamp(exponent, -kFarExponent, kFarExponent);
  }
  if (text.empty()) {
    return read_field(text, field, out);
  }
  if (exponent_at > kLongest) {
    return Rejected::kOutOfRange;
  }
  std::array<char, kLongest + kExponent> shifted{};
  char* at = std::copy_n(text.data(), exponent_at, shifted.data());
  *at++ = 'e';
  at = std::to_chars(at, shifted.data() + shifted.size(), exponent + shift).ptr;
  return read_field({shifted.data(), static_cast<std::size_t>(at - shifted.data())}, field, out);
}

Refusal read_side(std::string_view text, market::Side& out) {
  if (equals_ignoring_case(text, "buy")) {
    out = market::Side::kBuy;
  } else if (equals_ignoring_case(text, "sell")) {
    out = market::Side::kSell;
  } else {
    return Rejected::kUndecodable;
  }
  return std::nullopt;
}

Refusal read_makers_side(std::string_view text, market::Side& out) {
  const auto refusal = read_side(text, out);
  if (!refusal) {
    out = out == market::Side::kBuy ? market::Side::kSell : market::Side::kBuy;
  }
  return refusal;
}

Refusal read_integer(std::string_view text, std::uint64_t& out) {
  if (text.empty() || text.size() > kSafeDigits) {
    return read_long_integer(text, out);
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    const auto digit = static_cast<unsigned char>(c - '0');
    if (digit > 9) {
      return Rejected::kUndecodable;
    }
    value = value * 10 + digit;
  }
  out = value;
  return std::nullopt;
}

Refusal read_trade_id(std::string_view text, market::TradeId& out) {
  const auto fits = [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; };
  if (text.empty() || !std::ranges::all_of(text, fits)) {
    return Rejected::kUndecodable;
  }
  if (text.size() > market::TradeId::kMaxText) {
    return Rejected::kOutOfRange;
  }
  out = market::TradeId(text);
  return std::nullopt;
}

Refusal read_unix_time(std::string_view text, Timestamp& out) {
  std::uint64_t value = 0;
  if (const auto refusal = read_integer(text, value)) {
    return refusal;
  }
  const std::uint64_t us = value < kFirstMicroseconds ? value * 1000 : value;
  if (us >= static_cast<std::uint64_t>(kMaxSeconds) * 1'000'000) {
    return Rejected::kOutOfRange;
  }
  out = from_us(static_cast<std::int64_t>(us));
  return std::nullopt;
}

Refusal read_unix_seconds(std::string_view text, Timestamp& out) {
  const auto point = std::min(text.find('.'), text.size());
  std::uint64_t seconds = 0;
  if (const auto refusal = read_integer(text.substr(0, point), seconds)) {
    return refusal;
  }
  const auto us = point == text.size() ? 0 : fraction_us(text.substr(point + 1));
  if (!us) {
    return Rejected::kUndecodable;
  }
  return from_seconds(static_cast<std::int64_t>(std::min<std::uint64_t>(seconds, kMaxSeconds)), *us,
                      out);
}

Refusal read_rfc3339(std::string_view text, Timestamp& out) {
  constexpr std::size_t kToSeconds = 19;  // YYYY-MM-DDThh:mm:ss
  if (text.size() <= kToSeconds || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
    return Rejected::kUndecodable;
  }
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8, 2));
  const auto hour = digits(text.substr(11, 2));
  const auto minute = digits(text.substr(14, 2));
  const auto second = digits(text.substr(17, 2));
  const auto zone_at = text.find_first_of("Zz+-", kToSeconds);
  if (!year || !month || !day || !hour || !minute || !second || zone_at == std::string_view::npos) {
    return Rejected::kUndecodable;
  }
  std::optional<std::int64_t> us = 0;
  if (zone_at > kToSeconds) {
    us = text[kToSeconds] == '.'
             ? fraction_us(text.substr(kToSeconds + 1, zone_at - kToSeconds - 1))
             : std::nullopt;
  }
  const auto zone = zone_offset(text.substr(zone_at));
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!us || !zone || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) {
    return Rejected::kUndecodable;
  }
  const auto days = std::chrono::sys_days(date).time_since_epoch();
  const std::int64_t seconds =
      std::chrono::seconds(days).count() + *hour * 3600 + *minute * 60 + *second - *zone;
  return from_seconds(seconds, *us, out);
}

Refusal read_fields(const Record& record, std::span<const FieldSource> sources,
                    market::FieldValues& out) {
  for (const auto& source : sources) {
    if (record.has(source.slot)) {
      const auto text = record[source.slot];
      const auto plain = source.shift == 0 && source.field != market::Field::kLastSide
                             ? Decimal::from_plain_text(text)
                             : std::nullopt;
      if (plain) {
        out.set(source.field, *plain);
        continue;
      }
      const auto refusal = source.shift == 0 ? read_field(text, source.field, out)
                                             : read_shifted(text, source.shift, source.field, out);
      if (refusal) {
        return refusal;
      }
    }
  }
  return std::nullopt;
}

std::string plain_text(std::string_view text) {
  constexpr std::size_t kMaxText = 200;
  std::string plain(text.substr(0, kMaxText));
  std::ranges::replace_if(
      plain, [](char c) { return c < ' ' || c > '~'; }, '?');
  return plain;
}

}  // namespace ticker::feed
