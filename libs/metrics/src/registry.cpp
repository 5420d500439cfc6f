#include <ticker/metrics/registry.hpp>

#include <utility>

#include "process_stats.hpp"

namespace ticker::metrics {

Registry::Registry(std::string version) : version_(std::move(version)) {}

void Registry::add_collector(Collector collector) { collectors_.push_back(std::move(collector)); }

void Registry::allow_label(const std::string& label, std::set<std::string, std::less<>> values) {
  allowed_[label] = std::move(values);
}

std::string Registry::scrape() const {
  Writer writer(allowed_);
  writer.value(Family::kBuildInfo, {version_}, 1);
  collect_process(writer);
  for (const Collector& collector : collectors_) {
    collector(writer);
  }
  return writer.text();
}

}  // namespace ticker::metrics
