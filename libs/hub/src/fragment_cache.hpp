#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/market/instrument_state.hpp>
#include <ticker/protocol/encoder.hpp>

namespace ticker::hub {

// Encoded entries, each behind a separator: the text of these fields of this instrument at this
// version is made once, and copied into the frames of all who need exactly that. A fixed number of slots; a new entry takes
// the place of the one in its slot, and its buffer, so nothing is allocated in the steady state.
// The hub's thread.
class FragmentCache {
 public:
  // `slots`: rounded up to a power of two.
  FragmentCache(const protocol::Encoder& encoder, std::size_t slots);

  // Valid until the next call. `fields`: those that exist are written.
  std::string_view entry(const market::InstrumentState& state, market::FieldSet fields,
                         bool as_new);
  // An entry is asked for soon: first of all who will be the one, then of all the other.
  void prefetch_slot(market::InstrumentId id, market::FieldSet fields, bool as_new) const;
  void prefetch_text(market::InstrumentId id, market::FieldSet fields, bool as_new) const;
  // Versions of another epoch mean something else.
  void clear();

 private:
  struct Slot {
    market::InstrumentId id = 0;
    std::uint32_t fields = 0;     // as_new is the highest bit
    market::Version version = 0;  // 0: empty
    std::string text;
  };

  static std::uint32_t key_of(market::FieldSet fields, bool as_new);
  std::size_t index_of(market::InstrumentId id, std::uint32_t key) const;

  const protocol::Encoder& encoder_;
  std::vector<Slot> slots_;
};

}  // namespace ticker::hub
