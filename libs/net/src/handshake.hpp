#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/net/http.hpp>
#include <ticker/net/url.hpp>

namespace ticker::net {

// Reads HTTP requests, one after another, over websocketpp's parser, and knows the server's half of
// a WebSocket handshake.
class RequestReader {
 public:
  static constexpr std::size_t kMaxBody = 65536;

  RequestReader();
  ~RequestReader();

  enum class State { kMore, kReady, kRefused };
  // Takes bytes up to the end of one request; `consumed` says how many. After kRefused the
  // connection is of no more use.
  State read(const char* data, std::size_t size, std::size_t& consumed);
  // With kRefused: what to answer.
  const HttpResponse& refusal() const { return refusal_; }

  // With kReady:
  HttpRequest request(const Address& peer) const;
  bool keep_alive() const;
  bool is_upgrade() const;
  // Nothing if the handshake is right by RFC 6455, else what to answer.
  std::optional<HttpResponse> check_upgrade() const;
  std::vector<std::string> subprotocols() const;
  // The head of the 101 answer.
  std::string accept_upgrade(const std::string& subprotocol) const;

  // Ready for the next request.
  void reset();

 private:
  std::optional<HttpResponse> check_request() const;

  struct Parts;
  std::unique_ptr<Parts> parts_;
  HttpResponse refusal_;
};

// The head of an answer; `body_size` nothing: no Content-Length. Headers with line breaks in them
// are left out.
std::string response_head(const HttpResponse& response, std::optional<std::size_t> body_size,
                          bool close);

// The client's half of a WebSocket handshake.
class ClientHandshake {
 public:
  ClientHandshake();
  ~ClientHandshake();

  std::string request(const Url& url, const std::vector<std::string>& subprotocols,
                      const Headers& headers);

  enum class State { kMore, kOpen, kRefused };
  State read(const char* data, std::size_t size, std::size_t& consumed);
  // With kOpen: what the server chose.
  std::string subprotocol() const;
  // With kRefused: why; the status (0 if the answer was no HTTP), and its Retry-After.
  const std::string& failure() const { return failure_; }
  int status() const;
  std::string retry_after() const;

 private:
  std::string check_response() const;

  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::string failure_;
  std::vector<std::string> offered_;
};

}  // namespace ticker::net
