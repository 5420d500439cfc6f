#include "event_times.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace ticker::venue_sim {
namespace {

constexpr std::size_t kNanoDigits = 9;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kDateLength = 19;  // 2026-08-09T21:05:48

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool parse(std::string_view digits, std::int64_t& out) {
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return result.ec == std::errc() && result.ptr == digits.data() + digits.size();
}

// Digits behind the point that a time since 1970 has, if it were written as seconds: venues write
// it whole in the unit.
std::size_t fraction_digits(std::size_t digits) {
  return digits <= 11 ? 0 : digits <= 14 ? 3 : digits <= 17 ? 6 : kNanoDigits;
}

// So many digits of the nanoseconds.
std::string fraction(std::int64_t ns, std::size_t digits) {
  auto text = std::to_string(ns);
  return (std::string(kNanoDigits - text.size(), '0') + text).substr(0, digits);
}

// `seconds` and the first digits of a fraction, later by `by`; as nanoseconds.
bool later(std::int64_t seconds, std::string_view digits, std::chrono::milliseconds by,
           std::int64_t& ns) {
  std::string padded(digits.substr(0, kNanoDigits));
  padded.resize(kNanoDigits, '0');
  if (!parse(padded, ns) || seconds > INT64_MAX / kSecond / 2) {
    return false;
  }
  ns += seconds * kSecond + std::chrono::nanoseconds(by).count();
  return ns >= 0;
}

std::string shift_number(std::string_view text, std::chrono::milliseconds by) {
  const auto point = std::min(text.find('.'), text.size());
  const bool has_point = point < text.size();
  const auto digits = has_point ? text.size() - point - 1 : fraction_digits(point);
  const auto whole = has_point ? point : point - digits;
  std::int64_t seconds = 0;
  std::int64_t ns = 0;
  if (digits > kNanoDigits || !parse(text.substr(0, whole), seconds) ||
      !later(seconds, text.substr(has_point ? point + 1 : whole), by, ns)) {
    return std::string(text);
  }
  return std::to_string(ns / kSecond) + (has_point ? "." : "") + fraction(ns % kSecond, digits);
}

std::string shift_date(std::string_view text, std::chrono::milliseconds by) {
  std::tm parts{};
  const auto end =
      strptime(std::string(text.substr(0, kDateLength)).c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  auto rest = text.substr(kDateLength);
  std::string_view digits;
  if (rest.starts_with('.')) {
    const auto last = std::find_if_not(rest.begin() + 1, rest.end(), is_digit);
    digits = rest.substr(1, static_cast<std::size_t>(last - rest.begin()) - 1);
    rest = rest.substr(digits.size() + 1);
  }
  std::int64_t ns = 0;
  if (end == nullptr || digits.size() > kNanoDigits || !later(timegm(&parts), digits, by, ns)) {
    return std::string(text);
  }
  const std::time_t seconds = ns / kSecond;
  gmtime_r(&seconds, &parts);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  return date.data() + (digits.empty() ? "" : "." + fraction(ns % kSecond, digits.size())) +
         std::string(rest);
}

std::string shift(std::string_view text, std::chrono::milliseconds by) {
  const bool is_date = text.size() > kDateLength && text[10] == 'T';
  return is_date ? shift_date(text, by) : shift_number(text, by);
}

// From a quote or a digit on; npos: a text that does not end.
std::size_t end_of_value(std::string_view json, std::size_t begin) {
  auto end = begin + 1;
  if (json[begin] != '"') {
    return std::min(json.find_first_not_of("0123456789.eE+-", end), json.size());
  }
  while (end < json.size() && json[end] != '"') {
    end += json[end] == '\\' ? 2U : 1U;
  }
  return end < json.size() ? end + 1 : std::string_view::npos;
}

}  // namespace

std::string shift_times(std::string_view message, std::chrono::milliseconds by,
                        const std::function<bool(std::string_view, std::string_view)>& is_time) {
  std::string out;
  std::string_view key;
  for (std::size_t at = 0; at < message.size();) {
    const char c = message[at];
    if (c != '"' && !is_digit(c) && c != '-') {
      key = c == ',' || c == '[' || c == ']' || c == '{' || c == '}' ? std::string_view() : key;
      out += c;
      ++at;
      continue;
    }
    const auto end = end_of_value(message, at);
    if (end == std::string_view::npos) {
      return out.append(message.substr(at));
    }
    const std::size_t quote = c == '"' ? 1 : 0;
    const auto value = message.substr(at + quote, end - at - 2 * quote);
    const auto next = message.find_first_not_of(" \t\r\n", end);
    if (quote == 1 && next != std::string_view::npos && message[next] == ':') {
      key = value;
      out += message.substr(at, end - at);
    } else if (is_time(key, value)) {
      out.append(quote, '"').append(shift(value, by)).append(quote, '"');
    } else {
      out += message.substr(at, end - at);
    }
    at = end;
  }
  return out;
}

}  // namespace ticker::venue_sim
