#include "replays.hpp"

namespace ticker::tickerd {
namespace {

template <typename Key>
std::size_t count_of(const std::unordered_map<Key, std::size_t>& counts, const Key& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

template <typename Key>
void discount(std::unordered_map<Key, std::size_t>& counts, const Key& key) {
  const auto found = counts.find(key);
  if (--found->second == 0) {
    counts.erase(found);
  }
}

}  // namespace

std::string_view in_words(Replays::Full full) {
  switch (full) {
    case Replays::Full::kService: return "the service replays to as many clients as it may; ask again later";
    case Replays::Full::kAddress: return "your address has as many replays as it may: stop one first";
    case Replays::Full::kSubject: return "the token's owner has as many replays as it may: stop one first";
  }
  return {};
}

void Replays::set_limits(Limits limits) {
  const std::lock_guard lock(mutex_);
  limits_ = std::move(limits);
  offered_ = !limits_.folder.empty();
}

Replays::Limits Replays::limits() const {
  const std::lock_guard lock(mutex_);
  return limits_;
}

std::variant<Replays::Seat, Replays::Full> Replays::take_seat(Owner owner) {
  const std::lock_guard lock(mutex_);
  const bool has_subject = !owner.subject.empty();
  if (count_of(by_address_, owner.address) >= limits_.most_each) {
    return Full::kAddress;
  }
  if (has_subject && count_of(by_subject_, owner.subject) >= limits_.most_each) {
    return Full::kSubject;
  }
  if (taken_ >= limits_.most) {
    return Full::kService;
  }
  ++taken_;
  ++by_address_[owner.address];
  if (has_subject) {
    ++by_subject_[owner.subject];
  }
  return Seat(*this, std::move(owner));
}

void Replays::give_back(const Owner& owner) {
  const std::lock_guard lock(mutex_);
  --taken_;
  discount(by_address_, owner.address);
  if (!owner.subject.empty()) {
    discount(by_subject_, owner.subject);
  }
}

}  // namespace ticker::tickerd
