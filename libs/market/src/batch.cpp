#include <ticker/market/batch.hpp>

namespace ticker::market {

std::size_t Batch::bytes() const {
  return sizeof(Batch) + created.size() * sizeof(Created) + changes.size() * sizeof(Change) +
         values.size() * sizeof(Decimal) + trades.size() * sizeof(Trade) +
         removed.size() * sizeof(Removed) + feeds_removed.size() * sizeof(std::string) +
         feeds.size() * sizeof(FeedStatus);
}

}  // namespace ticker::market
