#include "descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace ticker::tickerd {
namespace {

// Loops, listeners, venues, the scraper, the log, and those whom a shard is just refusing: generously.
constexpr std::size_t kOwn = 256;

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

std::size_t connections_within(std::size_t descriptors) { return descriptors - std::min(kOwn, descriptors / 2); }

}  // namespace ticker::tickerd
