#include "selection.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace ticker::hub {

using market::InstrumentId;
using market::InstrumentState;
using market::MarketState;

std::string EntryList::key() const {
  // Texts and lane names hold no control characters.
  std::string key;
  for (const Entry& entry : entries) {
    key += entry.text.text();
    key += '\t';
    key += lanes[entry.lane];
    key += '\n';
  }
  // The order of the lanes counts too: they are known by their index.
  for (const std::string& lane : lanes) {
    key += lane;
    key += '\n';
  }
  return key;
}

std::uint8_t EntryList::lane(std::string_view name) {
  const auto found = std::find(lanes.begin(), lanes.end(), name);
  if (found == lanes.end()) {
    lanes.emplace_back(name);
    return static_cast<std::uint8_t>(lanes.size() - 1);
  }
  return static_cast<std::uint8_t>(found - lanes.begin());
}

void EntryList::append(const std::vector<protocol::Pattern>& texts, std::string_view lane_name) {
  const std::uint8_t to = lane(lane_name);
  std::unordered_set<std::string_view> moved;
  for (const protocol::Pattern& text : texts) {
    moved.insert(text.text());
  }
  std::erase_if(entries, [&](const Entry& entry) { return moved.contains(entry.text.text()); });
  for (const protocol::Pattern& text : texts) {
    entries.push_back({text, to});
  }
  drop_empty_lanes();
}

void EntryList::drop_empty_lanes() {
  for (std::size_t lane = lanes.size(); lane-- > 0;) {
    const auto in_lane = [lane](const Entry& entry) { return entry.lane == lane; };
    if (std::any_of(entries.begin(), entries.end(), in_lane)) {
      continue;
    }
    lanes.erase(lanes.begin() + static_cast<std::ptrdiff_t>(lane));
    for (Entry& entry : entries) {
      entry.lane = static_cast<std::uint8_t>(entry.lane - (entry.lane > lane ? 1 : 0));
    }
  }
}

Selection::Selection(EntryList list, SymbolFilter filter, std::string key)
    : list_(std::move(list)), filter_(std::move(filter)), key_(std::move(key)) {
  for (const std::string& lane : list_.lanes) {
    parts_.push_back(std::make_unique<Part>());
    parts_.back()->name = lane;
  }
}

std::optional<std::size_t> Selection::lane_of(std::string_view symbol) const {
  const auto& entries = list_.entries;
  const auto last = std::find_if(entries.rbegin(), entries.rend(), [symbol](const Entry& entry) {
    return entry.text.matches(symbol);
  });
  if (last == entries.rend() || !filter_.allows(symbol)) {
    return std::nullopt;
  }
  return last->lane;
}

bool Selection::contains(std::size_t lane, InstrumentId id) const {
  const auto& ids = parts_[lane]->ids;
  return std::binary_search(ids.begin(), ids.end(), id);
}

std::optional<std::size_t> Selection::lane_of(InstrumentId id) const {
  for (std::size_t lane = 0; lane < parts_.size(); ++lane) {
    if (contains(lane, id)) {
      return lane;
    }
  }
  return std::nullopt;
}

SelectionTable::Acquired SelectionTable::acquire(EntryList list, const SymbolFilter& filter,
                                                 const MarketState& state) {
  std::string key = filter.key() + list.key();
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    ++found->second->users_;
    return {found->second.get(), false};
  }
  auto made = std::make_unique<Selection>(std::move(list), filter, std::move(key));
  Selection* const selection = made.get();
  by_key_.emplace(selection->key(), std::move(made));
  resolve(*selection, state);
  selection->users_ = 1;
  return {selection, true};
}

void SelectionTable::release(Selection* selection) {
  if (selection == nullptr || --selection->users_ > 0) {
    return;
  }
  for (const auto& part : selection->parts_) {
    interest_.drop(*part);
  }
  // By iterator: the key is part of what is destroyed.
  by_key_.erase(by_key_.find(selection->key()));
}

void SelectionTable::resolve(Selection& selection, const MarketState& state) {
  constexpr std::int32_t kNone = -1;
  assigned_.assign(state.end_id(), kNone);
  const auto& entries = selection.list_.entries;
  for (std::size_t index = entries.size(); index-- > 0;) {
    const auto take = [&](const InstrumentState& instrument) {
      if (assigned_[instrument.id] == kNone) {
        assigned_[instrument.id] = static_cast<std::int32_t>(index);
      }
    };
    const protocol::Pattern& text = entries[index].text;
    if (text.is_plain()) {
      if (const auto* instrument = selection.filter_.find(state, text.text())) {
        take(*instrument);
      }
      continue;
    }
    for (InstrumentId id = 0; id < state.end_id(); ++id) {
      const auto* instrument = assigned_[id] == kNone ? state.find(id) : nullptr;
      if (instrument != nullptr && text.matches(instrument->instrument.symbol) &&
          selection.filter_.allows(instrument->instrument.symbol)) {
        take(*instrument);
      }
    }
  }
  for (InstrumentId id = 0; id < state.end_id(); ++id) {
    if (assigned_[id] != kNone) {
      interest_.add(id, selection.part(entries[static_cast<std::size_t>(assigned_[id])].lane));
    }
  }
}

void SelectionTable::created(const InstrumentState& instrument) {
  for (const auto& [key, selection] : by_key_) {
    if (const auto lane = selection->lane_of(instrument.instrument.symbol)) {
      interest_.add(instrument.id, selection->part(*lane));  // ids only rise
    }
  }
}

void SelectionTable::rebuild(const MarketState& state) {
  interest_.clear();
  for (const auto& [key, selection] : by_key_) {
    for (const auto& part : selection->parts_) {
      part->ids.clear();
      part->places.clear();
    }
    resolve(*selection, state);
  }
}

}  // namespace ticker::hub
