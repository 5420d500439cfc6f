#include "descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

#include <ticker/ingest/ingest.hpp>

#include "options.hpp"

namespace ticker::tickerd {
namespace {

// Enough for most configurations, so that a reload seldom asks for more.
constexpr std::size_t kLeastOwn = 256;
// The metrics' port with those it refuses, the log, the threads that are there once, look-ups of names.
constexpr std::size_t kBesideFeeds = 128;
constexpr std::size_t kOfReplay = 4;
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

DescriptorShares share_descriptors(std::size_t descriptors, std::size_t shards, std::size_t own) {
  const std::size_t used = own + shards * kOwnOfShard;
  const std::size_t kept = std::min(used + shards * kRefusedAtOnce, descriptors / 2);
  const std::size_t for_refused = std::max(kept / 4, kept - std::min(kept, used));
  return {descriptors - kept, std::min(for_refused / shards, kRefusedAtOnce)};
}

std::size_t own_descriptors(const config::Config& config) {
  const std::size_t of_feeds = ingest::Ingest::most_descriptors(feed_options(config));
  return std::max(kLeastOwn, kBesideFeeds + of_feeds + config.replay.max_replays * kOfReplay);
}

}  // namespace ticker::tickerd
