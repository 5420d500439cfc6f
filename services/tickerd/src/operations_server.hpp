#pragma once

#include <cstdint>
#include <string>

#include <ticker/base/result.hpp>
#include <ticker/metrics/registry.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/net/server.hpp>

#include "shared.hpp"

namespace ticker::tickerd {

// The operators' address: /metrics, /healthz and /readyz, exempt from the limits of clients. The main thread.
class OperationsServer final : private net::ServerHandler {
 public:
  OperationsServer(net::EventLoop& loop, std::string host, std::uint16_t port, const metrics::Registry& registry,
                   const Readiness& readiness);

  Status listen();
  std::uint16_t port() const { return server_.port(); }

 private:
  // Few scrapers are expected; more than this at a time are answered 503.
  static constexpr std::size_t kMaxConnections = 64;

  net::Admission admit(const net::Address& peer) override;
  void on_http_request(const net::HttpRequest& request, net::HttpResponder responder) override;

  const metrics::Registry& registry_;
  const Readiness& readiness_;
  net::Server server_;
};

}  // namespace ticker::tickerd
