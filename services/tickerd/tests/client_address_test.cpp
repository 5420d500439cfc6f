#include "client_address.hpp"

#include <gtest/gtest.h>

namespace ticker::tickerd {
namespace {

net::Address address(std::string_view text) { return parse_address(text).value(); }

TEST(AddressKey, OfIpv4IsTheAddress) {
  EXPECT_EQ(AddressKey::of(address("10.0.0.1")), AddressKey::of(address("10.0.0.1:4711")));
  EXPECT_NE(AddressKey::of(address("10.0.0.1")), AddressKey::of(address("10.0.0.2")));
}

TEST(AddressKey, OfIpv6IsItsSlash64) {
  EXPECT_EQ(AddressKey::of(address("2001:db8:1:2::1")), AddressKey::of(address("2001:db8:1:2:ffff::9")));
  EXPECT_NE(AddressKey::of(address("2001:db8:1:2::1")), AddressKey::of(address("2001:db8:1:3::1")));
}

TEST(AddressKey, OfIpv4WithinIpv6IsTheIpv4Address) {
  EXPECT_EQ(AddressKey::of(address("::ffff:10.0.0.1")), AddressKey::of(address("10.0.0.1")));
}

TEST(ParseAddress, RefusesWhatIsNoAddress) {
  for (const auto* text : {"", "example.com", "10.0.0", "10.0.0.256", "[::1", "1:2", "unknown"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

TEST(TrustedProxies, ReadForwardedForOnlyFromAProxy) {
  TrustedProxies proxies;
  proxies.add(address("10.0.0.0"), 9);

  EXPECT_EQ(proxies.client(address("192.0.2.7"), "198.51.100.1"), address("192.0.2.7"));
  EXPECT_EQ(proxies.client(address("10.127.0.1"), "198.51.100.1"), address("198.51.100.1"));
  EXPECT_EQ(proxies.client(address("10.128.0.1"), "198.51.100.1"), address("10.128.0.1"));
}

TEST(TrustedProxies, TakeTheLastAddressThatIsNotAProxy) {
  TrustedProxies proxies;
  proxies.add(address("10.0.0.1"), 32);
  proxies.add(address("10.0.0.2"), 32);

  // What a client forges stands to the left of what the outermost proxy adds.
  EXPECT_EQ(proxies.client(address("10.0.0.1"), "203.0.113.9, 198.51.100.1 ,10.0.0.2"), address("198.51.100.1"));
}

TEST(TrustedProxies, StopAtGarbage) {
  TrustedProxies proxies;
  proxies.add(address("10.0.0.1"), 32);

  EXPECT_EQ(proxies.client(address("10.0.0.1"), "198.51.100.1, nonsense"), address("10.0.0.1"));
  EXPECT_EQ(proxies.client(address("10.0.0.1"), ""), address("10.0.0.1"));
}

}  // namespace
}  // namespace ticker::tickerd
