#include <ticker/metrics/family.hpp>

#include <array>

namespace ticker::metrics {
namespace {

constexpr FamilyType kC = FamilyType::kCounter;
constexpr FamilyType kG = FamilyType::kGauge;
constexpr FamilyType kH = FamilyType::kHistogram;

const std::array<FamilyInfo, kFamilyCount>& families() {
  // In the order of the enumeration.
  static const std::array<FamilyInfo, kFamilyCount> table{{
      {"ticker_feed_messages_total", kC, "Messages received from the venue.", {"feed"}},
      {"ticker_feed_bytes_total", kC, "Bytes of the messages received from the venue.", {"feed"}},
      {"ticker_feed_reconnects_total",
       kC,
       "Connections to the venue opened again after one was lost.",
       {"feed"}},
      {"ticker_feed_handovers_total",
       kC,
       "Connections to the venue replaced before their foreseen end: done in time, late (the old "
       "one went first), failed "
       "(the old one goes on).",
       {"feed", "result"}},
      {"ticker_feed_handover_gap_seconds_total",
       kC,
       "Time without a live connection in handovers that were late.",
       {"feed"}},
      {"ticker_feed_state",
       kG,
       "State of the feed: 0 down, 1 connecting, 2 stale, 3 live.",
       {"feed"}},
      {"ticker_feed_last_message_timestamp_seconds",
       kG,
       "When the latest message of the venue was received, since the Unix epoch; 0 if none was.",
       {"feed"}},
      {"ticker_feed_rejected_total",
       kC,
       "Messages, or entries of them, that were refused, by reason.",
       {"feed", "reason"}},
      {"ticker_feed_skipped_total",
       kC,
       "Well-formed messages, or entries of them, that were passed over, by reason.",
       {"feed", "reason"}},
      {"ticker_feed_clock_skew_total",
       kC,
       "Messages whose venue time was ahead of their receive time.",
       {"feed"}},
      {"ticker_recording_messages_total",
       kC,
       "Messages, and connects and the like, that were taken for the recording.",
       {"feed"}},
      {"ticker_recording_bytes_total", kC, "Bytes of these messages.", {"feed"}},
      {"ticker_recording_dropped_total",
       kC,
       "Messages that are not in the recording, because the disk was too slow or full.",
       {"feed"}},
      {"ticker_recording_written_bytes_total", kC, "Bytes written to the recording.", {"feed"}},
      {"ticker_recording_write_errors_total",
       kC,
       "Attempts to write the recording that failed.",
       {"feed"}},
      {"ticker_recording_last_write_timestamp_seconds",
       kG,
       "When the recording was written to last, since the Unix epoch; 0 if it was not yet.",
       {"feed"}},
      {"ticker_latency_seconds",
       kH,
       "Time between two points in the life of a change; at publish_to_write, the oldest change of "
       "the frame.",
       {"stage"}},
      {"ticker_connections", kG, "WebSocket clients connected now.", {"shard"}},
      {"ticker_connections_opened_total", kC, "WebSocket clients that connected.", {"shard"}},
      {"ticker_connections_closed_total",
       kC,
       "WebSocket clients that went, by the code that the connection ended with.",
       {"code"}},
      {"ticker_connections_refused_total",
       kC,
       "Connections, handshakes and requests that were turned away, by reason.",
       {"reason"}},
      {"ticker_subscriptions",
       kG,
       "Entries (symbols and patterns) that clients are subscribed to now.",
       {"shard"}},
      {"ticker_frames_sent_total", kC, "WebSocket frames written to clients.", {"shard"}},
      {"ticker_updates_sent_total",
       kC,
       "Instrument entries in the frames written to clients.",
       {"shard"}},
      {"ticker_updates_merged_total",
       kC,
       "Changes that a client received merged into a later one.",
       {"shard"}},
      {"ticker_trade_gaps_total",
       kC,
       "Gaps in trades that clients were told of, because the ring no longer had the trades.",
       {"shard"}},
      {"ticker_sent_bytes_total", kC, "Bytes written to clients.", {"shard"}},
      {"ticker_blocked_connections", kG, "Clients whose socket takes no bytes now.", {"shard"}},
      {"ticker_held_bytes",
       kG,
       "Bytes held for clients because the kernel did not take them.",
       {"shard"}},
      {"ticker_flush_seconds", kH, "Time that one turn of serving clients took.", {"shard"}},
      {"ticker_write_path",
       kG,
       "Always 1; the label tells how the shard's frames reach the kernel.",
       {"shard", "path"}},
      {"ticker_shard_inbox_bytes", kG, "Bytes of batches that wait for the shard.", {"shard"}},
      {"ticker_shard_resyncs_total",
       kC,
       "Times that the shard fell behind and took the whole state anew.",
       {"shard"}},
      {"ticker_removals_forgotten_total",
       kC,
       "Removed instruments that are not remembered any more, because more were removed since.",
       {"shard"}},
      {"ticker_requests_total", kC, "Requests of WebSocket clients.", {"op"}},
      {"ticker_request_errors_total",
       kC,
       "Requests of WebSocket clients answered with an error, by its code.",
       {"code"}},
      {"ticker_http_requests_total", kC, "HTTP requests answered.", {"path", "status"}},
      {"ticker_build_info", kG, "Always 1; the label tells the version that runs.", {"version"}},
      {"process_cpu_seconds_total", kC, "CPU time used by the process.", {}},
      {"process_resident_memory_bytes", kG, "Memory of the process that is in RAM.", {}},
      {"process_virtual_memory_bytes", kG, "Address space of the process.", {}},
      {"process_open_fds", kG, "File descriptors open now.", {}},
      {"process_max_fds", kG, "File descriptors that the process may have open.", {}},
      {"process_start_time_seconds", kG, "When the process started, since the Unix epoch.", {}},
  }};
  return table;
}

}  // namespace

const FamilyInfo& family_info(Family family) {
  return families()[static_cast<std::size_t>(family)];
}

}  // namespace ticker::metrics
