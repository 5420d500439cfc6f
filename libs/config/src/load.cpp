#include <ticker/config/load.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include "best_section.hpp"
#include "feed_section.hpp"
#include "played_names.hpp"
#include "section.hpp"
#include "text_file.hpp"
#include "values.hpp"
#include "yaml_tree.hpp"

namespace ticker::config {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMost = 1'000'000'000;
constexpr std::chrono::milliseconds kLongest = 24h;

void read_limits(Section section, Limits& limits) {
  constexpr std::size_t kMostEntries = 1'000'000;
  constexpr std::size_t kMostLanes = 250;  // what the hub can number
  constexpr std::size_t kMostRequestBytes = std::size_t{16} << 20U;
  // The longest entry of one instrument must fit a frame, and is never split.
  constexpr std::size_t kLeastFrameBytes = 4'096;
  constexpr std::size_t kMostFrameBytes = std::size_t{64} << 20U;
  constexpr std::size_t kLeastHeldBytes = 65'536;
  constexpr std::size_t kMostHeldBytes = std::size_t{16} << 30U;
  // The ring's slots are made at once, 120 bytes each, in every shard.
  constexpr std::size_t kMostTrades = 1'000'000;
  constexpr std::size_t kMostRemovals = 1'000'000;
  section.number("connections", limits.connections, 0, kMost);
  section.number("connections_per_address", limits.connections_per_address, 0, kMost);
  section.number("entries", limits.entries, 1, kMostEntries);
  section.number("lanes", limits.lanes, 1, kMostLanes);
  section.number("request_bytes", limits.request_bytes, 1'024, kMostRequestBytes);
  section.number("requests_per_s", limits.requests_per_s, 0, kMost);
  section.number("frame_bytes", limits.frame_bytes, kLeastFrameBytes, kMostFrameBytes);
  section.duration("handshake_ms", limits.handshake, 10ms, kLongest);
  section.number("http_requests_per_s_per_address", limits.http_requests_per_s_per_address, 0,
                 kMost);
  section.number("tls_handshakes_per_s_per_address", limits.tls_handshakes_per_s_per_address, 0,
                 kMost);
  section.number("token_failures_per_s_per_address", limits.token_failures_per_s_per_address, 0,
                 kMost);
  section.number("http_reply_bytes", limits.http_reply_bytes, kLeastHeldBytes, kMostHeldBytes);
  section.number("trades_ring", limits.trades_ring, 0, kMostTrades);
  section.number("shard_inbox_bytes", limits.shard_inbox_bytes, kLeastHeldBytes, kMostHeldBytes);
  section.number("removals", limits.removals, 0, kMostRemovals);
  section.finish();
}

// `auto` or a number; the struct holds 0 for `auto`.
void read_shards(Section& section, std::size_t& shards) {
  constexpr std::size_t kMostShards = 256;
  section.text("shards", "auto or a whole number from 1 to " + std::to_string(kMostShards),
               [&shards](const std::string& text) {
                 const auto number = parse_whole_number(text);
                 if (text != "auto" && (!number || *number == 0 || *number > kMostShards)) {
                   return false;
                 }
                 shards = number.value_or(0);
                 return true;
               });
}

void read_write_path(Section& section, std::string& write_path) {
  section.text("write_path", "auto, io_uring or sendmsg", [&write_path](const std::string& text) {
    write_path = text;
    return text == "auto" || text == "io_uring" || text == "sendmsg";
  });
}

void read_endpoint(Section& section, const std::string& key,
                   const std::function<void(Endpoint)>& take) {
  section.text(key, "ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:8080",
               [&take](const std::string& text) {
                 const auto endpoint = parse_endpoint(text);
                 if (endpoint) {
                   take(*endpoint);
                 }
                 return endpoint.has_value();
               });
}

// A file named in the configuration, beside it if its path is not a full one; its text is looked at
// by who uses it.
bool is_readable(const std::string& folder, const std::string& text, std::string& path) {
  path = (std::filesystem::path(folder) / text).string();
  return !text.empty() && std::ifstream(path).peek() != std::ifstream::traits_type::eof();
}

void read_auth(Report& report, Section section, const std::string& folder, Auth& auth) {
  constexpr std::size_t kLeastBytes = 256;
  constexpr std::size_t kMostBytes = 65'536;
  read_texts(report, section, "key_files", "a readable file of keys: PEM, JWK or JWKS",
             [&](const std::string& text) {
               return is_readable(folder, text, auth.key_files.emplace_back());
             });
  section.text("secret_file", "a readable file with a secret", [&](const std::string& text) {
    return is_readable(folder, text, auth.secret_file);
  });
  const auto take = [](std::string& to) {
    return [&to](const std::string& text) {
      to = text;
      return !text.empty();
    };
  };
  section.text("issuer", "a text", take(auth.issuer));
  section.text("audience", "a text", take(auth.audience));
  section.duration("skew_ms", auth.skew, 0ms, 10min);
  section.duration("timeout_ms", auth.timeout, 10ms, kLongest);
  section.number("request_bytes", auth.request_bytes, kLeastBytes, kMostBytes);
  section.duration("notice_ms", auth.notice, 0ms, kLongest);
  section.finish();
}

void read_server_auth(Report& report, Section& section, const std::string& folder, Server& server) {
  Auth auth;
  read_auth(report, section.section("auth"), folder, auth);
  if (!section.has("auth")) {
    return;
  }
  if (auth.key_files.empty() && auth.secret_file.empty()) {
    report.expected(section.at("auth"), section.path_of("auth"), "key_files or secret_file in it");
  }
  if (server.allow_anonymous) {
    report.expected(section.at("allow_anonymous"), section.path_of("allow_anonymous"),
                    "false: with auth every client needs a token");
  }
  server.auth = std::move(auth);
}

void read_tls(Section& server_section, const std::string& folder, Server& server) {
  Tls tls;
  Section section = server_section.section("tls");
  if (server_section.has("tls")) {
    section.require("certificate", "a file of certificates in PEM form");
    section.require("key", "a file with the certificate's key in PEM form");
  }
  section.text("certificate", "a readable file of certificates in PEM form",
               [&](const std::string& text) { return is_readable(folder, text, tls.certificate); });
  section.text("key", "a readable file with a key in PEM form",
               [&](const std::string& text) { return is_readable(folder, text, tls.key); });
  section.text("min_version", "\"1.2\" or \"1.3\"", [&tls](const std::string& text) {
    tls.min_version = text;
    return text == "1.2" || text == "1.3";
  });
  section.finish();
  if (server_section.has("tls")) {
    server.tls = std::move(tls);
  }
}

void read_server(Report& report, Section section, const std::string& folder, Server& server) {
  read_endpoint(section, "listen",
                [&server](Endpoint endpoint) { server.listen = std::move(endpoint); });
  read_shards(section, server.shards);
  read_write_path(section, server.write_path);
  section.duration("default_interval_ms", server.default_interval, 0ms, kLongest);
  section.duration("heartbeat_ms", server.heartbeat, 10ms, kLongest);
  section.duration("no_progress_ms", server.no_progress, 10ms, kLongest);
  section.duration("silent_ms", server.silent, 10ms, kLongest);
  section.duration("start_timeout_ms", server.start_timeout, 0ms, kLongest);
  section.duration("drain_delay_ms", server.drain_delay, 0ms, kLongest);
  section.boolean("allow_anonymous", server.allow_anonymous);
  read_texts(report, section, "allowed_origins", "an origin such as https://example.org",
             [&server](const std::string& text) {
               server.allowed_origins.push_back(text);
               return is_origin(text);
             });
  read_texts(report, section, "trusted_proxies", "an address or a range such as 10.0.0.0/8",
             [&server](const std::string& text) {
               const auto network = parse_network(text);
               server.trusted_proxies.push_back(network.value_or(Network{}));
               return network.has_value();
             });
  read_server_auth(report, section, folder, server);
  read_tls(section, folder, server);
  read_limits(section.section("limits"), server.limits);
  if (section.has("listen") && !is_loopback(server.listen.host) && !server.allow_anonymous &&
      !server.auth) {
    report.expected(
        section.at("listen"), section.path_of("listen"),
        "a loopback address such as 127.0.0.1, or beside it auth (clients need a token) "
        "or allow_anonymous: true (they need none)");
  }
  section.finish();
}

void read_metrics(Section section, Metrics& metrics) {
  read_endpoint(section, "listen",
                [&metrics](Endpoint endpoint) { metrics.listen = std::move(endpoint); });
  section.finish();
}

void read_recording(Report& report, Section section, const std::string& folder,
                    Recording& recording) {
  constexpr std::size_t kLeastSegment = 65'536;
  constexpr std::size_t kMostBytes = std::size_t{1} << 50U;
  // It has to hold the longest message that is expected; no venue is known to send more than 6 MB.
  constexpr std::size_t kLeastBuffer = std::size_t{1} << 20U;
  constexpr std::size_t kMostBuffer = std::size_t{1} << 30U;
  section.text("folder", "a folder", [&recording](const std::string& text) {
    recording.folder = text;
    return !text.empty();
  });
  recording.folder = (std::filesystem::path(folder) / recording.folder).string();
  section.number("segment_bytes", recording.segment_bytes, kLeastSegment, kMostBytes);
  section.duration("segment_ms", recording.segment, 1s, kLongest);
  section.number("keep_bytes", recording.keep_bytes, 0, kMostBytes);
  section.number("buffer_bytes", recording.buffer_bytes, kLeastBuffer, kMostBuffer);
  const std::string bound = section.has("keep_bytes") ? "keep_bytes" : "segment_bytes";
  if (recording.keep_bytes != 0 && recording.keep_bytes / 2 < recording.segment_bytes) {
    report.expected(section.at(bound), section.path_of(bound),
                    "keep_bytes at least twice segment_bytes, or 0");
  }
  section.finish();
}

void read_replay(Section section, const std::string& folder, Replay& replay) {
  constexpr std::size_t kMostReplays = 1'000;
  section.text("folder", "a folder", [&](const std::string& text) {
    replay.folder = (std::filesystem::path(folder) / text).string();
    return !text.empty();
  });
  section.number("max_replays", replay.max_replays, 1, kMostReplays);
  section.number("max_replays_per_address", replay.max_replays_per_address, 1, kMostReplays);
  section.number("changes_per_s", replay.changes_per_s, 0, kMost);
  section.duration("idle_ms", replay.idle, 1s, kLongest);
  section.duration("longest_ms", replay.longest, 1s, kLongest);
  section.finish();
}

void read_feeds(Report& report, Section& root, const LoadOptions& options,
                const std::string& folder, Config& config) {
  std::set<std::string> names;
  root.require("feeds", "a list of feeds");
  const std::vector<const Node*> items = root.list("feeds");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string path = "feeds[" + std::to_string(i) + "]";
    config.feeds.push_back(read_feed(report, *items[i], path, options, folder));
    const std::string& name = config.feeds.back().name;
    if (!name.empty() && !names.insert(name).second) {
      report.expected(*items[i]->find("name"), path + ".name", "a name that no other feed has");
    }
  }
  check_played_names(report, items, config.feeds);
  if (items.empty() && root.has("feeds") && root.at("feeds").kind == Node::Kind::kSequence) {
    report.expected(root.at("feeds"), "feeds", "one feed at least");
  }
}

Config read(Report& report, const Node& document, const LoadOptions& options,
            const std::string& folder) {
  Config config;
  Section root(report, &document, {});
  read_server(report, root.section("server"), folder, config.server);
  read_metrics(root.section("metrics"), config.metrics);
  read_recording(report, root.section("recording"), folder, config.recording);
  read_replay(root.section("replay"), folder, config.replay);
  read_feeds(report, root, options, folder, config);
  read_best(report, root, config);
  root.finish();
  return config;
}

}  // namespace

