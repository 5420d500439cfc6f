#pragma once

#include <cstddef>

#include <ticker/config/config.hpp>

namespace ticker::tickerd {

// Raises this process's limit of open descriptors to what the system allows it; returns that.
std::size_t raise_descriptor_limit();

// Whom descriptors are for, after what the service itself opens.
struct DescriptorShares {
  std::size_t connections;      // clients, over all shards
  std::size_t refused_at_once;  // of each shard: net::ServerOptions::refused_at_once
};
// `own`: of the service itself, beside its shards'. Where there are few, half of all are for clients.
DescriptorShares share_descriptors(std::size_t descriptors, std::size_t shards, std::size_t own);
// What such a configuration makes the service itself hold, generously: venues, recordings, replays, the scraper, the log.
std::size_t own_descriptors(const config::Config& config);

}  // namespace ticker::tickerd
