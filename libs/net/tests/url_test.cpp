#include <ticker/net/url.hpp>

#include <gtest/gtest.h>

namespace ticker::net {
namespace {

TEST(Url, KeepsTheTargetAsSent) {
  Url url;

  ASSERT_FALSE(parse_url("wss://stream.example.com:9443/stream?streams=a@b/c#part", url));

  EXPECT_TRUE(url.secure);
  EXPECT_EQ(url.host, "stream.example.com");
  EXPECT_EQ(url.port, 9443);
  EXPECT_EQ(url.target, "/stream?streams=a@b/c");
  EXPECT_EQ(url.host_header(), "stream.example.com:9443");
}

TEST(Url, KnowsTheSchemesPortsAndLeavesThemOutOfTheHostHeader) {
  Url url;

  ASSERT_FALSE(parse_url("ws://host", url));
  EXPECT_EQ(url.port, 80);
  EXPECT_EQ(url.target, "/");
  EXPECT_EQ(url.host_header(), "host");
  ASSERT_FALSE(parse_url("wss://host?x=1", url));
  EXPECT_EQ(url.port, 443);
  EXPECT_EQ(url.target, "/?x=1");
}

TEST(Url, TellsAddressesFromNames) {
  Url url;

  ASSERT_FALSE(parse_url("ws://[::1]:8080/ws", url));
  EXPECT_EQ(url.host, "::1");
  EXPECT_TRUE(url.host_is_address());
  EXPECT_EQ(url.host_header(), "[::1]:8080");
  ASSERT_FALSE(parse_url("ws://127.0.0.1", url));
  EXPECT_TRUE(url.host_is_address());
  ASSERT_FALSE(parse_url("ws://localhost", url));
  EXPECT_FALSE(url.host_is_address());
}

TEST(Url, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"http://host", "must begin with ws:// or wss://"},
      {"", "must begin with"},
      {"ws://", "no valid host name"},
      {"ws://:80/", "no valid host name"},
      {"ws://ho st/", "contains a space"},
      {"ws://host:0/", "the port must be a number from 1 to 65535"},
      {"ws://host:65536/", "the port must be"},
      {"ws://host:8x/", "the port must be"},
      {"ws://[::1/", "'[' without ']'"},
      {"ws://[nonsense]/", "no valid host name"},
      {"ws://user:secret@host/", "user name"},
      {"ws://host\r\nX: y/", "contains a space, control"},
  };
  for (const auto& [text, expected] : cases) {
    Url url;

    const std::optional<Error> error = parse_url(text, url);

    ASSERT_TRUE(error) << text;
    EXPECT_NE(error->message.find(expected), std::string::npos) << error->message;
  }
}

TEST(Url, KeepsSecretsOutOfErrors) {
  Url url;

  EXPECT_EQ(parse_url("wss://host:x/?token=secret", url)->message.find("secret"),
            std::string::npos);
  EXPECT_EQ(parse_url("ws://user:secret@host/", url)->message.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace ticker::net