Loaded load_text(std::string_view text, const std::string& name, const LoadOptions& options) {
  Report report(options);
  std::vector<YamlError> yaml_errors;
  const Node document = parse_yaml(text, yaml_errors);
  for (const YamlError& error : yaml_errors) {
    report.fail(error.position, {}, error.message);
  }
  Loaded loaded;
  // Of a broken file only the beginning is known: what it seems to lack may stand behind the fault.
  if (yaml_errors.empty() || document.kind == Node::Kind::kMap) {
    loaded.config =
        read(report, document, options, std::filesystem::path(name).parent_path().string());
  }
  loaded.errors = report.errors(name);
  return loaded;
}

Loaded load_file(const std::string& path, const LoadOptions& options) {
  std::string error;
  const auto text = read_text_file(path, error);
  return text ? load_text(*text, path, options) : Loaded{{}, {error}};
}

std::vector<std::string> known_keys() {
  // Asked for by reading a file that has one of everything that lists hold.
  const LoadOptions options;
  Report report(options);
  std::vector<YamlError> yaml_errors;
  read(report,
       parse_yaml("{feeds: [{symbols: [{}], recordings: [{}], messages: [{fields: {bid: {}}}]}],"
                  " best: [{}]}",
                  yaml_errors),
       options, {});
  std::vector<std::string> keys = report.keys();
  for (std::string& key : keys) {
    for (std::size_t at = key.find("[0]"); at != std::string::npos; at = key.find("[0]")) {
      key.replace(at, 3, "[]");
    }
    if (const std::size_t at = key.find(".bid"); at != std::string::npos) {
      key.replace(at, 4, "{}");  // one of those that a mapping may have
    }
  }
  return keys;
}

}  // namespace ticker::config
