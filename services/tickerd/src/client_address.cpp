#include "client_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

namespace ticker::tickerd {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view without_port(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    return text.substr(1, text.find(']') == std::string_view::npos ? 0 : text.find(']') - 1);
  }
  // One colon: IPv4 and a port. More: IPv6.
  if (std::count(text.begin(), text.end(), ':') == 1) {
    return text.substr(0, text.find(':'));
  }
  return text;
}

bool same_prefix(const net::Address& a, const net::Address& b, unsigned prefix) {
  const std::size_t whole = prefix / 8;
  if (!std::equal(a.bytes.begin(), a.bytes.begin() + static_cast<std::ptrdiff_t>(whole), b.bytes.begin())) {
    return false;
  }
  const unsigned rest = prefix % 8;
  return rest == 0 || (a.bytes[whole] ^ b.bytes[whole]) >> (8 - rest) == 0;
}

}  // namespace

AddressKey AddressKey::of(const net::Address& address) {
  AddressKey key;
  key.is_ipv6 = address.is_ipv6;
  std::copy_n(address.bytes.begin(), address.is_ipv6 ? 8 : 4, key.bytes.begin());
  return key;
}

std::optional<net::Address> parse_address(std::string_view text) {
  const std::string host(without_port(trimmed(text)));
  net::Address address;
  if (inet_pton(AF_INET, host.c_str(), address.bytes.data()) == 1) {
    return address;
  }
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1) {
    return std::nullopt;
  }
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    std::copy_n(bytes.begin() + kMapped.size(), 4, address.bytes.begin());
    return address;
  }
  address.is_ipv6 = true;
  address.bytes = bytes;
  return address;
}

void TrustedProxies::add(const net::Address& address, unsigned prefix_bits) {
  networks_.push_back({address, prefix_bits});
}

bool TrustedProxies::contains(const net::Address& address) const {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return network.address.is_ipv6 == address.is_ipv6 && same_prefix(network.address, address, network.prefix);
  });
}

net::Address TrustedProxies::client(const net::Address& peer, std::string_view forwarded_for) const {
  net::Address nearest = peer;
  while (contains(nearest) && !forwarded_for.empty()) {
    const auto comma = forwarded_for.rfind(',');
    const auto last = comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1);
    const auto address = parse_address(last);
    if (!address) {
      break;
    }
    nearest = *address;
    forwarded_for = comma == std::string_view::npos ? std::string_view() : forwarded_for.substr(0, comma);
  }
  return nearest;
}

}  // namespace ticker::tickerd

std::size_t std::hash<ticker::tickerd::AddressKey>::operator()(
    const ticker::tickerd::AddressKey& key) const noexcept {
  const std::string_view bytes(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
  return std::hash<std::string_view>{}(bytes) ^ static_cast<std::size_t>(key.is_ipv6);
}
