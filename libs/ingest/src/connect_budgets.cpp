#include <ticker/ingest/connect_budgets.hpp>

namespace ticker::ingest {

TimePoint ConnectBudgets::take(const std::string& host, std::size_t limit,
                               std::chrono::milliseconds length, TimePoint now) {
  auto& window = hosts_.try_emplace(host, limit, length).first->second;
  const auto free = window.free_at(now);
  if (free == now) {
    window.take(now);
  }
  return free;
}

}  // namespace ticker::ingest
