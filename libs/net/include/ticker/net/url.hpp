#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <ticker/net/error.hpp>

namespace ticker::net {

// The parts of a ws:// or wss:// URL.
struct Url {
  bool secure = false;
  std::string host;        // without brackets: "stream.example.com", "127.0.0.1", "::1"
  std::uint16_t port = 0;  // as given, else 80 or 443
  std::string target;      // path and query as sent: "/ws?streams=a"; "/" if none

  bool host_is_address() const;
  // As the Host header wants it: brackets round IPv6, the port only where it is not the scheme's.
  std::string host_header() const;
};

// Fills `url`, or says what is wrong with `text` (which is quoted without its query).
[[nodiscard]] std::optional<Error> parse_url(const std::string& text, Url& url);

}  // namespace ticker::net
