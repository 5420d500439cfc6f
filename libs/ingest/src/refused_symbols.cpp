#include "refused_symbols.hpp"

namespace ticker::ingest {

std::string RefusedSymbols::text() const {
  // Every client is told: of thousands, some are named.
  constexpr std::size_t kNamed = 10;
  std::string text;
  std::size_t named = 0;
  for (auto native = natives_.begin(); native != natives_.end() && named < kNamed; ++native) {
    text += (text.empty() ? "refused by the venue: " : " ") + *native;
    ++named;
  }
  if (natives_.size() > named) {
    text += " and " + std::to_string(natives_.size() - named) + " others";
  }
  return text;
}

}  // namespace ticker::ingest
