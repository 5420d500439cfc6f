#include "stream_url.hpp"

#include <gtest/gtest.h>

namespace ticker::tickerctl {
namespace {

TEST(StreamUrl, TakesTheAddressOfTheServiceForItsStream) {
  EXPECT_EQ(stream_url("http://127.0.0.1:8080").value(), "ws://127.0.0.1:8080/v1/stream");
  EXPECT_EQ(stream_url("http://127.0.0.1:8080/").value(), "ws://127.0.0.1:8080/v1/stream");
  EXPECT_EQ(stream_url("https://ticker.example.com").value(), "wss://ticker.example.com/v1/stream");
  EXPECT_EQ(stream_url("ws://[::1]:8080").value(), "ws://[::1]:8080/v1/stream");
}

TEST(StreamUrl, KeepsAPathAndAQuery) {
  EXPECT_EQ(stream_url("wss://example.com/prices/v1/stream").value(), "wss://example.com/prices/v1/stream");
  EXPECT_EQ(stream_url("http://example.com?token=a").value(), "ws://example.com/v1/stream?token=a");
}

TEST(StreamUrl, RefusesWhatIsNoAddressOfAService) {
  EXPECT_FALSE(stream_url("ftp://example.com").ok());
  EXPECT_FALSE(stream_url("127.0.0.1:8080").ok());
  EXPECT_FALSE(stream_url("http://").ok());
  EXPECT_FALSE(stream_url("http://example.com:99999").ok());
}

}  // namespace
}  // namespace ticker::tickerctl
