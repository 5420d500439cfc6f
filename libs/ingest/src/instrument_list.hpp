#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/base/result.hpp>
#include <ticker/feed/listing.hpp>
#include <ticker/ingest/feed_options.hpp>

namespace ticker::ingest {

// Whether it stands for all symbols of a form, such as `*-USDT`.
bool is_pattern(std::string_view canonical);
bool matches(std::string_view pattern, std::string_view canonical);

// What became of a feed's symbols by the venue's list.
struct Resolved {
  std::vector<FeedOptions::Symbol>
      symbols;                          // the plain ones as they are, then what the patterns match
  std::vector<std::string> faults;      // a line each for the log
  std::vector<std::string> unverified;  // the same, of what such a list can't say
};
// `natives_of_plain`: what the venue calls each plain symbol, in their order. Of what patterns
// match, the first `max_symbols` by name.
Resolved resolve(const std::vector<FeedOptions::Symbol>& symbols,
                 const std::vector<std::string>& natives_of_plain,
                 const std::vector<feed::Listing>& list, std::size_t max_symbols);

// The list as it was last fetched, in a file; so that a start without the venue's REST works.
struct CachedList {
  std::vector<feed::Listing> list;
  Timestamp fetched;
};
// Error: it can't be written. It is there whole, or as it was before.
Status write_list(const std::string& file, std::string_view adapter, const CachedList& list);
// nullopt: there is none, of that adapter, that is whole.
std::optional<CachedList> read_list(const std::string& file, std::string_view adapter);

}  // namespace ticker::ingest
