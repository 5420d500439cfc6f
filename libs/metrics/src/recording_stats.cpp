#include <ticker/metrics/recording_stats.hpp>

#include <ticker/metrics/writer.hpp>

namespace ticker::metrics {

void RecordingStats::collect(std::string_view feed, Writer& writer) const {
  constexpr double kMicrosecondsPerSecond = 1e6;
  if (is_on.value() == 0 && messages.value() == 0 && dropped.value() == 0) {
    return;
  }
  const auto value = [&](Family family, std::uint64_t number) {
    writer.value(family, {feed}, static_cast<double>(number));
  };
  value(Family::kRecordingMessages, messages.value());
  value(Family::kRecordingBytes, bytes.value());
  value(Family::kRecordingDropped, dropped.value() + lost.value());
  value(Family::kRecordingWrittenBytes, written_bytes.value());
  value(Family::kRecordingWriteErrors, write_errors.value());
  writer.value(Family::kRecordingLastWrite, {feed},
               static_cast<double>(last_write_us.value()) / kMicrosecondsPerSecond);
}

}  // namespace ticker::metrics
