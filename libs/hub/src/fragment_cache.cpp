#include "fragment_cache.hpp"

#include <bit>

#include "prefetch.hpp"

namespace ticker::hub {
namespace {

constexpr std::uint32_t kAsNew = 1U << 31;
// Of most entries.
constexpr std::size_t kUsualText = 128;

}  // namespace

FragmentCache::FragmentCache(const protocol::Encoder& encoder, std::size_t slots)
    : encoder_(encoder), slots_(std::bit_ceil(slots)) {}

std::uint32_t FragmentCache::key_of(market::FieldSet fields, bool as_new) {
  return fields.bits() | (as_new ? kAsNew : 0);
}

std::size_t FragmentCache::index_of(market::InstrumentId id, std::uint32_t key) const {
  // Neighbouring instruments stand in neighbouring slots; one instrument's field sets are spread.
  const std::size_t spread = (key * 0x9E3779B1U) >> 16;
  return (id + spread) & (slots_.size() - 1);
}

void FragmentCache::prefetch_slot(market::InstrumentId id, market::FieldSet fields,
                                  bool as_new) const {
  prefetch(&slots_[index_of(id, key_of(fields, as_new))], sizeof(Slot));
}

void FragmentCache::prefetch_text(market::InstrumentId id, market::FieldSet fields,
                                  bool as_new) const {
  prefetch(slots_[index_of(id, key_of(fields, as_new))].text.data(), kUsualText);
}

std::string_view FragmentCache::entry(const market::InstrumentState& state, market::FieldSet fields,
                                      bool as_new) {
  const std::uint32_t key = key_of(fields, as_new);
  Slot& slot = slots_[index_of(state.id, key)];
  if (slot.version != state.updated || slot.id != state.id || slot.fields != key) {
    slot.id = state.id;
    slot.fields = key;
    slot.version = state.updated;
    slot.text = encoder_.separator();
    encoder_.append_entry(slot.text, state, fields, as_new);
  }
  return slot.text;
}

void FragmentCache::clear() {
  for (Slot& slot : slots_) {
    slot.version = 0;
  }
}

}  // namespace ticker::hub
