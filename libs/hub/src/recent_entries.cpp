#include "recent_entries.hpp"

#include <algorithm>
#include <limits>

namespace ticker::hub {

using market::Version;

std::string* RecentEntries::start(const market::InstrumentState& state, market::FieldSet listed,
                                  Version since) {
  if (state.id >= entries_.size()) {
    entries_.resize(state.id + std::size_t{1});
  }
  Entry& entry = entries_[state.id];
  if (entry.version == state.updated) {
    return nullptr;
  }
  entry.version = state.updated;
  entry.from = 0;
  entry.until = std::numeric_limits<Version>::max();
  const auto consider = [&](Version version) {
    if (version <= since) {
      entry.from = std::max(entry.from, version);
    } else {
      entry.until = std::min(entry.until, version);
    }
  };
  consider(state.created);
  std::for_each(state.versions.begin(), state.versions.end(), consider);
  entry.listed = listed;
  entry.text.clear();
  return &entry.text;
}

}  // namespace ticker::hub
