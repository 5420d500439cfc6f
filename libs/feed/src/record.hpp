#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ticker::feed {

// The texts of one JSON object's values, by the slot that its adapter gave each key. A plain value;
// texts point into the message.
template <std::size_t kSlots>
class Record {
  static_assert(kSlots <= 64, "one bit a slot");

 public:
  void clear() { present_ = 0; }
  void set(std::size_t slot, std::string_view text) {
    texts_[slot] = text;
    present_ |= std::uint64_t{1} << slot;
  }

  bool empty() const { return present_ == 0; }
  bool has(std::size_t slot) const { return (present_ >> slot & 1U) != 0; }
  // Empty if absent too; has() tells.
  std::string_view operator[](std::size_t slot) const {
    return has(slot) ? texts_[slot] : std::string_view();
  }

 private:
  std::array<std::string_view, kSlots> texts_;
  std::uint64_t present_ = 0;
};

// The slot of `key` in `keys`, whose order is that of the slots; keys.size() if it is none of them.
template <std::size_t kSlots>
constexpr std::size_t slot_of(const std::array<std::string_view, kSlots>& keys,
                              std::string_view key) {
  std::size_t slot = 0;
  while (slot < kSlots && keys[slot] != key) {
    ++slot;
  }
  return slot;
}

}  // namespace ticker::feed
