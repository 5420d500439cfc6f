#include "scrape.hpp"

#include <array>
#include <string>

#include <ticker/protocol/codes.hpp>

#include "options.hpp"

namespace ticker::tickerd {
namespace {

using metrics::Family;

constexpr std::array<std::string_view, hub::HubStats::kOps> kOpNames = {
    "subscribe", "unsubscribe", "auth", "ping", "replay", "replay_control", "malformed"};

void collect_closed(const hub::HubStats& stats, metrics::Writer& writer) {
  for (std::size_t i = 0; i < protocol::kCloseCodes.size(); ++i) {
    const auto code = std::to_string(static_cast<unsigned>(protocol::kCloseCodes[i].code));
    writer.value(Family::kConnectionsClosed, {code}, static_cast<double>(stats.closed[i].value()));
  }
  writer.value(Family::kConnectionsClosed, {"other"}, static_cast<double>(stats.closed_other.value()));
}

void collect_requests(const hub::HubStats& stats, metrics::Writer& writer) {
  for (std::size_t op = 0; op < kOpNames.size(); ++op) {
    writer.value(Family::kRequests, {kOpNames[op]}, static_cast<double>(stats.requests[op].value()));
  }
  for (std::size_t code = 0; code < protocol::kErrorCodeNames.size(); ++code) {
    writer.value(Family::kRequestErrors, {protocol::kErrorCodeNames[code]},
                 static_cast<double>(stats.errors[code].value()));
  }
}

}  // namespace

void collect(const Shard& shard, std::string_view number, metrics::Writer& writer) {
  const hub::HubStats& stats = shard.stats();
  const auto value = [&](Family family, const metrics::Counter& counter) {
    writer.value(family, {number}, static_cast<double>(counter.value()));
  };
  const auto gauge = [&](Family family, const metrics::Gauge& now) {
    writer.value(family, {number}, static_cast<double>(now.value()));
  };
  gauge(Family::kConnections, stats.connections);
  value(Family::kConnectionsOpened, stats.opened);
  gauge(Family::kSubscriptions, stats.subscriptions);
  value(Family::kFramesSent, stats.frames);
  value(Family::kUpdatesSent, stats.updates);
  value(Family::kUpdatesMerged, stats.merged);
  value(Family::kTradeGaps, stats.trade_gaps);
  value(Family::kSentBytes, stats.bytes);
  gauge(Family::kBlockedConnections, stats.blocked);
  gauge(Family::kHeldBytes, stats.held);
  value(Family::kShardResyncs, stats.resyncs);
  value(Family::kRemovalsForgotten, stats.removals_forgotten);
  gauge(Family::kReplays, shard.replay_stats().active);
  value(Family::kReplaysRefused, shard.replay_stats().refused);
  value(Family::kReplaysIdle, shard.replay_stats().idle);
  value(Family::kReplaysTooLong, shard.replay_stats().too_long);
  value(Family::kReplayedChanges, shard.replay_stats().changes);
  writer.value(Family::kWritePath, {number, write_path_name(shard.write_path())}, 1);
  writer.value(Family::kShardInboxBytes, {number}, static_cast<double>(shard.inbox_bytes()));
  writer.histogram(Family::kFlush, {number}, stats.flush.read());
  writer.histogram(Family::kLatency, {"publish_to_write"}, stats.publish_to_write.read());
  writer.histogram(Family::kLatency, {"receive_to_write"}, stats.receive_to_write.read());
  collect_closed(stats, writer);
  collect_requests(stats, writer);
  writer.counters(Family::kConnectionsRefused, {}, shard.refused().counts());
  writer.counters(Family::kTokens, {}, shard.tokens().counts());
  shard.http_stats().collect(writer);
}

}  // namespace ticker::tickerd
