#include <ticker/market/batch.hpp>

namespace ticker::market {

void Batch::clear() {
  created.clear();
  changes.clear();
  values.clear();
  trades.clear();
  removed.clear();
  feeds_removed.clear();
  feeds.clear();
}

std::size_t Batch::bytes() const {
  return sizeof(Batch) + created.size() * sizeof(Created) + changes.size() * sizeof(Change) +
         values.size() * sizeof(Decimal) + trades.size() * sizeof(Trade) +
         removed.size() * sizeof(Removed) + feeds_removed.size() * sizeof(std::string) +
         feeds.size() * sizeof(FeedStatus);
}

}  // namespace ticker::market
