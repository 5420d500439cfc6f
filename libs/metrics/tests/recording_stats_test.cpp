#include <ticker/metrics/recording_stats.hpp>

#include <gtest/gtest.h>

#include <ticker/metrics/writer.hpp>

#include "scrape_lines.hpp"

namespace ticker::metrics {
namespace {

std::string scrape(const RecordingStats& stats) {
  const Writer::AllowedLabels allowed;
  Writer writer(allowed);
  stats.collect("okx", writer);
  return writer.text();
}

TEST(RecordingStats, AreThereOnceRecordingIsOn) {
  RecordingStats stats;
  EXPECT_EQ(sample(scrape(stats), R"(ticker_recording_messages_total{feed="okx"})"), "");
  stats.is_on.set(1);
  EXPECT_EQ(sample(scrape(stats), R"(ticker_recording_messages_total{feed="okx"})"), "0");
  EXPECT_EQ(sample(scrape(stats), R"(ticker_recording_last_write_timestamp_seconds{feed="okx"})"),
            "0");
}

TEST(RecordingStats, CountWhatIsMissingWhereverItGotLost) {
  RecordingStats stats;
  stats.messages.add(5);
  stats.dropped.add(2);
  stats.lost.add(1);
  stats.write_errors.add(4);
  stats.written_bytes.add(100);
  stats.last_write_us.set(1'500'000);
  const auto text = scrape(stats);
  EXPECT_EQ(sample(text, R"(ticker_recording_messages_total{feed="okx"})"), "5");
  EXPECT_EQ(sample(text, R"(ticker_recording_dropped_total{feed="okx"})"), "3");
  EXPECT_EQ(sample(text, R"(ticker_recording_write_errors_total{feed="okx"})"), "4");
  EXPECT_EQ(sample(text, R"(ticker_recording_written_bytes_total{feed="okx"})"), "100");
  EXPECT_EQ(sample(text, R"(ticker_recording_last_write_timestamp_seconds{feed="okx"})"), "1.5");
}

}  // namespace
}  // namespace ticker::metrics
