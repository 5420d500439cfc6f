#include "api.hpp"

#include <algorithm>
#include <array>
#include <chrono>
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

// What a browser asks before it sends a token or a tag for a page of another origin.
net::HttpResponse preflight() {
  net::HttpResponse response;
  response.status = 204;
  response.headers = {{"Access-Control-Allow-Methods", "GET, HEAD"},
                      {"Access-Control-Allow-Headers", "Authorization, If-None-Match"},
                      {"Access-Control-Max-Age", "600"}};
  return response;
}

// Not now: the client may ask again then.
net::HttpResponse later(int status, std::string_view code, std::string_view message,
                        std::chrono::milliseconds wait = std::chrono::seconds(1)) {
  auto response = fault(status, code, message);
  response.headers.emplace_back("Retry-After", std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count()));
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
  const std::string_view origin = request.header("Origin");
  if (request.path.starts_with("/v1/") && !origin_allowed(origin, shared_.allowed_origins)) {
    refused_.count(Refused::kOrigin);
    return fault(403, "origin_refused", "pages of this origin may not ask");
  }
  if (request.method == "OPTIONS" && !request.header("Access-Control-Request-Method").empty()) {
    return preflight();
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
  if (is_asset) {
    return shared_.assets.answer(request);
  }
  if (request.path == "/v1/stream") {
    auto response = fault(426, "upgrade_required", "/v1/stream is a WebSocket");
    response.headers.emplace_back("Upgrade", "websocket");
    return response;
  }
  auto access = access_of(request, key);
  if (auto* refused = std::get_if<net::HttpResponse>(&access)) {
    return std::move(*refused);
  }
  auto response = read(request, *std::get<0>(access));
  if (shared_.tokens.required()) {
    // What one token may see is not for a cache that others ask too.
    response.headers.emplace_back("Vary", "Authorization");
  }
  return response;
}

std::variant<std::shared_ptr<const hub::Access>, net::HttpResponse> Api::access_of(const net::HttpRequest& request,
                                                                                   const AddressKey& from) {
  static const auto kEverything = std::make_shared<const hub::Access>();
  if (!shared_.tokens.required()) {
    return kEverything;
  }
  const auto shown = shown_token(request);
  std::variant<TokenGate::Pass, TurnedAway> checked = TurnedAway{
      protocol::CloseCode::kUnauthorised, "a token is required: Authorization: Bearer, or ?token="};
  if (shown) {
    checked = tokens_.check(shown->text, from);
  }
  if (auto* pass = std::get_if<TokenGate::Pass>(&checked)) {
    if (request.path == "/v1/tickers" && !shared_.tokens.admit_read(*pass, shared_.clock.now())) {
      refused_.count(Refused::kTokenInterval);
      return later(429, "rate_limited", "the token allows to read less often", pass->grant.access->min_interval);
    }
    return std::move(pass->grant.access);
  }
  const auto& wrong = std::get<TurnedAway>(checked);
  const auto [status, code] = http_code(wrong.code);
  if (status == 429) {
    return later(status, code, wrong.message);
  }
  refused_.count(Refused::kToken);
  auto response = fault(status, code, wrong.message);
  response.headers.emplace_back("WWW-Authenticate", shown ? R"(Bearer error="invalid_token")" : "Bearer");
  return response;
}

net::HttpResponse Api::read(const net::HttpRequest& request, const hub::Access& access) {
  if (request.path == "/v1/tickers") {
    return tickers(request, access);
  }
  return request.path == "/v1/symbols" ? cached(request, hub_.read_symbols(access.symbols)) : held(request, json(200, feeds(access.symbols)));
}

net::HttpResponse Api::tickers(const net::HttpRequest& request, const hub::Access& access) {
  const auto query = protocol::parse_tickers_query(request.query);
  if (const auto* error = std::get_if<protocol::RequestError>(&query)) {
    return fault(400, protocol::error_code_name(error->code), error->message);
  }
  const auto& asked = std::get<protocol::TickersQuery>(query);
  if (const std::size_t most = hub_.options().limits.entries; asked.symbols.size() > most) {
    return fault(400, protocol::error_code_name(protocol::ErrorCode::kTooManyEntries),
                 "more than " + std::to_string(most) + " symbols in one request");
  }
  // All is what it is without `fields` too.
  if (asked.fields != market::FieldSet::all() && !access.allows(asked.fields)) {
    const auto hidden = asked.fields - access.fields - market::Field::kStale;
    return fault(400, protocol::error_code_name(protocol::ErrorCode::kUnknownField),
                 "no field \"" + std::string(market::field_name(*hidden.begin())) + '"');
  }
  return cached(request, hub_.read_tickers(asked, access));
}

net::HttpResponse Api::cached(const net::HttpRequest& request, const hub::Hub::Body& body) {
  const bool same = names_tag(request.header("If-None-Match"), body.etag);
  auto response = reply(same ? 304 : 200, "application/json", same ? nullptr : body.text);
  response.headers.emplace_back("ETag", body.etag);
  response.headers.emplace_back("Cache-Control", shared_.tokens.required() ? "private, no-cache" : "no-cache");
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

net::HttpResponse Api::read_feeds() const { return json(200, feeds(hub::Access().symbols)); }

std::string Api::feeds(const hub::SymbolFilter& filter) const {
  std::vector<protocol::FeedInfo> infos;
  for (const auto& status : hub_.state().feeds()) {
    if (!filter.shows_feed(hub_.state(), status.feed)) {
      continue;
    }
    const auto counts = hub_.count_feed(status.feed, filter);
    infos.push_back({status, shared_.feeds.last_message(status.feed), counts.symbols, counts.stale});
    if (!filter.allows_all()) {
      infos.back().status.reason.clear();  // it may name instruments, of other venues too
    }
  }
  return protocol::feeds_body(infos);
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
