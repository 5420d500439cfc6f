#include <ticker/config/settings.hpp>

#include <chrono>
#include <cstddef>
#include <utility>

namespace ticker::config {
namespace {

std::string text_of(std::size_t value) { return std::to_string(value); }
std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(std::chrono::milliseconds value) { return std::to_string(value.count()); }
std::string text_of(const std::string& value) { return value; }
std::string text_of(const Endpoint& value) { return value.host + " " + std::to_string(value.port); }
std::string text_of(const Network& value) {
  std::string text;
  for (const unsigned char byte : value.bytes) {
    text += text_of(std::size_t{byte}) + ".";
  }
  return text + text_of(value.is_ipv6) + "/" + text_of(std::size_t{value.prefix_bits});
}
template <typename T>
std::string text_of(const std::vector<T>& values) {
  std::string text;
  for (const T& value : values) {
    text += text_of(value) + ", ";
  }
  return text;
}
template <typename T>
std::string text_of(const std::optional<T>& value) {
  return value ? text_of(*value) : "";
}

// The keys of one mapping.
class Keys {
 public:
  Keys(std::vector<Setting>& all, std::string prefix) : all_(all), prefix_(std::move(prefix)) {}
  template <typename T>
  Keys& add(const char* key, const T& value) {
    all_.push_back({prefix_ + key, text_of(value)});
    return *this;
  }

 private:
  std::vector<Setting>& all_;
  const std::string prefix_;
};

}  // namespace

std::vector<Setting> settings(const Config& config) {
  std::vector<Setting> all;
  const Server& server = config.server;
  Keys(all, "server.")
      .add("listen", server.listen)
      .add("shards", server.shards)
      .add("write_path", server.write_path)
      .add("default_interval_ms", server.default_interval)
      .add("heartbeat_ms", server.heartbeat)
      .add("no_progress_ms", server.no_progress)
      .add("silent_ms", server.silent)
      .add("start_timeout_ms", server.start_timeout)
      .add("drain_delay_ms", server.drain_delay)
      .add("allow_anonymous", server.allow_anonymous)
      .add("allowed_origins", server.allowed_origins)
      .add("trusted_proxies", server.trusted_proxies);
  const Auth auth = server.auth.value_or(Auth{});
  Keys(all, "server.auth.")
      .add("key_files", auth.key_files)
      .add("secret_file", auth.secret_file)
      .add("issuer", auth.issuer)
      .add("audience", auth.audience)
      .add("skew_ms", auth.skew)
      .add("timeout_ms", auth.timeout)
      .add("request_bytes", auth.request_bytes)
      .add("notice_ms", auth.notice);
  const Tls tls = server.tls.value_or(Tls{});
  Keys(all, "server.tls.")
      .add("certificate", tls.certificate)
      .add("key", tls.key)
      .add("min_version", tls.min_version);
  const Limits& limits = server.limits;
  Keys(all, "server.limits.")
      .add("connections", limits.connections)
      .add("connections_per_address", limits.connections_per_address)
      .add("entries", limits.entries)
      .add("lanes", limits.lanes)
      .add("request_bytes", limits.request_bytes)
      .add("requests_per_s", limits.requests_per_s)
      .add("frame_bytes", limits.frame_bytes)
      .add("handshake_ms", limits.handshake)
      .add("http_requests_per_s_per_address", limits.http_requests_per_s_per_address)
      .add("tls_handshakes_per_s_per_address", limits.tls_handshakes_per_s_per_address)
      .add("token_failures_per_s_per_address", limits.token_failures_per_s_per_address)
      .add("http_reply_bytes", limits.http_reply_bytes)
      .add("trades_ring", limits.trades_ring)
      .add("shard_inbox_bytes", limits.shard_inbox_bytes)
      .add("removals", limits.removals);
  Keys(all, "metrics.").add("listen", config.metrics.listen);
  const Recording& recording = config.recording;
  Keys(all, "recording.")
      .add("folder", recording.folder)
      .add("segment_bytes", recording.segment_bytes)
      .add("segment_ms", recording.segment)
      .add("keep_bytes", recording.keep_bytes)
      .add("buffer_bytes", recording.buffer_bytes);
  Keys(all, "replay.")
      .add("folder", config.replay.folder)
      .add("max_replays", config.replay.max_replays)
      .add("max_replays_per_address", config.replay.max_replays_per_address)
      .add("changes_per_s", config.replay.changes_per_s)
      .add("idle_ms", config.replay.idle)
      .add("longest_ms", config.replay.longest);
  return all;
}

std::vector<std::string> changed_keys(const Config& a, const Config& b) {
  const std::vector<Setting> before = settings(a);
  const std::vector<Setting> after = settings(b);
  std::vector<std::string> changed;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].value != after[i].value) {
      changed.push_back(before[i].key);
    }
  }
  return changed;
}

}  // namespace ticker::config
