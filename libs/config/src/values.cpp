#include "values.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <limits>
#include <numeric>

namespace ticker::config {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_visible(char c) { return c > ' ' && c <= '~'; }

// `host`, `host:port`, `[::1]:port`, as net::parse_url takes them.
bool is_authority(std::string_view text) {
  const std::size_t bracket = text.find(']');
  const bool is_bracketed = text.starts_with('[') && bracket != std::string_view::npos;
  const std::size_t end = is_bracketed ? bracket + 1 : std::min(text.find(':'), text.size());
  const std::string_view host = text.substr(0, end);
  const auto in_name = [](char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) || c == '-' || c == '.' || c == '_';
  };
  in6_addr address{};
  if (is_bracketed
          ? inet_pton(AF_INET6, std::string{host.substr(1, end - 2)}.c_str(), &address) != 1
          : host.empty() || !std::all_of(host.begin(), host.end(), in_name)) {
    return false;
  }
  const std::string_view tail = text.substr(end);
  const auto port = tail.starts_with(':') ? parse_whole_number(tail.substr(1)) : std::nullopt;
  return tail.empty() || (port && *port > 0 && *port <= std::numeric_limits<std::uint16_t>::max());
}

bool is_url(std::string_view text, std::initializer_list<std::string_view> schemes) {
  for (const std::string_view scheme : schemes) {
    if (text.starts_with(scheme)) {
      const std::string_view rest = text.substr(scheme.size());
      return std::all_of(rest.begin(), rest.end(), is_visible) &&
             rest.find_first_of("@#") == std::string_view::npos &&
             is_authority(rest.substr(0, rest.find_first_of("/?")));
    }
  }
  return false;
}

// No key or adapter is longer; what is longer resembles none.
constexpr std::size_t kLongestName = 64;

// Requires: b.size() <= kLongestName.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::array<std::size_t, kLongestName + 1> row{};
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::uint64_t> parse_whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return std::nullopt;
  }
  std::string_view host = text.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    in6_addr address{};
    if (inet_pton(AF_INET6, std::string{host}.c_str(), &address) != 1) {
      return std::nullopt;
    }
  } else if (host.find_first_of(":[]/") != std::string_view::npos ||
             !std::all_of(host.begin(), host.end(), is_visible)) {
    return std::nullopt;
  }
  const auto port = parse_whole_number(text.substr(colon + 1));
  if (!port || *port > std::numeric_limits<std::uint16_t>::max()) {
    return std::nullopt;
  }
  return Endpoint{std::string{host}, static_cast<std::uint16_t>(*port)};
}

std::optional<Network> parse_network(const std::string& text) {
  constexpr unsigned kIpv4Bits = 32;
  constexpr unsigned kIpv6Bits = 128;
  const std::size_t slash = text.find('/');
  const std::string address = text.substr(0, slash);
  Network network;
  if (inet_pton(AF_INET, address.c_str(), network.bytes.data()) == 1) {
    network.prefix_bits = kIpv4Bits;
  } else if (inet_pton(AF_INET6, address.c_str(), network.bytes.data()) == 1) {
    network.is_ipv6 = true;
    network.prefix_bits = kIpv6Bits;
  } else {
    return std::nullopt;
  }
  if (slash != std::string::npos) {
    const auto bits = parse_whole_number(std::string_view{text}.substr(slash + 1));
    if (!bits || *bits > network.prefix_bits) {
      return std::nullopt;
    }
    network.prefix_bits = static_cast<unsigned>(*bits);
  }
  return network;
}

bool is_loopback(const std::string& host) {
  constexpr unsigned char kIpv4Loopback = 127;
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) {
    return bytes[0] == kIpv4Loopback;
  }
  if (inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1) {
    return std::equal(bytes.begin(), bytes.end(), in6addr_loopback.s6_addr);
  }
  return host == "localhost";
}

bool is_feed_name(std::string_view text) {
  constexpr std::size_t kLongest = 32;
  const auto allowed = [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '_'; };
  return !text.empty() && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(), allowed) &&
         (is_lower(text.front()) || is_digit(text.front()));
}

bool is_canonical_symbol(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  const auto allowed = [](char c) {
    return is_upper(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
  };
  return text.size() <= kLongest && std::all_of(text.begin(), text.end(), allowed) &&
         text.find('-') != std::string_view::npos && text.find("--") == std::string_view::npos &&
         text.front() != '-' && text.back() != '-';
}

bool is_symbol_pattern(std::string_view text) {
  std::string example(text);
  std::replace(example.begin(), example.end(), '*', 'A');
  return text.find('*') != std::string_view::npos && is_canonical_symbol(example);
}

bool is_native_symbol(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  return !text.empty() && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(), is_visible);
}

bool is_web_socket_url(std::string_view text) { return is_url(text, {"ws://", "wss://"}); }

bool is_http_url(std::string_view text) { return is_url(text, {"http://", "https://"}); }

bool is_header_name(std::string_view text) {
  const auto allowed = [](char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) || c == '-' || c == '_';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

bool is_header_value(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_visible(c) || c == ' '; });
}

bool is_json_pointer(std::string_view text) {
  text.remove_prefix(text.starts_with('^') ? 1 : 0);
  for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) {
      return false;
    }
  }
  return text.empty() || text.front() == '/';
}

bool is_origin(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme)) {
      const std::string_view host = text.substr(scheme.size());
      return host.find_first_of("/?#@") == std::string_view::npos && is_authority(host);
    }
  }
  return false;
}

std::optional<std::string> closest(std::string_view text, const std::vector<std::string>& names) {
  std::size_t best = std::max<std::size_t>(2, text.size() / 3) + 1;
  std::optional<std::string> found;
  for (const std::string& name : names) {
    if (text.size() > kLongestName || name.size() > kLongestName) {
      continue;
    }
    const std::size_t distance = edit_distance(text, name);
    if (distance < best) {
      best = distance;
      found = name;
    }
  }
  return found;
}

}  // namespace ticker::config
