#include "descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace ticker::tickerd {
namespace {

// Venues, the scraper, recordings, the log, the threads that are there once: generously.
constexpr std::size_t kOwn = 256;
// A loop, a listener and its spare, a ring, and the connection that is being looked at.
constexpr std::size_t kOwnOfShard = 8;
constexpr std::size_t kRefusedAtOnce = 64;

}  // namespace

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return 0;
  }
  rlimit raised = limit;
  raised.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

DescriptorShares share_descriptors(std::size_t descriptors, std::size_t shards) {
  const std::size_t own = kOwn + shards * kOwnOfShard;
  const std::size_t kept = std::min(own + shards * kRefusedAtOnce, descriptors / 2);
  const std::size_t for_refused = std::max(kept / 4, kept - std::min(kept, own));
  return {descriptors - kept, std::min(for_refused / shards, kRefusedAtOnce)};
}

}  // namespace ticker::tickerd
