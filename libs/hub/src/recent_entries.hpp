#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ticker/market/instrument_state.hpp>

#include "prefetch.hpp"

namespace ticker::hub {

// Of each instrument the one entry that was asked for first since its last change: what most clients
// ask for, found by their question (these fields, since that version) instead of by its answer, in
// two or three cache lines. The hub's thread.
class RecentEntries {
 public:
  // nullptr: another question, or none, was asked since the instrument changed. Empty: nothing that
  // the client lists has changed.
  const std::string* find(const market::InstrumentState& state, market::FieldSet listed,
                          market::Version since) const {
    if (state.id >= entries_.size()) {
      return nullptr;
    }
    const Entry& entry = entries_[state.id];
    const bool same = entry.version == state.updated && entry.listed == listed &&
                      entry.from <= since && since < entry.until;
    return same ? &entry.text : nullptr;
  }
  // Where to put the answer to that question, if it is the first one; else nullptr.
  std::string* start(const market::InstrumentState& state, market::FieldSet listed,
                     market::Version since);
  void prefetch_entry(market::InstrumentId id) const {
    if (id < entries_.size()) {
      prefetch(&entries_[id], sizeof(Entry));
    }
  }
  void prefetch_text(market::InstrumentId id) const {
    if (id < entries_.size()) {
      prefetch(entries_[id].text.data(), kUsualText);
    }
  }
  // The instrument has gone.
  void forget(market::InstrumentId id) {
    if (id < entries_.size()) {
      entries_[id].version = 0;
      std::string().swap(entries_[id].text);  // to assign an empty one would keep the memory
    }
  }
  void clear() { entries_.clear(); }

 private:
  static constexpr std::size_t kUsualText = 128;
  struct alignas(64) Entry {
    market::Version version = 0;  // of the instrument; 0: there is none
    market::Version from = 0;     // asked from these versions on, the answer is the same …
    market::Version until = 0;    // … up to this one
    market::FieldSet listed;
    std::string text;
  };
  std::vector<Entry> entries_;  // by instrument
};

}  // namespace ticker::hub
