#include <ticker/ingest/trust.hpp>

#include <algorithm>

namespace ticker::ingest {

Trust::Trust(const std::vector<std::size_t>& connections) {
  for (const auto connection : connections) {
    parts_.push_back({connection});
  }
}

void Trust::confirm(std::size_t connection) {
  if (auto* part = find(connection)) {
    part->brought = true;
    part->lost = false;
  }
}

void Trust::lose(std::size_t connection) {
  if (auto* part = find(connection)) {
    part->lost = true;
  }
}

void Trust::restore(std::size_t connection) {
  if (auto* part = find(connection)) {
    part->lost = part->lost && part->brought;
    part->cut_since.reset();
  }
}

void Trust::cut(std::size_t connection, TimePoint since) {
  if (auto* part = find(connection)) {
    part->cut_since = std::min(part->cut_since.value_or(since), since);
  }
}

std::optional<TimePoint> Trust::cut_since() const {
  std::optional<TimePoint> first;
  for (const auto& part : parts_) {
    first = part.cut_since ? std::min(first.value_or(*part.cut_since), *part.cut_since) : first;
  }
  return first;
}

bool Trust::whole() const {
  return std::none_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.lost; });
}

void Trust::inherit(const Trust& before) {
  const bool same = parts_.size() == before.parts_.size();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    parts_[i].brought = same && before.parts_[i].brought;
    parts_[i].cut_since = same ? before.parts_[i].cut_since : before.cut_since();
    parts_[i].lost = same ? before.parts_[i].lost : !before.whole();
  }
}

Trust::Part* Trust::find(std::size_t connection) {
  const auto found = std::find_if(parts_.begin(), parts_.end(),
                                  [&](const Part& part) { return part.connection == connection; });
  return found == parts_.end() ? nullptr : &*found;
}

}  // namespace ticker::ingest
