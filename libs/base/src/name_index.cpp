#include <ticker/base/name_index.hpp>

#include <algorithm>

namespace ticker {

void NameIndex::emplace(std::string_view name, std::uint32_t number) {
  if (!names_.emplace(name, number).second) {
    return;
  }
  if (names_.size() * 2 <= std::size_t{1} << bits_) {
    put(name, number);
    return;
  }
  ++bits_;
  places_.assign((std::size_t{1} << bits_) + kRun, {});
  all_placed_ = true;
  for (const auto& [known, its_number] : names_) {
    put(known, its_number);
  }
}

void NameIndex::put(std::string_view name, std::uint32_t number) {
  if (fits(name)) {
    Place place = place_of(name);
    place.number = number;
    const auto home = places_.begin() + static_cast<std::ptrdiff_t>(home_of(place));
    const auto room = std::find_if(home, home + kRun, [](const Place& at) { return at.size == 0; });
    if (room != home + kRun) {
      *room = place;
      return;
    }
  }
  all_placed_ = false;
}

std::optional<std::uint32_t> NameIndex::find_in_tree(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace ticker
