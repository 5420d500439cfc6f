#include "fragment_cache.hpp"

#include <bit>

namespace ticker::hub {
namespace {

constexpr std::uint32_t kAsNew = 1U << 31;

}  // namespace

FragmentCache::FragmentCache(const protocol::Encoder& encoder, std::size_t slots)
    : encoder_(encoder), slots_(std::bit_ceil(slots)) {}

std::string_view FragmentCache::entry(const market::InstrumentState& state, market::FieldSet fields,
                                      bool as_new) {
  const std::uint32_t key = fields.bits() | (as_new ? kAsNew : 0);
  // Neighbouring instruments stand in neighbouring slots; one instrument's field sets are spread.
  const std::size_t spread = (key * 0x9E3779B1U) >> 16;
  Slot& slot = slots_[(state.id + spread) & (slots_.size() - 1)];
  if (slot.version != state.updated || slot.id != state.id || slot.fields != key) {
    slot.id = state.id;
    slot.fields = key;
    slot.version = state.updated;
    slot.text.clear();
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
