#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/market/market_state.hpp>
#include <ticker/protocol/pattern.hpp>

namespace ticker::hub {

// Which symbols a client may see, and the one place where symbols are resolved, however they were
// named: what it may not see does not exist for it. Immutable; any thread.
class SymbolFilter {
 public:
  // Sees everything.
  SymbolFilter() = default;
  // Sees what any of `allowed` matches.
  explicit SymbolFilter(std::vector<protocol::Pattern> allowed);

  bool allows(std::string_view symbol) const;
  bool allows_all() const { return all_; }
  // What its texts name of a feed, whatever instruments that has; kPerhaps: these tell, as for
  // `*:BTC-USD`.
  enum class Names : std::uint8_t { kNothing, kPerhaps, kSomething };
  Names names_feed(std::string_view feed) const;
  // Whether it names something of this feed.
  bool shows_feed(const market::MarketState& state, std::string_view feed) const;
  // nullptr: no such instrument now, or not for this client.
  const market::InstrumentState* find(const market::MarketState& state,
                                      std::string_view symbol) const;
  // Living instruments that any of `texts` matches, by rising id, each once.
  std::vector<market::InstrumentId> resolve(const market::MarketState& state,
                                            const std::vector<protocol::Pattern>& texts) const;

  // Equal for filters that allow the same: clients with equal keys share what was resolved for one.
  const std::string& key() const { return key_; }

 private:
  bool all_ = true;
  std::vector<protocol::Pattern> allowed_;
  std::string key_;
};

}  // namespace ticker::hub
