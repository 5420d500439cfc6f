#include "api.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <ticker/protocol/http_body.hpp>
#include <ticker/protocol/request.hpp>

#include "etag.hpp"

namespace ticker::tickerd {
namespace {

net::HttpResponse reply(int status, std::string_view type, std::shared_ptr<const std::string> body) {
  net::HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", std::string(type)}, {"X-Content-Type-Options", "nosniff"}};
  response.body = std::move(body);
  return response;
}

net::HttpResponse json(int status, std::string body) {
  auto response = reply(status, "application/json", std::make_shared<const std::string>(std::move(body)));
  response.headers.emplace_back("Cache-Control", "no-cache");
  return response;
}

net::HttpResponse fault(int status, std::string_view code, std::string_view message) {
  return json(status, protocol::error_body(code, message));
}

// Not now: the client may ask again at once.
net::HttpResponse later(int status, std::string_view code, std::string_view message) {
  auto response = fault(status, code, message);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

net::HttpResponse Api::answer(const net::HttpRequest& request) {
  constexpr std::array<std::string_view, 6> kKnown = {"/healthz",    "/readyz",   "/v1/tickers",
                                                      "/v1/symbols", "/v1/feeds", "/v1/stream"};
  const bool is_asset = shared_.assets.contains(request.path);
  if (!is_asset && std::find(kKnown.begin(), kKnown.end(), request.path) == kKnown.end()) {
    return fault(404, "not_found",
                 "nothing is here; there are /, /v1/tickers, /v1/symbols, /v1/feeds, /v1/stream, /healthz and /readyz");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    auto response = fault(405, "method_not_allowed", "GET and HEAD are allowed");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  if (auto health = answer_health(request, shared_.readiness); health.status != 0) {
    return health;
  }
  const auto key = AddressKey::of(shared_.proxies.client(request.peer, request.header("X-Forwarded-For")));
  if (!shared_.admission.admit_request(key, shared_.clock.now())) {
    refused_.count(Refused::kRequestRate);
    return later(429, "rate_limited", "this address asks more often than allowed");
  }
  if (request.path == "/v1/tickers") {
    return tickers(request);
  }
  if (request.path == "/v1/symbols") {
    return cached(request, hub_.read_symbols());
  }
  if (request.path == "/v1/feeds") {
    return feeds(request);
  }
  if (is_asset) {
    return shared_.assets.answer(request);
  }
  auto response = fault(426, "upgrade_required", "/v1/stream is a WebSocket");
  response.headers.emplace_back("Upgrade", "websocket");
  return response;
}

net::HttpResponse Api::tickers(const net::HttpRequest& request) {
  const auto query = protocol::parse_tickers_query(request.query);
  if (const auto* error = std::get_if<protocol::RequestError>(&query)) {
    return fault(400, protocol::error_code_name(error->code), error->message);
  }
  const auto& asked = std::get<protocol::TickersQuery>(query);
  if (const std::size_t most = hub_.options().limits.entries; asked.symbols.size() > most) {
    return fault(400, protocol::error_code_name(protocol::ErrorCode::kTooManyEntries),
                 "more than " + std::to_string(most) + " symbols in one request");
  }
  return cached(request, hub_.read_tickers(asked));
}

net::HttpResponse Api::cached(const net::HttpRequest& request, const hub::Hub::Body& body) {
  const bool same = names_tag(request.header("If-None-Match"), body.etag);
  auto response = reply(same ? 304 : 200, "application/json", same ? nullptr : body.text);
  response.headers.emplace_back("ETag", body.etag);
  response.headers.emplace_back("Cache-Control", "no-cache");
  return held(request, std::move(response));
}

net::HttpResponse Api::held(const net::HttpRequest& request, net::HttpResponse response) {
  if (response.body && request.method != "HEAD") {
    response.body = bodies_.hold(response.body);
    if (!response.body) {
      refused_.count(Refused::kReplyBytes);
      return later(503, "limit_reached", "too much is being read by others");
    }
  }
  return response;
}

net::HttpResponse Api::feeds(const net::HttpRequest& request) {
  std::vector<protocol::FeedInfo> infos;
  for (const auto& status : hub_.state().feeds()) {
    const auto counts = hub_.count_feed(status.feed);
    infos.push_back({status, shared_.feeds.last_message(status.feed), counts.symbols, counts.stale});
  }
  return held(request, json(200, protocol::feeds_body(infos)));
}

net::HttpResponse answer_health(const net::HttpRequest& request, const Readiness& readiness) {
  if (request.path == "/healthz") {
    return json(200, R"({"status":"alive"})");
  }
  if (request.path == "/readyz") {
    const std::string reason = readiness.why_not();
    return reason.empty() ? json(200, R"({"status":"ready"})") : fault(503, "not_ready", reason);
  }
  net::HttpResponse none;
  none.status = 0;
  return none;
}

bool origin_allowed(std::string_view origin, const std::vector<std::string>& allowed) {
  return origin.empty() || allowed.empty() || std::find(allowed.begin(), allowed.end(), origin) != allowed.end();
}

void allow_origin(net::HttpResponse& response, std::string_view origin, const std::vector<std::string>& allowed) {
  if (origin.empty() || !origin_allowed(origin, allowed)) {
    return;
  }
  response.headers.emplace_back("Access-Control-Allow-Origin", allowed.empty() ? "*" : std::string(origin));
  response.headers.emplace_back("Access-Control-Expose-Headers", "ETag");
  if (!allowed.empty()) {
    response.headers.emplace_back("Vary", "Origin");
  }
}

}  // namespace ticker::tickerd
