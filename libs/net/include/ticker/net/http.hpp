#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ticker/net/address.hpp>

namespace ticker::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

// A request as received, its body (65,536 bytes at most) already read and dropped.
struct HttpRequest {
  std::string method;  // "GET"
  std::string path;    // "/v1/tickers", as sent (still percent-encoded)
  std::string query;   // "symbols=a%2Cb", as sent, without '?'
  Headers headers;     // several of one name are joined by ", "
  Address peer;

  // The value of a header, by case-insensitive name; empty if there is none. Stands in the
  // request.
  std::string_view header(std::string_view name) const;
  // The decoded value of the first `name=` in the query; nothing if there is none.
  std::optional<std::string> query_value(std::string_view name) const;
};

// %XX and, in queries, '+'. Malformed escapes stay as they are.
std::string percent_decode(std::string_view text, bool plus_is_space);

struct HttpResponse {
  int status = 200;
  Headers headers;                          // without Content-Length, Connection, Date
  std::shared_ptr<const std::string> body;  // shared, written from where it stands; null is empty
};

// {"error":{"code":…,"message":…}} with its content type.
HttpResponse json_error(int status, std::string_view code, std::string_view message);

// The right to answer one request, once, now or later, on the loop thread. Copies share it.
// Answering after the connection has gone does nothing. When the last copy goes without an answer,
// the answer is 500.
class HttpResponder {
 public:
  class Exchange;
  explicit HttpResponder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

  void respond(HttpResponse response) const;

 private:
  std::shared_ptr<Exchange> exchange_;
};

}  // namespace ticker::net
