#include <ticker/metrics/feed_stats.hpp>

#include <ticker/metrics/writer.hpp>

namespace ticker::metrics {

void FeedStats::collect(std::string_view feed, Writer& writer) const {
  constexpr double kMicrosecondsPerSecond = 1e6;
  writer.value(Family::kFeedMessages, {feed}, static_cast<double>(messages.value()));
  writer.value(Family::kFeedBytes, {feed}, static_cast<double>(bytes.value()));
  writer.value(Family::kFeedReconnects, {feed}, static_cast<double>(reconnects.value()));
  writer.value(Family::kFeedHandovers, {feed, "done"}, static_cast<double>(handovers_done.value()));
  writer.value(Family::kFeedHandovers, {feed, "late"}, static_cast<double>(handovers_late.value()));
  writer.value(Family::kFeedHandovers, {feed, "failed"},
               static_cast<double>(handovers_failed.value()));
  writer.value(Family::kFeedHandoverGap, {feed},
               static_cast<double>(handover_gap_us.value()) / kMicrosecondsPerSecond);
  writer.value(Family::kFeedClockSkew, {feed}, static_cast<double>(clock_skew.value()));
  writer.value(Family::kFeedTradeGaps, {feed}, static_cast<double>(trade_gaps.value()));
  writer.value(Family::kFeedState, {feed}, static_cast<double>(state.value()));
  writer.value(Family::kFeedLastMessage, {feed},
               static_cast<double>(last_message_us.value()) / kMicrosecondsPerSecond);
  if (is_consolidated) {
    writer.value(Family::kBestLeftOut, {feed}, static_cast<double>(left_out.value()));
  }
  writer.counters(Family::kFeedRejected, {feed}, rejected);
  writer.counters(Family::kFeedSkipped, {feed}, skipped);
  writer.histogram(Family::kLatency, {"exchange_to_receive"}, exchange_to_receive.read());
  writer.histogram(Family::kLatency, {"receive_to_publish"}, receive_to_publish.read());
  recording->collect(feed, writer);
}

}  // namespace ticker::metrics
