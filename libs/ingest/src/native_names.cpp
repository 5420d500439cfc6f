#include "native_names.hpp"

#include <set>
#include <utility>

namespace ticker::ingest {

Result<std::vector<std::string>> native_names(
    const FeedOptions& options,
    const std::function<std::optional<std::string>(std::string_view canonical)>& derive) {
  std::vector<std::string> natives;
  std::set<std::string> seen;
  std::set<std::string> canonicals;
  for (const auto& symbol : options.symbols) {
    auto native = symbol.native.empty() ? derive(symbol.canonical) : symbol.native;
    if (!native) {
      return Error{"feed '" + options.name + "': symbol '" + symbol.canonical +
                   "': " + options.adapter +
                   " can't have it; expected BASE-QUOTE as that venue knows it, or a pair with the "
                   "native name"};
    }
    if (!seen.insert(*native).second || !canonicals.insert(symbol.canonical).second) {
      return Error{"feed '" + options.name + "': symbol '" + symbol.canonical + "' is there twice"};
    }
    natives.push_back(std::move(*native));
  }
  return natives;
}

}  // namespace ticker::ingest
