#pragma once

namespace ticker {

// Says what did not hold and where, on standard error, and aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace ticker

// An invariant whose breach would overrun memory or publish something false: checked in every build, release too. Where a
// breach could do neither, use assert.
#define TICKER_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::ticker::assertion_failed(#condition, __FILE__, __LINE__))
