#pragma once

#include <string>
#include <string_view>

#include <ticker/hub/hub.hpp>
#include <ticker/net/http.hpp>

#include "shared.hpp"

namespace ticker::tickerd {

// The HTTP interface of one shard (PROTOCOL part 5): answers from the hub's replica, at once. The shard's thread.
class Api {
 public:
  Api(hub::Hub& hub, const Shared& shared) : hub_(hub), shared_(shared) {}

  net::HttpResponse answer(const net::HttpRequest& request);

 private:
  net::HttpResponse tickers(const net::HttpRequest& request);
  net::HttpResponse feeds();

  hub::Hub& hub_;
  const Shared& shared_;
};

// /healthz and /readyz, which the metrics address answers too; status 0: not one of these paths.
net::HttpResponse answer_health(const net::HttpRequest& request, const Readiness& readiness);

// Adds what a browser of an allowed origin needs to read the answer.
void allow_origin(net::HttpResponse& response, std::string_view origin, const std::vector<std::string>& allowed);
// Whether a browser page of this origin may connect; no origin: no browser.
bool origin_allowed(std::string_view origin, const std::vector<std::string>& allowed);

}  // namespace ticker::tickerd
