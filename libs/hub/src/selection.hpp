#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/hub/symbol_filter.hpp>
#include <ticker/market/market_state.hpp>
#include <ticker/protocol/pattern.hpp>

#include "interest.hpp"

namespace ticker::hub {

// One text of a client's ordered list, and the lane (an index) that its instruments are served in.
struct Entry {
  protocol::Pattern text;
  std::uint8_t lane = 0;
};

// What a client subscribed to on one channel, as it wrote it. An instrument belongs to the last
// entry that matches it.
struct EntryList {
  std::vector<std::string> lanes;  // names; each is that of at least one entry
  std::vector<Entry> entries;

  // The same for lists that mean the same.
  std::string key() const;
  // Takes out the entries for which `ends(entry)`, and the lanes that have none left.
  template <typename Ends>
  void remove_if(Ends&& ends) {
    std::erase_if(entries, ends);
    drop_empty_lanes();
  }
  // Puts the texts at the end, wherever they stood before.
  void append(const std::vector<protocol::Pattern>& texts, std::string_view lane_name);
  // The index of the lane of that name, which is added if need be.
  std::uint8_t lane(std::string_view name);

 private:
  void drop_empty_lanes();
};

// An entry list and the instruments that it comes to, shared by all clients whose lists are the
// same: ten thousand dashboards with `*` cost one list of ids.
class Selection {
 public:
  Selection(EntryList list, SymbolFilter filter, std::string key);

  const EntryList& list() const { return list_; }
  const SymbolFilter& filter() const { return filter_; }
  const std::string& key() const { return key_; }
  Part& part(std::size_t lane) { return *parts_[lane]; }
  const Part& part(std::size_t lane) const { return *parts_[lane]; }
  std::size_t parts() const { return parts_.size(); }

  // The lane of an instrument that need not be alive; nullopt: no entry matches it.
  std::optional<std::size_t> lane_of(std::string_view symbol) const;
  bool contains(std::size_t lane, market::InstrumentId id) const;
  std::optional<std::size_t> lane_of(market::InstrumentId id) const;

 private:
  friend class SelectionTable;
  EntryList list_;
  SymbolFilter filter_;
  std::string key_;
  std::vector<std::unique_ptr<Part>> parts_;  // by lane
  std::size_t users_ = 0;
};

// All selections of one channel, kept as instruments come and go. The hub's thread.
class SelectionTable {
 public:
  struct Acquired {
    Selection* selection;
    bool made;  // its patterns were matched against every instrument
  };
  // One more user of the selection for `list`, which is made if there is none. Requires: the list
  // has entries.
  Acquired acquire(EntryList list, const SymbolFilter& filter, const market::MarketState& state);
  // One user less; the last one ends it. nullptr: does nothing.
  void release(Selection* selection);

  void created(const market::InstrumentState& instrument);
  void removed(market::InstrumentId id) { interest_.remove(id); }
  // Everything anew, from another epoch's instruments.
  void rebuild(const market::MarketState& state);

  // Of the parts of all selections.
  Interest& interest() { return interest_; }

 private:
  void resolve(Selection& selection, const market::MarketState& state);

  std::unordered_map<std::string_view, std::unique_ptr<Selection>>
      by_key_;  // keys stand in the selections
  Interest interest_;
  std::vector<std::int32_t> assigned_;  // scratch of resolve(): the entry of each instrument
};

}  // namespace ticker::hub
