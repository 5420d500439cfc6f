#include "polled_request.hpp"

#include <utility>

namespace ticker::ingest {
namespace {

constexpr int kForbidden = 403;

}  // namespace

HttpFetcher::Request PolledRequest::request(const FeedOptions& options) const {
  HttpFetcher::Request request;
  request.url = poll.url;
  request.headers = options.poll.headers;
  if (!etag.empty()) {
    request.headers.push_back("If-None-Match: " + etag);
  }
  if (!last_modified.empty()) {
    request.headers.push_back("If-Modified-Since: " + last_modified);
  }
  // What the configured ones hold is for this host.
  request.follow_redirects = options.poll.headers.empty();
  request.ca_file = options.ca_file;
  request.timeout = options.poll.timeout;
  request.max_bytes = options.poll.max_bytes;
  return request;
}

void PolledRequest::remember(HttpFetcher::Reply reply) {
  etag = std::move(reply.etag);
  last_modified = std::move(reply.last_modified);
}

void PolledRequest::forget_answer() {
  etag.clear();
  last_modified.clear();
}

bool is_overload(int status) {
  constexpr int kBanned = 418;
  constexpr int kTooManyRequests = 429;
  constexpr int kUnavailable = 503;
  return status == kBanned || status == kTooManyRequests || status == kUnavailable;
}

bool is_refusal(int status) {
  constexpr int kUnauthorized = 401;
  return status >= 400 && status < 500 && status != kUnauthorized && status != kForbidden &&
         !is_overload(status);
}

}  // namespace ticker::ingest
