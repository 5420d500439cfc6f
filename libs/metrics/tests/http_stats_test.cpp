#include <ticker/metrics/http_stats.hpp>

#include <gtest/gtest.h>

#include <ticker/metrics/writer.hpp>

#include "scrape_lines.hpp"

namespace ticker::metrics {
namespace {

std::string text_of(const HttpStats& stats) {
  const Writer::AllowedLabels allowed;
  Writer writer(allowed);
  stats.collect(writer);
  return writer.text();
}

TEST(HttpStats, CountsByPathAndStatus) {
  HttpStats stats({"/v1/tickers", "/healthz"});

  stats.count("/v1/tickers", 200);
  stats.count("/v1/tickers", 200);
  stats.count("/v1/tickers", 304);
  stats.count("/healthz", 200);

  const std::string text = text_of(stats);
  EXPECT_EQ(sample(text, R"(ticker_http_requests_total{path="/v1/tickers",status="200"})"), "2");
  EXPECT_EQ(sample(text, R"(ticker_http_requests_total{path="/v1/tickers",status="304"})"), "1");
  EXPECT_EQ(sample(text, R"(ticker_http_requests_total{path="/healthz",status="200"})"), "1");
}

TEST(HttpStats, NeverMakesASeriesOfWhatAClientAsksFor) {
  HttpStats stats({"/healthz"});

  for (int i = 0; i < 1000; ++i) {
    stats.count("/made-up/" + std::to_string(i), 404);
  }
  stats.count("/healthz", 299);

  const std::string text = text_of(stats);
  EXPECT_EQ(sample(text, R"(ticker_http_requests_total{path="other",status="404"})"), "1000");
  EXPECT_EQ(sample(text, R"(ticker_http_requests_total{path="/healthz",status="other"})"), "1");
  EXPECT_EQ(text.find("made-up"), std::string::npos);
}

}  // namespace
}  // namespace ticker::metrics
