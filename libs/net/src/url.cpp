#include <ticker/net/url.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>

namespace ticker::net {
namespace {

// Queries can carry tokens; they never appear in an error.
std::string quoted(const std::string& text) { return "\"" + text.substr(0, text.find('?')) + "\""; }

bool parse_port(const std::string& text, std::uint16_t& port) {
  if (text.empty() || text.size() > 5 ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return false;
  }
  const unsigned long value = std::stoul(text);
  port = static_cast<std::uint16_t>(value);
  return value >= 1 && value <= 65535;
}

bool is_host(const std::string& host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
  });
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

}  // namespace

bool Url::host_is_address() const {
  in_addr address{};
  return is_ipv6(host) || inet_pton(AF_INET, host.c_str(), &address) == 1;
}

std::string Url::host_header() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (secure ? 443 : 80) ? name : name + ":" + std::to_string(port);
}

std::optional<Error> parse_url(const std::string& text, Url& url) {
  Url parsed;
  std::string rest;
  if (text.compare(0, 5, "ws://") == 0) {
    rest = text.substr(5);
  } else if (text.compare(0, 6, "wss://") == 0) {
    parsed.secure = true;
    rest = text.substr(6);
  } else {
    return Error{"URL " + quoted(text) + " must begin with ws:// or wss://"};
  }
  if (std::any_of(rest.begin(), rest.end(),
                  [](unsigned char c) { return c <= ' ' || c >= 0x7f; })) {
    return Error{"URL " + quoted(text) + " contains a space, control or non-ASCII character"};
  }
  rest = rest.substr(0, rest.find('#'));
  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
  const std::string authority = rest.substr(0, path);
  parsed.target = rest.substr(path);
  if (parsed.target.empty() || parsed.target.front() != '/') {
    parsed.target.insert(parsed.target.begin(), '/');
  }
  if (authority.find('@') != std::string::npos) {
    return Error{"the wss:// or ws:// URL holds a user name, which is not supported"};
  }
  const bool bracketed = !authority.empty() && authority.front() == '[';
  const std::size_t end =
      bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (end == std::string::npos) {
    return Error{"URL " + quoted(text) + ": '[' without ']'"};
  }
  parsed.host = bracketed ? authority.substr(1, end - 1) : authority.substr(0, end);
  if (bracketed ? !is_ipv6(parsed.host) : !is_host(parsed.host)) {
    return Error{"URL " + quoted(text) + " has no valid host name"};
  }
  const std::string tail = authority.substr(bracketed ? end + 1 : end);
  parsed.port = parsed.secure ? 443 : 80;
  if (!tail.empty() && (tail.front() != ':' || !parse_port(tail.substr(1), parsed.port))) {
    return Error{"URL " + quoted(text) + ": the port must be a number from 1 to 65535"};
  }
  url = parsed;
  return std::nullopt;
}

}  // namespace ticker::net
