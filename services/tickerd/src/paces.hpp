#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include <ticker/base/clock.hpp>

namespace ticker::tickerd {

// How often something may be done: once each `each`, and `at_once` of it together.
struct Pace {
  std::chrono::nanoseconds each{0};  // 0: as often as one likes
  std::int64_t at_once = 1;

  // A second's worth at once; 0: no limit.
  static Pace per_second(std::size_t times) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    return times == 0 ? Pace{} : Pace{std::chrono::nanoseconds(kSecond / static_cast<std::int64_t>(times)),
                                      static_cast<std::int64_t>(times)};
  }
};

// Who keeps to which pace. Of each key one time is kept: until when what it has done lasts. Bounded: when full, those are
// forgotten who could do all at once again; if none could, a key not remembered is not limited. Whose thread or lock it is,
// is the owner's matter.
template <typename Key>
class Paces {
 public:
  // False: too soon. True: it may, and did.
  bool take(const Key& key, const Pace& pace, Timestamp now) {
    if (!allows(key, pace, now)) {
      return false;
    }
    note(key, pace, now);
    return true;
  }
  bool allows(const Key& key, const Pace& pace, Timestamp now) const {
    const auto found = until_.find(key);
    const Time from = now;
    return pace.each.count() == 0 || found == until_.end() ||
           std::max(found->second, from) + pace.each - from <= pace.at_once * pace.each;
  }
  // It did, whether it might or not: as if it had used up all of it at most.
  void note(const Key& key, const Pace& pace, Timestamp now) {
    const Time from = now;
    if (pace.each.count() == 0) {
      return;
    }
    if (until_.size() >= kMost && !until_.contains(key)) {
      forget(from);
      if (until_.size() >= kMost) {
        return;
      }
    }
    auto& until = until_[key];
    until = std::min(std::max(until, from) + pace.each, from + pace.at_once * pace.each);
  }

  static constexpr std::size_t kMost = 65'536;

 private:
  using Time = std::chrono::time_point<Timestamp::clock, std::chrono::nanoseconds>;

  void forget(Time now) {
    // Looking more often costs more than it would find.
    constexpr std::chrono::milliseconds kPause(100);
    if (now - swept_ >= kPause) {
      swept_ = now;
      std::erase_if(until_, [now](const auto& entry) { return entry.second <= now; });
    }
  }

  std::unordered_map<Key, Time> until_;
  Time swept_{};
};

}  // namespace ticker::tickerd
