#include <ticker/metrics/feed_stats.hpp>

#include <gtest/gtest.h>

#include <ticker/metrics/writer.hpp>

#include "scrape_lines.hpp"

namespace ticker::metrics {
namespace {

TEST(FeedStats, AreLabelledByFeed) {
  FeedStats stats({"undecodable", "out_of_range"}, {"control"});
  stats.messages.add(3);
  stats.bytes.add(450);
  stats.state.set(3);
  stats.last_message_us.set(1'700'000'000'250'000);
  stats.rejected.add_at(1);

  const Writer::AllowedLabels allowed;
  Writer writer(allowed);
  stats.collect("kraken", writer);

  const std::string text = writer.text();
  EXPECT_EQ(sample(text, R"(ticker_feed_messages_total{feed="kraken"})"), "3");
  EXPECT_EQ(sample(text, R"(ticker_feed_bytes_total{feed="kraken"})"), "450");
  EXPECT_EQ(sample(text, R"(ticker_feed_state{feed="kraken"})"), "3");
  EXPECT_EQ(sample(text, R"(ticker_feed_last_message_timestamp_seconds{feed="kraken"})"),
            "1700000000.25");
  EXPECT_EQ(sample(text, R"(ticker_feed_rejected_total{feed="kraken",reason="undecodable"})"), "0");
  EXPECT_EQ(sample(text, R"(ticker_feed_rejected_total{feed="kraken",reason="out_of_range"})"),
            "1");
  EXPECT_EQ(sample(text, R"(ticker_feed_skipped_total{feed="kraken",reason="control"})"), "0");
}

TEST(FeedStats, OfSeveralFeedsShareOneLatencySeries) {
  FeedStats one({}, {});
  FeedStats two({}, {});
  one.exchange_to_receive.observe(std::chrono::milliseconds{3});
  two.exchange_to_receive.observe(std::chrono::milliseconds{4});

  const Writer::AllowedLabels allowed;
  Writer writer(allowed);
  one.collect("one", writer);
  two.collect("two", writer);

  const std::string text = writer.text();
  EXPECT_EQ(sample(text, R"(ticker_latency_seconds_count{stage="exchange_to_receive"})"), "2");
  EXPECT_EQ(sample(text, R"(ticker_latency_seconds_sum{stage="exchange_to_receive"})"), "0.007");
  EXPECT_EQ(
      sample(text, R"(ticker_latency_seconds_bucket{stage="exchange_to_receive",le="0.005"})"),
      "2");
  EXPECT_EQ(
      sample(text, R"(ticker_latency_seconds_bucket{stage="exchange_to_receive",le="0.002"})"),
      "0");
  EXPECT_EQ(sample(text, R"(ticker_latency_seconds_bucket{stage="exchange_to_receive",le="+Inf"})"),
            "2");
}

}  // namespace
}  // namespace ticker::metrics
