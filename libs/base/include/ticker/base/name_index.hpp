#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ticker {

// A number for each of many names, to be found once a message: what a venue calls its instruments.
// A name of up to 24 characters stands beside its number, two in a cache line, and is compared as
// three words. Whatever the names are, and whatever is looked for, that takes kRun places at most
// and, where a name is longer or found no place, a tree.
class NameIndex {
 public:
  // A name that is there already keeps its number.
  void emplace(std::string_view name, std::uint32_t number);

  std::optional<std::uint32_t> find(std::string_view name) const {
    if (fits(name)) {
      const Place wanted = place_of(name);
      const Place* at = &places_[home_of(wanted)];
      for (const Place* const end = at + kRun; at != end && at->size != 0; ++at) {
        if (at->has_name_of(wanted)) {
          return at->number;
        }
      }
    }
    return all_placed_ ? std::nullopt : find_in_tree(name);
  }

 private:
  static constexpr std::size_t kRun = 8;
  static constexpr std::size_t kLongest = 24;
  static constexpr unsigned kFewestBits = 4;

  struct alignas(32) Place {
    // All characters of the name, some of them twice.
    std::uint64_t first = 0;
    std::uint64_t middle = 0;
    std::uint64_t last = 0;
    std::uint32_t size = 0;  // 0: there is none
    std::uint32_t number = 0;

    bool has_name_of(const Place& other) const {
      return ((first ^ other.first) | (middle ^ other.middle) | (last ^ other.last) |
              (size ^ other.size)) == 0;
    }
  };

  static bool fits(std::string_view name) { return !name.empty() && name.size() <= kLongest; }

  template <typename Word>
  static Word word_at(const char* text) {
    Word word;
    std::memcpy(&word, text, sizeof word);
    return word;
  }
  // Requires: fits(name).
  static Place place_of(std::string_view name) {
    const char* const text = name.data();
    const std::size_t size = name.size();
    Place place;
    place.size = static_cast<std::uint32_t>(size);
    if (size >= 8) {
      place.first = word_at<std::uint64_t>(text);
      place.middle = size > 16 ? word_at<std::uint64_t>(text + 8) : 0;
      place.last = word_at<std::uint64_t>(text + size - 8);
    } else if (size >= 4) {
      place.first = word_at<std::uint32_t>(text);
      place.last = word_at<std::uint32_t>(text + size - 4);
    } else {
      place.first = word_at<std::uint8_t>(text);
      place.middle = word_at<std::uint8_t>(text + size / 2);
      place.last = word_at<std::uint8_t>(text + size - 1);
    }
    return place;
  }
  // The top bits of a product are those that depend on all of its factor's.
  std::size_t home_of(const Place& place) const {
    const std::uint64_t mixed = place.first * 0x9E3779B97F4A7C15 +
                                place.middle * 0xC2B2AE3D27D4EB4F +
                                place.last * 0xD6E8FEB86659FD93 + place.size;
    return static_cast<std::size_t>(mixed >> (64 - bits_));
  }

  void put(std::string_view name, std::uint32_t number);
  std::optional<std::uint32_t> find_in_tree(std::string_view name) const;

  std::map<std::string, std::uint32_t, std::less<>> names_;  // all of them
  // By hash, in their home or as near behind it as there was room: at least twice as many homes as
  // names, and the run of the last one.
  unsigned bits_ = kFewestBits;
  std::vector<Place> places_ = std::vector<Place>((std::size_t{1} << kFewestBits) + kRun);
  bool all_placed_ = true;
};

}  // namespace ticker
