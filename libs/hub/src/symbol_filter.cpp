#include <ticker/hub/symbol_filter.hpp>

#include <algorithm>
#include <utility>

namespace ticker::hub {

using market::InstrumentId;
using market::MarketState;
using protocol::Pattern;

SymbolFilter::SymbolFilter(std::vector<Pattern> allowed)
    : allowed_(std::move(allowed)) {
  // The same for the same texts in any order.
  std::sort(allowed_.begin(), allowed_.end(),
            [](const Pattern& a, const Pattern& b) { return a.text() < b.text(); });
  allowed_.erase(std::unique(allowed_.begin(), allowed_.end(),
                             [](const Pattern& a, const Pattern& b) { return a.text() == b.text(); }),
                 allowed_.end());
  all_ = std::any_of(allowed_.begin(), allowed_.end(),
                     [](const Pattern& pattern) { return pattern.text() == "*"; });
  if (all_) {
    return;
  }
  for (const Pattern& pattern : allowed_) {
    key_ += pattern.text();
    key_ += '\n';
  }
  key_ += "\n\n";
}

bool SymbolFilter::allows(std::string_view symbol) const {
  return all_ || std::any_of(allowed_.begin(), allowed_.end(),
                             [symbol](const Pattern& pattern) { return pattern.matches(symbol); });
}

SymbolFilter::Names SymbolFilter::names_feed(std::string_view feed) const {
  if (all_) {
    return Names::kSomething;
  }
  const std::string begins = std::string(feed) + ':';
  Names names = Names::kNothing;
  for (const Pattern& pattern : allowed_) {
    const std::string_view text = pattern.text();
    const std::string_view plain = text.substr(0, text.find('*'));
    // What a last star stands for may go on behind the colon as it likes.
    if (plain.starts_with(begins) || (text.ends_with('*') && pattern.matches(begins))) {
      return Names::kSomething;
    }
    if (!pattern.is_plain() && begins.starts_with(plain)) {
      names = Names::kPerhaps;
    }
  }
  return names;
}

bool SymbolFilter::shows_feed(const MarketState& state, std::string_view feed) const {
  const Names names = names_feed(feed);
  if (names != Names::kPerhaps) {
    return names == Names::kSomething;
  }
  for (InstrumentId id = 0; id < state.end_id(); ++id) {
    const auto* instrument = state.find(id);
    if (instrument != nullptr && instrument->instrument.feed == feed &&
        allows(instrument->instrument.symbol)) {
      return true;
    }
  }
  return false;
}

const market::InstrumentState* SymbolFilter::find(const MarketState& state,
                                                  std::string_view symbol) const {
  return allows(symbol) ? state.find(symbol) : nullptr;
}

std::vector<InstrumentId> SymbolFilter::resolve(const MarketState& state,
                                                const std::vector<Pattern>& texts) const {
  std::vector<InstrumentId> ids;
  std::vector<const Pattern*> patterns;
  for (const Pattern& text : texts) {
    if (!text.is_plain()) {
      patterns.push_back(&text);
    } else if (const auto* instrument = find(state, text.text())) {
      ids.push_back(instrument->id);
    }
  }
  // Instrument by instrument, so that it is taken once however many patterns match it.
  for (InstrumentId id = 0; id < state.end_id() && !patterns.empty(); ++id) {
    const auto* instrument = state.find(id);
    if (instrument == nullptr) {
      continue;
    }
    const std::string_view symbol = instrument->instrument.symbol;
    const auto matches = [symbol](const Pattern* pattern) { return pattern->matches(symbol); };
    if (std::any_of(patterns.begin(), patterns.end(), matches) && allows(symbol)) {
      ids.push_back(id);
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace ticker::hub
