#pragma once

#include <chrono>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/ingest/feed_options.hpp>
#include <ticker/market/update.hpp>

namespace ticker::tests {

// How one venue says a quote and a trade; its part of the mock-server matrix.
struct VenueCase {
  const char* kind;
  const char* suffix;  // of canonical names: `BTC` + `-USDT`
  std::string (*native)(const std::string& base);
  // Ids rise from message to message.
  std::string (*quote)(const std::string& native, int id, const std::string& bid);
  std::string (*trade)(const std::string& native, int id, const std::string& price);
  bool names_refused;    // a refused symbol is told, and named
  bool trades_have_ids;  // so that a trade sent twice is known
  bool tells_planned_close;
  bool quotes_have_order;          // so that one which comes late is known
  bool quotes_are_whole;           // false: from the fourth on they name only what changed
  std::size_t requests_per_s;      // that a client may send; 0: the venue names no number
  std::chrono::hours longest_age;  // of a connection; 0: the venue names none

  // What test names show of it.
  friend void PrintTo(const VenueCase& venue, std::ostream* out) { *out << venue.kind; }

  std::string canonical(const std::string& base) const { return base + suffix; }
  std::string symbol(const std::string& base) const { return "venue:" + canonical(base); }
  std::vector<ingest::FeedOptions::Symbol> symbols(const std::vector<std::string>& bases) const {
    std::vector<ingest::FeedOptions::Symbol> all;
    for (const auto& base : bases) {
      all.push_back({canonical(base), ""});
    }
    return all;
  }
};

const std::vector<VenueCase>& venue_cases();
// Quotes of BTC and of ETH in turn, a trade behind each; an instrument's trades are numbered.
std::vector<std::string> numbered_tape(const VenueCase& venue, int messages);
// None of that tape's trades came twice, and none is missing between the first and the last.
void expect_each_trade_once(const std::vector<market::Trade>& trades);
// What a recording of this venue begins with, for its messages to be understood: at Bitfinex, what
// the numbers of channels mean that quotes and trades were made for so far.
std::vector<std::string> venue_preamble(std::string_view kind);
// The one of this kind.
const VenueCase& venue_case(std::string_view kind);

}  // namespace ticker::tests
