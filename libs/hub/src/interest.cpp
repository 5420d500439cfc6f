#include "interest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ticker::hub {

using market::InstrumentId;

void Interest::add(InstrumentId id, Part& part) {
  if (id >= holders_.size()) {
    holders_.resize(id + std::size_t{1});
    armed_.resize(holders_.size());
    changes_.resize(std::max(changes_.size(), holders_.size()));
  }
  Holders& holders = holders_[id];
  const std::size_t place = holders.parts.size();
  holders.parts.push_back(&part);
  holders.more.resize(place / kBits);
  set(id, place, part.armed);
  part.ids.push_back(id);
  part.places.push_back(static_cast<std::uint32_t>(place));
}

void Interest::drop(Part& part) {
  for (std::size_t i = 0; i < part.ids.size(); ++i) {
    const InstrumentId id = part.ids[i];
    Holders& holders = holders_[id];
    Part& last = *holders.parts.back();
    const std::size_t place = part.places[i];
    holders.parts[place] = &last;
    set(id, place, last.armed);
    const auto at = std::lower_bound(last.ids.begin(), last.ids.end(), id) - last.ids.begin();
    last.places[static_cast<std::size_t>(at)] = static_cast<std::uint32_t>(place);
    holders.parts.pop_back();
    set(id, holders.parts.size(), false);
  }
  part.ids.clear();
  part.places.clear();
}

void Interest::remove(InstrumentId id) {
  if (id >= holders_.size()) {
    return;
  }
  for (Part* part : holders_[id].parts) {
    const auto at = std::lower_bound(part->ids.begin(), part->ids.end(), id) - part->ids.begin();
    part->ids.erase(part->ids.begin() + at);
    part->places.erase(part->places.begin() + at);
  }
  holders_[id] = {};
  armed_[id] = 0;
}

const std::vector<Part*>& Interest::parts(InstrumentId id) const {
  static const std::vector<Part*> kNobody;
  return id < holders_.size() ? holders_[id].parts : kNobody;
}

void Interest::arm(Part& part) {
  if (!std::exchange(part.armed, true)) {
    mark(part, true);
  }
}

void Interest::disarm(Part& part) {
  part.armed = false;
  mark(part, false);
}

void Interest::tell_of_all(Part& part) {
  if (!part.told_of_all) {
    part.changes = changes(part);
    part.told_of_all = true;
    arm(part);
  }
}

void Interest::mark(const Part& part, bool armed) {
  for (std::size_t i = 0; i < part.ids.size(); ++i) {
    set(part.ids[i], part.places[i], armed);
  }
}

std::uint64_t Interest::changes(const Part& part) const {
  if (part.told_of_all) {
    return part.changes;
  }
  return std::accumulate(part.ids.begin(), part.ids.end(), std::uint64_t{0},
                         [this](std::uint64_t sum, InstrumentId id) { return sum + changes_[id]; });
}

}  // namespace ticker::hub
