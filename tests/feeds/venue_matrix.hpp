#pragma once

#include <string>
#include <vector>

#include "feed_bench.hpp"
#include "venue_cases.hpp"

namespace ticker::tests {

inline const venue_sim::Timeline::Options kRecordedPace{1, false};
// Twenty messages a second: a feed that subscribes to quotes and trades apart has both before the
// second message.
inline const venue_sim::Timeline::Options kSlowPace{0.02, false};

// The mock-server matrix: every venue's adapter, on the venue's own protocol, through what venues
// do by accident.
class VenueMatrix : public testing::TestWithParam<VenueCase> {
 protected:
  const VenueCase& venue() const { return GetParam(); }
  std::string native(const std::string& base) const { return venue().native(base); }
  std::string symbol(const std::string& base) const { return venue().symbol(base); }

  // One quote and one trade each.
  std::vector<std::string> tape(const std::vector<std::string>& bases) const {
    std::vector<std::string> messages;
    for (const auto& base : bases) {
      messages.push_back(venue().quote(native(base), 1, "61800.10"));
      messages.push_back(venue().trade(native(base), 2, "61800.30"));
      messages.push_back(venue().quote(native(base), 3, "61800.20"));
      messages.push_back(venue().trade(native(base), 4, "61800.20"));
    }
    return messages;
  }
  // A quote a millisecond; the last bid of 300 is 61300.5. At the recorded pace, ten thousand
  // outlast any reconnect.
  std::vector<std::string> long_tape(int quotes = 300) const {
    std::vector<std::string> messages;
    for (int id = 1; id <= quotes; ++id) {
      messages.push_back(venue().quote(native("BTC"), id, std::to_string(61000 + id) + ".5"));
    }
    return messages;
  }
};

}  // namespace ticker::tests
