#include "stats.hpp"

#include <ticker/feed/sink.hpp>

namespace ticker::ingest {
namespace {

template <typename Reason>
std::vector<std::string> adapters_reasons(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t reason = 0; reason < count; ++reason) {
    names.emplace_back(feed::reason_name(static_cast<Reason>(reason)));
  }
  return names;
}

}  // namespace

std::vector<std::string> rejected_reasons() {
  auto names = adapters_reasons<feed::Rejected>(feed::kRejectedCount);
  names.emplace_back(kRefusedSymbol);
  names.emplace_back(kVenueError);
  return names;
}

std::vector<std::string> skipped_reasons() {
  auto names = adapters_reasons<feed::Skipped>(feed::kSkippedCount);
  names.emplace_back(kSequenceGap);
  return names;
}

}  // namespace ticker::ingest
