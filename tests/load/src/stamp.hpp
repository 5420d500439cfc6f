#pragma once

#include <ctime>

#include <cstdint>
#include <string_view>

namespace ticker::load {

// Every change carries the time at which the upstream sent it as its bid_size: nanoseconds of the
// machine's monotonic clock, which all processes share. Who forwards the change forwards the stamp.
constexpr std::string_view kStampMark = "\"bid_size\":\"";

// The last digit says whether the change is of the last pass over all instruments: the values that
// a client must hold in the end, however many changes were merged on the way. The two before it are
// the last of the number of the change of its instrument: how many were merged is seen in them.
constexpr std::int64_t kFinalDigit = 9;
constexpr std::int64_t kNumbers = 100;

inline std::int64_t stamp_at(std::int64_t ns, std::uint64_t number, bool is_final) {
  return ns / (10 * kNumbers) * (10 * kNumbers) +
         static_cast<std::int64_t>(number % static_cast<std::uint64_t>(kNumbers)) * 10 +
         (is_final ? kFinalDigit : 0);
}

inline std::int64_t number_of(std::int64_t stamp) { return stamp / 10 % kNumbers; }

inline std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace ticker::load
