#include <ticker/metrics/http_stats.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <ticker/metrics/writer.hpp>

namespace ticker::metrics {
namespace {

// What the service answers; 101 is a WebSocket that was taken. The last counter of a path is for
// any other.
constexpr std::array<std::string_view, 18> kStatuses{"101", "200", "301", "304", "400", "403",
                                                     "404", "405", "408", "413", "414", "426",
                                                     "429", "431", "500", "501", "503", "505"};
constexpr std::size_t kSlots = kStatuses.size() + 1;

std::size_t status_slot(int status) {
  const auto found = std::find(kStatuses.begin(), kStatuses.end(), std::to_string(status));
  return static_cast<std::size_t>(found - kStatuses.begin());
}

}  // namespace

HttpStats::HttpStats(std::vector<std::string> paths) : paths_(std::move(paths)) {
  paths_.emplace_back("other");
  counters_ = std::make_unique<Counter[]>(paths_.size() * kSlots);
}

void HttpStats::count(std::string_view path, int status) noexcept {
  const auto found = std::find(paths_.begin(), paths_.end() - 1, path);
  counters_[static_cast<std::size_t>(found - paths_.begin()) * kSlots + status_slot(status)].add();
}

void HttpStats::collect(Writer& writer) const {
  for (std::size_t path = 0; path < paths_.size(); ++path) {
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      const std::uint64_t count = counters_[path * kSlots + slot].value();
      // A series stands once there is something to count: most pairs of path and status never
      // happen.
      if (count > 0) {
        writer.value(Family::kHttpRequests,
                     {paths_[path], slot < kStatuses.size() ? kStatuses[slot] : "other"},
                     static_cast<double>(count));
      }
    }
  }
}

}  // namespace ticker::metrics
