#include "values.hpp"

#include <gtest/gtest.h>

namespace ticker::config {
namespace {

TEST(Values, EndpointsHaveAHostAndAPort) {
  EXPECT_EQ(parse_endpoint("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_endpoint("localhost:0")->port, 0);
  EXPECT_EQ(parse_endpoint("0.0.0.0:65535")->port, 65'535);
  for (const char* text : {"", ":80", "80", "h:", "h:65536", "h:-1", "h:8 0", "::1:80", "[::1]",
                           "[x]:80", "[]:80", "a b:1", "http://h:80"}) {
    EXPECT_FALSE(parse_endpoint(text).has_value()) << text;
  }
}

TEST(Values, LoopbackIsWhatOtherMachinesCannotReach) {
  for (const char* host : {"127.0.0.1", "127.8.9.10", "::1", "localhost"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const char* host :
       {"0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "::2", "localhost.example.org", ""}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

TEST(Values, NetworksHaveAPrefixOfTheirFamily) {
  EXPECT_EQ(parse_network("10.1.2.3")->prefix_bits, 32u);
  EXPECT_EQ(parse_network("fd00::/8")->prefix_bits, 8u);
  EXPECT_EQ(parse_network("0.0.0.0/0")->prefix_bits, 0u);
  for (const char* text :
       {"", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/8/8", "host"}) {
    EXPECT_FALSE(parse_network(text).has_value()) << text;
  }
}

TEST(Values, TheClosestNameIsNotFarAway) {
  EXPECT_EQ(closest("entires", {"lanes", "entries"}), "entries");
  EXPECT_EQ(closest("connection_per_adress", {"connections", "connections_per_address"}),
            "connections_per_address");
  EXPECT_EQ(closest("password", {"listen", "shards"}), std::nullopt);
}

}  // namespace
}  // namespace ticker::config
