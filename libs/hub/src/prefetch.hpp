#pragma once

#include <cstddef>

namespace ticker::hub {

// Asks for `bytes` of memory from `address` on that are needed soon: of thousands of clients, what
// belongs to the next one is in no near cache, and waiting for it costs more than the work.
inline void prefetch(const void* address, std::size_t bytes = 1) {
  constexpr std::size_t kLine = 64;
  const char* const begin = static_cast<const char*>(address);
  for (std::size_t at = 0; at < bytes; at += kLine) {
    __builtin_prefetch(begin + at);
  }
}

}  // namespace ticker::hub
