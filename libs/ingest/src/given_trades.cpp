#include "given_trades.hpp"

#include <functional>
#include <string>

namespace ticker::ingest {
namespace {

// Of all that the venue says of it.
std::size_t content_of(const market::Trade& trade) {
  const auto text = std::to_string(trade.instrument) + ' ' + std::string(trade.id.text()) + ' ' +
                    trade.price.text() + ' ' + trade.size.text() + ' ' +
                    std::string(market::side_name(trade.side)) + ' ' +
                    std::to_string(to_us(trade.exchange_time));
  return std::hash<std::string>()(text);
}

}  // namespace

void GivenTrades::add(const market::Trade& trade) {
  if (counts_.size() >= kMost) {
    counts_.clear();
  }
  ++counts_[content_of(trade)];
}

bool GivenTrades::take(const market::Trade& trade) {
  const auto found = counts_.empty() ? counts_.end() : counts_.find(content_of(trade));
  if (found == counts_.end()) {
    return false;
  }
  if (--found->second == 0) {
    counts_.erase(found);
  }
  return true;
}

}  // namespace ticker::ingest
