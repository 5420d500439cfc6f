#include "operations_server.hpp"

#include <memory>
#include <utility>

#include "api.hpp"

namespace ticker::tickerd {
namespace {

constexpr std::size_t kRefusedAtOnce = 8;

net::ServerOptions server_options(std::string host, std::uint16_t port) {
  net::ServerOptions options;
  options.host = std::move(host);
  options.port = port;
  options.refused_at_once = kRefusedAtOnce;
  return options;
}

}  // namespace

OperationsServer::OperationsServer(net::EventLoop& loop, std::string host, std::uint16_t port, Sources sources)
    : sources_(std::move(sources)), server_(loop, *this, server_options(std::move(host), port)) {}

Status OperationsServer::listen() {
  if (const auto error = server_.listen()) {
    return Error{error->message};
  }
  return {};
}

net::Admission OperationsServer::admit(const net::Address&) {
  return server_.connections() < kMaxConnections ? net::Admission::kAdmit : net::Admission::kTooMany;
}

void OperationsServer::on_http_request(const net::HttpRequest& request, net::HttpResponder responder) {
  if (request.method != "GET" && request.method != "HEAD") {
    auto response = net::json_error(405, "method_not_allowed", "GET and HEAD are allowed");
    response.headers.emplace_back("Allow", "GET, HEAD");
    responder.respond(std::move(response));
    return;
  }
  if (request.path == "/metrics") {
    net::HttpResponse response;
    response.headers = {{"Content-Type", std::string(metrics::Registry::kContentType)}};
    response.body = std::make_shared<const std::string>(sources_.registry.scrape());
    responder.respond(std::move(response));
    return;
  }
  if (request.path == "/v1/feeds") {
    sources_.read_feeds(std::move(responder));
    return;
  }
  if (sources_.assets.contains(request.path)) {
    responder.respond(sources_.assets.answer(request));
    return;
  }
  auto response = answer_health(request, sources_.readiness);
  responder.respond(response.status != 0
                        ? std::move(response)
                        : net::json_error(404, "not_found", "here are /, /metrics, /v1/feeds, /healthz and /readyz"));
}

}  // namespace ticker::tickerd
