#include "instrument_list.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

namespace ticker::ingest {
namespace {

constexpr std::string_view kHeading = "ticker instruments 1";
constexpr std::string_view kEnd = "end";

// Other instruments of the same asset, so that a slip is seen.
std::string others_of(std::string_view canonical, const std::vector<feed::Listing>& list) {
  constexpr std::size_t kNamed = 5;
  const auto base = std::string(canonical.substr(0, canonical.find('-'))) + '-';
  std::string names;
  std::size_t named = 0;
  for (const auto& listing : list) {
    if (listing.canonical.starts_with(base) && named++ < kNamed) {
      names += (names.empty() ? "; it has " : ", ") + listing.canonical;
    }
  }
  return named > kNamed ? names + ", …" : names;
}

// What a list may be about, and another be silent on.
enum class Market { kSpot, kPerpetuals, kDated };

Market market_of(std::string_view canonical) {
  const auto base = canonical.find('-');
  const auto quote = base == std::string_view::npos ? base : canonical.find('-', base + 1);
  if (quote == std::string_view::npos) {
    return Market::kSpot;
  }
  return canonical.substr(quote + 1) == "PERP" ? Market::kPerpetuals : Market::kDated;
}

}  // namespace

bool is_pattern(std::string_view canonical) {
  return canonical.find('*') != std::string_view::npos;
}

bool matches(std::string_view pattern, std::string_view canonical) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) {
    return pattern == canonical;
  }
  if (!canonical.starts_with(pattern.substr(0, star))) {
    return false;
  }
  canonical.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  // What stands before the next `*` is best met as early as may be.
  const auto next = pattern.find('*');
  if (next == std::string_view::npos) {
    return canonical.ends_with(pattern);
  }
  const auto at = canonical.find(pattern.substr(0, next));
  return at != std::string_view::npos && matches(pattern.substr(next), canonical.substr(at + next));
}

Resolved resolve(const std::vector<FeedOptions::Symbol>& symbols,
                 const std::vector<std::string>& natives_of_plain,
                 const std::vector<feed::Listing>& list, std::size_t max_symbols) {
  Resolved resolved;
  std::set<std::string_view> listed;
  std::set<Market> markets;
  for (const auto& listing : list) {
    listed.insert(listing.native);
    markets.insert(market_of(listing.canonical));
  }
  std::set<std::string> canonicals;
  std::set<std::string> natives;
  auto native = natives_of_plain.begin();
  for (const auto& symbol : symbols) {
    if (is_pattern(symbol.canonical)) {
      if (std::ranges::none_of(list, [&](const feed::Listing& listing) {
            return matches(symbol.canonical, listing.canonical);
          })) {
        resolved.faults.push_back("nothing that the venue lists is a '" + symbol.canonical + "'");
      }
      continue;
    }
    if (!markets.contains(market_of(symbol.canonical))) {
      resolved.unverified.push_back("'" + symbol.canonical + "' (" + *native +
                                    ") is not verified: the venue's list has none of its kind");
    } else if (!listed.contains(*native)) {
      resolved.faults.push_back("the venue does not list '" + symbol.canonical + "' (" + *native +
                                ")" + others_of(symbol.canonical, list));
    }
    canonicals.insert(symbol.canonical);
    natives.insert(*native++);
    resolved.symbols.push_back(symbol);
  }
  const auto plain = resolved.symbols.size();
  for (const auto& listing : list) {
    const auto fits = [&](const FeedOptions::Symbol& symbol) {
      return is_pattern(symbol.canonical) && matches(symbol.canonical, listing.canonical);
    };
    if (std::any_of(symbols.begin(), symbols.end(), fits) &&
        !canonicals.contains(listing.canonical) && natives.insert(listing.native).second) {
      canonicals.insert(listing.canonical);  // a list may name it twice
      resolved.symbols.push_back({listing.canonical, listing.native});
    }
  }
  if (const auto found = resolved.symbols.size() - plain; found > max_symbols) {
    const auto left_out = resolved.symbols[plain + max_symbols].canonical;
    resolved.symbols.resize(plain + max_symbols);
    resolved.faults.push_back("its patterns match " + std::to_string(found) +
                              " instruments, of which max_symbols allows " +
                              std::to_string(max_symbols) + ": from '" + left_out +
                              "' on they are left out");
  }
  return resolved;
}

Status write_list(const std::string& file, std::string_view adapter, const CachedList& list) {
  const auto beside = file + ".new";
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), error);
  {
    std::ofstream out(beside, std::ios::trunc);
    out << kHeading << ' ' << adapter << ' ' << to_us(list.fetched) << '\n';
    for (const auto& listing : list.list) {
      out << listing.canonical << ' ' << listing.native << '\n';
    }
    out << kEnd << '\n';
    if (!out.flush()) {
      return Error{file + ": the list of instruments can't be written"};
    }
  }
  std::filesystem::rename(beside, file, error);
  return error ? Status(Error{file + ": " + error.message()}) : Status();
}

std::optional<CachedList> read_list(const std::string& file, std::string_view adapter) {
  constexpr std::size_t kLongest = 200;
  std::ifstream in(file);
  std::string line;
  const auto heading = std::string(kHeading).append(" ").append(adapter).append(" ");
  std::int64_t fetched_us = 0;
  if (!std::getline(in, line) || !line.starts_with(heading) ||
      std::from_chars(line.data() + heading.size(), line.data() + line.size(), fetched_us).ec !=
          std::errc()) {
    return std::nullopt;
  }
  CachedList cached{{}, from_us(fetched_us)};
  while (std::getline(in, line) && line != kEnd) {
    const auto space = line.find(' ');
    if (space == std::string::npos || line.size() > kLongest) {
      return std::nullopt;
    }
    cached.list.push_back({line.substr(0, space), line.substr(space + 1)});
  }
  return line == kEnd && !cached.list.empty() ? std::optional(std::move(cached)) : std::nullopt;
}

}  // namespace ticker::ingest
