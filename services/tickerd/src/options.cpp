#include "options.hpp"

#include <algorithm>
#include <thread>

#include <ticker/feed/adapter.hpp>

#include "descriptors.hpp"

namespace ticker::tickerd {

config::LoadOptions load_options() {
  config::LoadOptions options;
  for (const auto kind : feed::adapter_kinds()) {
    options.adapters.emplace_back(kind);
  }
  options.native_name = [](const std::string& adapter, const std::string& symbol) {
    return feed::make_adapter(adapter, {}).value()->native_name(symbol);
  };
  return options;
}

Admission::Limits admission_limits(const config::Limits& limits, std::size_t descriptors) {
  const std::size_t room = connections_within(descriptors);
  return {limits.connections == 0 ? room : std::min(limits.connections, room), limits.connections_per_address, limits.http_requests_per_s_per_address};
}

TrustedProxies trusted_proxies(const config::Server& server) {
  TrustedProxies proxies;
  for (const auto& network : server.trusted_proxies) {
    net::Address address;
    address.bytes = network.bytes;
    address.is_ipv6 = network.is_ipv6;
    proxies.add(address, network.prefix_bits);
  }
  return proxies;
}

std::vector<ingest::FeedOptions> feed_options(const config::Config& config) {
  std::vector<ingest::FeedOptions> feeds;
  for (const auto& feed : config.feeds) {
    ingest::FeedOptions options;
    options.name = feed.name;
    options.adapter = feed.adapter;
    options.url = feed.url;
    options.trades = feed.trades;
    options.ca_file = feed.ca_file;
    options.feed_timeout = feed.feed_timeout.value_or(std::chrono::milliseconds(0));
    options.instrument_timeout = feed.instrument_timeout;
    options.seed = feed.simulator.seed;
    options.instruments = static_cast<std::uint32_t>(feed.simulator.instruments);
    options.updates_per_second = static_cast<std::uint32_t>(feed.simulator.updates_per_second);
    for (const auto& symbol : feed.symbols) {
      options.symbols.push_back({symbol.symbol, symbol.native});
    }
    feeds.push_back(std::move(options));
  }
  return feeds;
}

std::vector<std::string> required_feeds(const config::Config& config) {
  std::vector<std::string> names;
  for (const auto& feed : config.feeds) {
    if (feed.required) {
      names.push_back(feed.name);
    }
  }
  return names;
}

hub::HubOptions hub_options(const config::Server& server, std::uint32_t shard) {
  hub::HubOptions options;
  options.limits.entries = server.limits.entries;
  options.limits.lanes = server.limits.lanes;
  options.limits.request_bytes = server.limits.request_bytes;
  options.limits.requests_per_s = static_cast<std::uint32_t>(server.limits.requests_per_s);
  options.limits.frame_bytes = server.limits.frame_bytes;
  options.shard = shard;
  options.default_interval = server.default_interval;
  options.heartbeat = server.heartbeat;
  options.silent = server.silent;
  options.no_progress = server.no_progress;
  options.trades_ring = server.limits.trades_ring;
  return options;
}

net::ServerOptions server_options(const config::Server& server, std::uint16_t port) {
  net::ServerOptions options;
  options.host = server.listen.host;
  options.port = port;
  options.reuse_port = true;
  options.max_message_bytes = server.limits.request_bytes;
  options.handshake_timeout = server.limits.handshake;
  return options;
}

std::uint32_t shard_count(const config::Server& server) {
  if (server.shards != 0) {
    return static_cast<std::uint32_t>(server.shards);
  }
  return std::max(1U, std::thread::hardware_concurrency());
}

std::vector<std::string> needing_restart(const config::Config& running, const config::Config& wanted) {
  std::vector<std::string> keys;
  const auto compare = [&](const char* key, const auto& a, const auto& b) {
    if (a != b) {
      keys.emplace_back(key);
    }
  };
  const auto& now = running.server;
  const auto& then = wanted.server;
  compare("server.listen", host_and_port(now.listen.host, now.listen.port),
          host_and_port(then.listen.host, then.listen.port));
  compare("server.shards", now.shards, then.shards);
  compare("server.default_interval_ms", now.default_interval, then.default_interval);
  compare("server.heartbeat_ms", now.heartbeat, then.heartbeat);
  compare("server.no_progress_ms", now.no_progress, then.no_progress);
  compare("server.silent_ms", now.silent, then.silent);
  compare("server.drain_delay_ms", now.drain_delay, then.drain_delay);
  compare("server.allowed_origins", now.allowed_origins, then.allowed_origins);
  compare("server.limits.handshake_ms", now.limits.handshake, then.limits.handshake);
  compare("server.limits.trades_ring", now.limits.trades_ring, then.limits.trades_ring);
  compare("server.limits.shard_inbox_bytes", now.limits.shard_inbox_bytes, then.limits.shard_inbox_bytes);
  compare("server.limits.removals", now.limits.removals, then.limits.removals);
  compare("server.limits.request_bytes", now.limits.request_bytes, then.limits.request_bytes);
  compare("server.limits.frame_bytes", now.limits.frame_bytes, then.limits.frame_bytes);
  compare("metrics.listen", running.metrics.listen ? host_and_port(running.metrics.listen->host, running.metrics.listen->port) : "",
          wanted.metrics.listen ? host_and_port(wanted.metrics.listen->host, wanted.metrics.listen->port) : "");
  return keys;
}

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace ticker::tickerd
