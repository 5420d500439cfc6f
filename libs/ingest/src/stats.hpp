#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ticker::ingest {

// Reasons beside those of the adapters.
inline constexpr std::string_view kRefusedSymbol = "refused_symbol";
inline constexpr std::string_view kVenueError = "venue_error";
inline constexpr std::string_view kSequenceGap = "sequence_gap";

// The label values of ticker_feed_rejected_total and ticker_feed_skipped_total: the adapters'
// reasons in the order of their enumerators, then ours.
std::vector<std::string> rejected_reasons();
std::vector<std::string> skipped_reasons();

}  // namespace ticker::ingest
