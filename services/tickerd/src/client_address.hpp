#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include <ticker/net/address.hpp>

namespace ticker::tickerd {

// Whom limits per address count: an IPv4 address, or the /64 of an IPv6 one, since who has one IPv6 address has all of those.
struct AddressKey {
  std::array<unsigned char, 8> bytes{};
  bool is_ipv6 = false;

  static AddressKey of(const net::Address& address);
  friend bool operator==(const AddressKey&, const AddressKey&) = default;
};

// A numeric address, "10.1.2.3" or "2001:db8::1" (brackets and a port are taken off); nullopt: not an address.
std::optional<net::Address> parse_address(std::string_view text);

// The configured reverse proxies: addresses and networks.
class TrustedProxies {
 public:
  // `prefix_bits`: how many of the address's leading bits count, 32 (IPv6: 128) for it alone.
  void add(const net::Address& address, unsigned prefix_bits);
  bool contains(const net::Address& address) const;

  // Who is behind a connection from `peer`: the last address of X-Forwarded-For that is not itself a proxy of ours, or
  // `peer` where that is no proxy. What stands further left in the header was written by strangers.
  net::Address client(const net::Address& peer, std::string_view forwarded_for) const;

 private:
  struct Network {
    net::Address address;
    unsigned prefix;
  };
  std::vector<Network> networks_;
};

}  // namespace ticker::tickerd

template <>
struct std::hash<ticker::tickerd::AddressKey> {
  std::size_t operator()(const ticker::tickerd::AddressKey& key) const noexcept;
};
