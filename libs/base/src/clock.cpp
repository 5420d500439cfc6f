#include <ticker/base/clock.hpp>

namespace ticker {

Timestamp wall_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

SteadyWallClock::SteadyWallClock() : wall_at_start_(wall_now()), steady_at_start_(std::chrono::steady_clock::now()) {}

Timestamp SteadyWallClock::now() const {
  const auto elapsed = std::chrono::steady_clock::now() - steady_at_start_;
  return wall_at_start_ + std::chrono::duration_cast<std::chrono::microseconds>(elapsed);
}

}  // namespace ticker
