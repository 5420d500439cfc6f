#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/auth/verifier.hpp>
#include <ticker/base/result.hpp>
#include <ticker/config/config.hpp>
#include <ticker/config/load.hpp>
#include <ticker/ingest/feed_options.hpp>

#include "admission.hpp"
#include "client_address.hpp"
#include "replays.hpp"
#include "shard.hpp"

namespace ticker::tickerd {

// How the service's configuration is checked: against the adapters that there are.
config::LoadOptions load_options();

// The checked configuration, in the words of each part.
// `room`: for how many connections there are descriptors; the others are kept from clients, however many come: without them no venue
// could be reached again and nobody could look at the metrics.
Admission::Limits admission_limits(const config::Limits& limits, std::size_t room);
Replays::Limits replay_limits(const config::Replay& replay);
auth::Verifier::Options verifier_options(const config::Auth& auth);
// What the configuration names files of.
struct Secrets {
  std::shared_ptr<const auth::Verifier> verifier;  // nullptr: no tokens are demanded
  std::shared_ptr<const net::ServerTls> tls;       // nullptr: connections are not encrypted
};
// Blocking. The error begins with the configuration's key.
Result<Secrets> load_secrets(const config::Server& server);
TrustedProxies trusted_proxies(const config::Server& server);
std::vector<ingest::FeedOptions> feed_options(const config::Config& config);
std::vector<std::string> required_feeds(const config::Config& config);
Shard::Options shard_options(const config::Server& server, std::uint32_t number, std::uint16_t port);
// `shards: auto` is one a core.
std::uint32_t shard_count(const config::Server& server);

// A running service takes over feeds, limits, the recording, the replay and, where they were and are there, `auth` and `tls`: they become
// those of `wanted`. The other keys stay as they run; what is
// returned are those that differ.
std::vector<std::string> take_over(config::Config& running, const config::Config& wanted);

// As in the configuration and in metrics.
std::string_view write_path_name(net::WritePath path);

// "127.0.0.1:8080", "[::1]:8080".
std::string host_and_port(const std::string& host, std::uint16_t port);

}  // namespace ticker::tickerd
