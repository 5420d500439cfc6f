#include "stay_in_place.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "native_names.hpp"

namespace ticker::ingest {
namespace {

struct Place {
  std::string canonical;
  std::vector<std::pair<std::size_t, std::string>> connections;  // their numbers and URLs

  bool operator==(const Place&) const = default;
};

std::unordered_map<std::string, Place> places(const feed::Adapter& adapter,
                                              const FeedOptions& options) {
  const auto natives = native_names(options, [&](std::string_view canonical) {
                         return adapter.native_name(canonical);
                       }).value();
  const auto plans = adapter.plan(options.url, natives);
  std::unordered_map<std::string, Place> places;
  for (std::size_t i = 0; i < natives.size(); ++i) {
    places[natives[i]].canonical = options.symbols[i].canonical;
  }
  for (std::size_t number = 0; number < plans.size(); ++number) {
    for (const auto& native : plans[number].natives) {
      places[native].connections.emplace_back(number, plans[number].url);
    }
  }
  return places;
}

}  // namespace

bool stay_in_place(const feed::Adapter& adapter, const FeedOptions& before,
                   const FeedOptions& after) {
  const auto old_places = places(adapter, before);
  const auto new_places = places(adapter, after);
  return std::all_of(new_places.begin(), new_places.end(), [&](const auto& entry) {
    const auto found = old_places.find(entry.first);
    return found == old_places.end() || found->second == entry.second;
  });
}

}  // namespace ticker::ingest
