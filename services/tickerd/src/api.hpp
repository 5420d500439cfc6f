#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include <ticker/hub/hub.hpp>
#include <ticker/net/http.hpp>

#include "edge_stats.hpp"
#include "reply_bodies.hpp"
#include "shared.hpp"
#include "token_checks.hpp"

namespace ticker::tickerd {

// The HTTP interface of one shard (PROTOCOL part 5): answers from the hub's replica, at once. The shard's thread.
class Api {
 public:
  // `reply_bytes`: of the bodies that are being read, see ReplyBodies.
  Api(hub::Hub& hub, const Shared& shared, RefusedStats& refused, TokenChecks& tokens, std::size_t reply_bytes)
      : hub_(hub), shared_(shared), refused_(refused), tokens_(tokens), bodies_(reply_bytes) {}

  net::HttpResponse answer(const net::HttpRequest& request);
  // All feeds, for operators.
  net::HttpResponse read_feeds() const;
  void set_reply_bytes(std::size_t bytes) { bodies_.set_most(bytes); }

 private:
  // What whoever asks may see, or the answer if that is nothing.
  std::variant<std::shared_ptr<const hub::Access>, net::HttpResponse> access_of(const net::HttpRequest& request,
                                                                                const AddressKey& from);
  net::HttpResponse read(const net::HttpRequest& request, const hub::Access& access);
  net::HttpResponse tickers(const net::HttpRequest& request, const hub::Access& access);
  std::string feeds(const hub::SymbolFilter& filter) const;
  net::HttpResponse cached(const net::HttpRequest& request, const hub::Hub::Body& body);
  // The response, its body held; or, without room for it, another one.
  net::HttpResponse held(const net::HttpRequest& request, net::HttpResponse response);

  hub::Hub& hub_;
  const Shared& shared_;
  RefusedStats& refused_;
  TokenChecks& tokens_;
  ReplyBodies bodies_;
};

// /healthz and /readyz, which the metrics address answers too; status 0: not one of these paths.
net::HttpResponse answer_health(const net::HttpRequest& request, const Readiness& readiness);

// Adds what a browser of an allowed origin needs to read the answer.
void allow_origin(net::HttpResponse& response, std::string_view origin, const std::vector<std::string>& allowed);
// Whether a browser page of this origin may connect; no origin: no browser.
bool origin_allowed(std::string_view origin, const std::vector<std::string>& allowed);

}  // namespace ticker::tickerd
