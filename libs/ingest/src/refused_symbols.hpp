#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace ticker::ingest {

// What a venue refuses of a feed, by its own names for it. Ingest thread only.
class RefusedSymbols {
 public:
  // False: it is known already.
  bool add(const std::string& native) { return natives_.insert(native).second; }
  // False: it was not refused.
  bool remove(const std::string& native) { return natives_.erase(native) > 0; }
  void clear() { natives_.clear(); }
  // Forgets the others.
  void keep(const std::function<bool(std::string_view native)>& is_kept) {
    std::erase_if(natives_, [&](const std::string& native) { return !is_kept(native); });
  }

  // The reason of a feed that is live but for these; empty: there are none.
  std::string text() const;

 private:
  std::set<std::string> natives_;
};

}  // namespace ticker::ingest
