#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace ticker::feed {

class Shape;

inline constexpr std::uint8_t kNoSlot = 0xFF;
inline constexpr std::size_t kMaxSlots = 32;

// One value of an object (by its key) or of an array (by its place) that an adapter wants.
struct Member {
  std::string_view key = {};
  std::uint8_t slot = kNoSlot;       // where its text is kept in the record
  const Shape* inside = nullptr;     // what is wanted of the object or array that it is
  const Shape* or_inside = nullptr;  // the same, where it may be either
  bool decides = false;              // the adapter is asked whether the message is wanted at all
  bool own_record = false;           // of its own, in slot 0: one of a list of texts

  // What is wanted of the array, or of the object, that it is.
  const Shape* shape_of(bool is_array) const;
};

// What is wanted of an object or an array, written down as a table. All else is passed over,
// whatever it is and holds.
class Shape {
 public:
  static constexpr Shape object(std::initializer_list<Member> members) {
    Shape shape(false, members, {});
    shape.index_keys();
    return shape;
  }
  // The first elements, and what all others are.
  static constexpr Shape array(std::initializer_list<Member> first, Member others = {}) {
    return {true, first, others};
  }
  // One whose values are kept in the record of what it stands in.
  static constexpr Shape part(Shape shape) {
    shape.has_record_ = false;
    shape.is_part_ = true;
    return shape;
  }
  static constexpr Shape list_of(const Shape& each) { return array({}, {.inside = &each}); }
  static constexpr Shape texts() { return array({}, {.slot = 0, .own_record = true}); }

  constexpr bool is_array() const { return is_array_; }
  // Whether there is something to keep of the thing itself, and not only of what is in it.
  constexpr bool has_record() const { return has_record_; }

  // One that keeps nothing: not wanted.
  const Member& find(std::string_view key) const {
    if (key.size() == 1) {
      return members_[letters_[static_cast<unsigned char>(key[0])]];
    }
    const Member& member = members_[index_[hash(key, salt_)]];
    return member.key == key ? member : members_[kUnwanted];
  }
  const Member& at(std::size_t place) const { return place < size_ ? members_[place] : others_; }

 private:
  static constexpr std::size_t kUnwanted = kMaxSlots;  // the place of a member that nobody is
  static constexpr std::size_t kBuckets = 128;
  static constexpr unsigned kHashShift = 64 - 7;

  constexpr Shape(bool is_array, std::initializer_list<Member> members, Member others)
      : others_(others), is_array_(is_array) {
    for (const Member& member : members) {
      members_[size_++] = member;
      has_record_ = has_record_ || member.slot != kNoSlot ||
                    (member.inside != nullptr && member.inside->is_part_);
    }
  }

  // Over four of the key's characters and its length: what tells the keys of one object apart.
  static constexpr std::size_t hash(std::string_view key, std::uint64_t salt) {
    if (key.empty()) {
      return 0;
    }
    const auto at = [&](std::size_t i) {
      return std::uint64_t{static_cast<unsigned char>(key[i])};
    };
    const std::uint64_t mixed = at(0) | at(key.size() / 3) << 8U | at(key.size() / 2) << 16U |
                                at(key.size() - 1) << 24U | key.size() << 32U;
    return mixed * salt >> kHashShift;
  }

  // Looks for a salt that gives each key a bucket of its own; one that does not exist is an error
  // of compilation.
  constexpr void index_keys() {
    letters_.fill(kUnwanted);
    index_.fill(kUnwanted);
    constexpr int kTries = 10'000;
    for (int i = 0; i < kTries; ++i, salt_ = salt_ * 6'364'136'223'846'793'005U + 1) {
      if (try_salt()) {
        return;
      }
    }
    throw "two keys look the same";
  }
  constexpr bool try_salt() {
    std::array<bool, kBuckets> taken{};
    for (std::size_t i = 0; i < size_; ++i) {
      if (members_[i].key.size() == 1) {
        letters_[static_cast<unsigned char>(members_[i].key[0])] = static_cast<std::uint8_t>(i);
        continue;
      }
      const auto bucket = hash(members_[i].key, salt_);
      if (std::exchange(taken[bucket], true)) {
        return false;
      }
      index_[bucket] = static_cast<std::uint8_t>(i);
    }
    return true;
  }

  std::array<Member, kMaxSlots + 1> members_{};
  std::array<std::uint8_t, kBuckets> index_{};  // of longer keys, by hash
  std::array<std::uint8_t, 256> letters_{};     // of those of one letter, by it
  Member others_;
  std::size_t size_ = 0;
  std::uint64_t salt_ = 0x9E3779B97F4A7C15;
  bool is_array_;
  bool has_record_ = false;
  bool is_part_ = false;
};

// Nothing is wanted, be it an object or an array.
inline constexpr Shape kNothing = Shape::array({});

inline const Shape* Member::shape_of(bool is_array) const {
  return inside != nullptr && inside->is_array() == is_array         ? inside
         : or_inside != nullptr && or_inside->is_array() == is_array ? or_inside
                                                                     : &kNothing;
}

}  // namespace ticker::feed
