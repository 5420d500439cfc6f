#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/metrics/writer.hpp>

namespace ticker::metrics {

// Gathers what the service counts into the text that Prometheus scrapes. It holds no numbers: each
// collector reads the counters of its part (hub shards, feeds, HTTP) when asked. One thread: the
// one that serves /metrics.
class Registry {
 public:
  using Collector = std::function<void(Writer&)>;

  // ticker_build_info and process_* are there without further ado.
  explicit Registry(std::string version);

  // Called in every scrape, on the scraping thread: reads Counters and the like, waits for nobody.
  void add_collector(Collector collector);

  // From now on a label of this name takes these values only; any other value is written as
  // `other`, all of them as one series. A label never restricted takes whatever the collectors
  // write: none may come from a peer.
  void allow_label(const std::string& label, std::set<std::string, std::less<>> values);

  // The scrape in Prometheus's text format 0.0.4: every family with help and type, those without
  // samples too.
  std::string scrape() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  std::string version_;
  std::vector<Collector> collectors_;
  Writer::AllowedLabels allowed_;
};

}  // namespace ticker::metrics
