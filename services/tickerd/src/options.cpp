#include "options.hpp"

#include <algorithm>
#include <thread>

#include <ticker/config/settings.hpp>
#include <ticker/feed/adapter.hpp>
#include <ticker/feed/listing.hpp>
#include <ticker/market/field.hpp>

#include "json_options.hpp"

namespace ticker::tickerd {
namespace {

recording::Recorder::Storage storage(const config::Recording& recording, const std::string& feed) {
  recording::Recorder::Storage storage;
  storage.folder = recording.folder + '/' + feed;
  storage.segment_bytes = recording.segment_bytes;
  storage.segment_age = recording.segment;
  storage.keep_bytes = recording.keep_bytes;
  storage.buffer_bytes = recording.buffer_bytes;
  return storage;
}

}  // namespace

config::LoadOptions load_options() {
  config::LoadOptions options;
  for (const auto kind : feed::adapter_kinds()) {
    options.adapters.emplace_back(kind);
  }
  for (const auto field : market::FieldSet::decimals()) {
    options.fields.emplace_back(market::field_name(field));
  }
  options.has_listing = [](const std::string& adapter) { return !feed::listing_url(adapter).empty(); };
  options.native_name = [](const std::string& adapter, const std::string& symbol) {
    return feed::make_adapter(adapter, {}).value()->native_name(symbol);
  };
  return options;
}

Admission::Limits admission_limits(const config::Limits& limits, std::size_t room) {
  return {limits.connections == 0 ? room : std::min(limits.connections, room), limits.connections_per_address,
          limits.http_requests_per_s_per_address, limits.tls_handshakes_per_s_per_address,
          limits.token_failures_per_s_per_address};
}

Replays::Limits replay_limits(const config::Replay& replay) {
  return {replay.folder, replay.max_replays, replay.max_replays_per_address, replay.changes_per_s, replay.idle,
          replay.longest};
}

auth::Verifier::Options verifier_options(const config::Auth& auth) {
  return {auth.key_files, auth.secret_file, auth.issuer, auth.audience, auth.skew};
}

Result<Secrets> load_secrets(const config::Server& server) {
  Secrets secrets;
  if (server.auth) {
    const auto loaded = auth::Verifier::load(verifier_options(*server.auth));
    if (!loaded.ok()) {
      return Error{"server.auth: " + loaded.error().message};
    }
    secrets.verifier = loaded.value();
  }
  if (server.tls) {
    net::Error error;
    secrets.tls = net::ServerTls::load({server.tls->certificate, server.tls->key, server.tls->min_version == "1.3"}, error);
    if (!secrets.tls) {
      return Error{"server.tls: " + error.message};
    }
  }
  return secrets;
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
    options.trades = feed.trades.empty() ? feed::documented_trades(feed.adapter) : feed.trades;
    options.ca_file = feed.ca_file;
    options.feed_timeout = feed.feed_timeout.value_or(std::chrono::milliseconds(0));
    options.instrument_timeout = feed.instrument_timeout;
    if (const auto& discovery = feed.discovery) {
      options.discovery = {true, discovery->url, discovery->cache_folder, discovery->timeout, discovery->max_symbols};
    }
    options.json = json_mapping(feed.json);
    options.socket = json_socket(feed.json);
    options.poll = {feed.poll.interval, feed.poll.timeout, feed.poll.requests_per_minute, feed.poll.max_bytes, feed.poll.headers};
    for (const auto& recording : feed.played.recordings) {
      options.recordings.push_back({recording.path, recording.venue, recording.feed});
    }
    options.speed = feed.played.speed;
    options.loop = feed.played.loop;
    options.seed = feed.simulator.seed;
    options.instruments = static_cast<std::uint32_t>(feed.simulator.instruments);
    options.updates_per_second = static_cast<std::uint32_t>(feed.simulator.updates_per_second);
    for (const auto& symbol : feed.symbols) {
      options.symbols.push_back({symbol.symbol, symbol.native});
    }
    if (feed.record) {
      options.record = storage(config.recording, feed.name);
    }
    feeds.push_back(std::move(options));
  }
  if (!config.best.empty()) {
    ingest::FeedOptions options;
    options.name = "best";
    options.adapter = ingest::FeedOptions::kConsolidated;
    for (const auto& best : config.best) {
      options.best.push_back({best.symbol, best.from, best.crossed});
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

Shard::Options shard_options(const config::Server& server, std::uint32_t number, std::uint16_t port) {
  const config::Limits& limits = server.limits;
  Shard::Options options;
  options.hub.limits.entries = limits.entries;
  options.hub.limits.lanes = limits.lanes;
  options.hub.limits.request_bytes = limits.request_bytes;
  options.hub.limits.requests_per_s = static_cast<std::uint32_t>(limits.requests_per_s);
  options.hub.limits.frame_bytes = limits.frame_bytes;
  if (server.auth) {
    options.hub.auth_required = true;
    options.hub.limits.auth_timeout = server.auth->timeout;
    options.hub.limits.auth_request_bytes = server.auth->request_bytes;
    options.hub.limits.auth_notice = server.auth->notice;
  }
  options.hub.shard = number;
  options.hub.default_interval = server.default_interval;
  options.hub.heartbeat = server.heartbeat;
  options.hub.silent = server.silent;
  options.hub.no_progress = server.no_progress;
  options.hub.trades_ring = limits.trades_ring;
  options.server.host = server.listen.host;
  options.server.port = port;
  options.server.reuse_port = true;
  options.server.io_uring = server.write_path != "sendmsg";
  options.server.max_message_bytes = limits.request_bytes;
  options.server.handshake_timeout = limits.handshake;
  options.inbox_bytes = limits.shard_inbox_bytes;
  options.state.removals = limits.removals;
  options.http_reply_bytes = limits.http_reply_bytes;
  return options;
}

std::uint32_t shard_count(const config::Server& server) {
  if (server.shards != 0) {
    return static_cast<std::uint32_t>(server.shards);
  }
  return std::max(1U, std::thread::hardware_concurrency());
}

std::vector<std::string> take_over(config::Config& running, const config::Config& wanted) {
  running.feeds = wanted.feeds;
  running.best = wanted.best;
  running.recording = wanted.recording;
  running.replay = wanted.replay;
  running.server.limits = wanted.server.limits;
  // Whether tokens are demanded at all is told to each client when it comes.
  if (running.server.auth && wanted.server.auth) {
    running.server.auth = wanted.server.auth;
  }
  // Whether connections are encrypted is the port's meaning.
  if (running.server.tls && wanted.server.tls) {
    running.server.tls = wanted.server.tls;
  }
  return config::changed_keys(running, wanted);
}

std::string_view write_path_name(net::WritePath path) {
  return path == net::WritePath::kIoUring ? "io_uring" : "sendmsg";
}

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace ticker::tickerd
