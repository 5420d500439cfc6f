#include <ticker/ingest/freshness.hpp>

namespace ticker::ingest {

Freshness::Freshness(std::size_t count, std::chrono::milliseconds limit)
    : limit_(limit), entries_(count + 1) {
  entries_[count].before = entries_[count].after = count;
}

void Freshness::touch(std::size_t index, TimePoint now) {
  auto& entry = entries_[index];
  if (entry.fresh) {
    unlink(index);
  }
  const auto head = entries_.size() - 1;
  entry = {now, entries_[head].before, head, true};
  entries_[entry.before].after = index;
  entries_[head].before = index;
}

std::optional<TimePoint> Freshness::last(std::size_t index) const {
  const auto& entry = entries_[index];
  return entry.fresh ? std::optional(entry.last) : std::nullopt;
}

std::optional<std::size_t> Freshness::take_expired(TimePoint now) {
  const auto expiry = next_expiry();
  if (!expiry || *expiry > now) {
    return std::nullopt;
  }
  const auto oldest = entries_.back().after;
  unlink(oldest);
  return oldest;
}

std::optional<TimePoint> Freshness::next_expiry() const {
  const auto oldest = entries_.back().after;
  if (oldest == entries_.size() - 1) {
    return std::nullopt;
  }
  return entries_[oldest].last + limit_;
}

void Freshness::unlink(std::size_t index) {
  auto& entry = entries_[index];
  entries_[entry.before].after = entry.after;
  entries_[entry.after].before = entry.before;
  entry.fresh = false;
}

}  // namespace ticker::ingest
