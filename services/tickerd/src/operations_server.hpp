#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <ticker/base/result.hpp>
#include <ticker/metrics/registry.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/net/server.hpp>

#include "shared.hpp"

namespace ticker::tickerd {

// The operators' address: their page with its files, /metrics, /v1/feeds, /healthz and /readyz, exempt from the limits of clients.
// The main thread.
class OperationsServer final : private net::ServerHandler {
 public:
  // Where the answers come from. `read_feeds` answers on the main thread, now or later.
  struct Sources {
    const metrics::Registry& registry;
    const Readiness& readiness;
    const Assets& assets;
    std::function<void(net::HttpResponder)> read_feeds;
  };

  OperationsServer(net::EventLoop& loop, std::string host, std::uint16_t port, Sources sources);

  Status listen();
  std::uint16_t port() const { return server_.port(); }

 private:
  // Few scrapers and pages are expected; more than this at a time are answered 503.
  static constexpr std::size_t kMaxConnections = 64;

  net::Admission admit(const net::Address& peer) override;
  void on_http_request(const net::HttpRequest& request, net::HttpResponder responder) override;

  const Sources sources_;
  net::Server server_;
};

}  // namespace ticker::tickerd
