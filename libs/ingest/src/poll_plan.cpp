#include "poll_plan.hpp"

#include <algorithm>
#include <iterator>

namespace ticker::ingest {
namespace {

constexpr std::string_view kSymbol = "{symbol}";
constexpr std::string_view kSymbols = "{symbols}";

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved = "-._~";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                          (c >= 'a' && c <= 'z') || kUnreserved.find(c) != std::string_view::npos;
    if (is_plain) {
      encoded += c;
    } else {
      encoded.append({'%', kHex[byte >> 4U], kHex[byte & 0xFU]});
    }
  }
  return encoded;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

}  // namespace

std::vector<Poll> poll_plan(const std::string& form, const std::vector<std::string>& natives,
                            std::size_t symbols_per_request) {
  const bool is_one_each = form.find(kSymbol) != std::string::npos;
  const bool is_of_many = form.find(kSymbols) != std::string::npos;
  const auto size = is_one_each ? 1 : is_of_many ? symbols_per_request : natives.size();
  std::vector<Poll> polls;
  for (auto from = natives.begin(); from != natives.end();) {
    const auto left = static_cast<std::size_t>(std::distance(from, natives.end()));
    const auto to = from + static_cast<std::ptrdiff_t>(std::min(size, left));
    std::string names;
    for (auto native = from; native != to; ++native) {
      names += (names.empty() ? "" : ",") + percent_encoded(*native);
    }
    polls.push_back({replaced(form, is_one_each ? kSymbol : kSymbols, names), {from, to}});
    from = to;
  }
  return polls;
}

}  // namespace ticker::ingest
