#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/metrics/counter.hpp>

namespace ticker::metrics {

class Writer;

// HTTP requests by path and status (ticker_http_requests_total). The paths are those that the
// service has, given once; any other path a client asks for is counted as `other`, and so is a
// status that the service is not known to send. One thread writes, any thread reads: one a shard.
class HttpStats {
 public:
  explicit HttpStats(std::vector<std::string> paths);

  void count(std::string_view path, int status) noexcept;
  void collect(Writer& writer) const;

 private:
  // fixed after construction
  std::vector<std::string> paths_;       // `other` last
  std::unique_ptr<Counter[]> counters_;  // path by path, each with a counter for every known status
};

}  // namespace ticker::metrics
