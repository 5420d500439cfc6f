#include <ticker/metrics/writer.hpp>

#include <array>
#include <cassert>
#include <sstream>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace ticker::metrics {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;
constexpr double kMicrosecondsPerSecond = 1e6;

prometheus::MetricType prometheus_type(FamilyType type) {
  switch (type) {
    case FamilyType::kCounter:
      return prometheus::MetricType::Counter;
    case FamilyType::kGauge:
      return prometheus::MetricType::Gauge;
    case FamilyType::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric::Histogram to_prometheus(const Histogram::Reading& reading) {
  prometheus::ClientMetric::Histogram out;
  for (std::size_t i = 0; i < Histogram::kBounds.size(); ++i) {
    out.sample_count += reading.counts[i];
    out.bucket.push_back({out.sample_count, static_cast<double>(Histogram::kBounds[i].count()) /
                                                kMicrosecondsPerSecond});
  }
  out.sample_count += reading.counts.back();
  out.sample_sum = static_cast<double>(reading.sum.count()) / kNanosecondsPerSecond;
  return out;
}

}  // namespace

class Writer::Impl {
 public:
  explicit Impl(const AllowedLabels& allowed) : allowed_(allowed) {}

  void value(Family family, std::vector<std::string> labels, double value) {
    assert(family_info(family).type != FamilyType::kHistogram);
    values_[index(family)][allowed(family, std::move(labels))] += value;
  }

  void histogram(Family family, std::vector<std::string> labels,
                 const Histogram::Reading& reading) {
    assert(family_info(family).type == FamilyType::kHistogram);
    Histogram::Reading& sum = histograms_[index(family)][allowed(family, std::move(labels))];
    for (std::size_t i = 0; i < sum.counts.size(); ++i) {
      sum.counts[i] += reading.counts[i];
    }
    sum.sum += reading.sum;
  }

  std::string text() const {
    std::vector<prometheus::MetricFamily> families;
    for (std::size_t i = 0; i < kFamilyCount; ++i) {
      families.push_back(family(static_cast<Family>(i)));
    }
    std::ostringstream out;
    prometheus::TextSerializer{}.Serialize(out, families);
    return std::move(out).str();
  }

 private:
  using LabelValues = std::vector<std::string>;

  static std::size_t index(Family family) { return static_cast<std::size_t>(family); }

  LabelValues allowed(Family family, LabelValues values) const {
    const FamilyInfo& info = family_info(family);
    assert(values.size() == info.labels.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto list = allowed_.find(info.labels[i]);
      if (list != allowed_.end() && !list->second.contains(values[i])) {
        values[i] = "other";
      }
    }
    return values;
  }

  prometheus::MetricFamily family(Family family) const {
    const FamilyInfo& info = family_info(family);
    prometheus::MetricFamily out{
        std::string{info.name}, std::string{info.help}, prometheus_type(info.type), {}};
    for (const auto& [labels, value] : values_[index(family)]) {
      out.metric.push_back(metric(info, labels));
      out.metric.back().counter.value = value;
      out.metric.back().gauge.value = value;
    }
    for (const auto& [labels, reading] : histograms_[index(family)]) {
      out.metric.push_back(metric(info, labels));
      out.metric.back().histogram = to_prometheus(reading);
    }
    return out;
  }

  static prometheus::ClientMetric metric(const FamilyInfo& info, const LabelValues& values) {
    prometheus::ClientMetric out;
    for (std::size_t i = 0; i < values.size(); ++i) {
      out.label.push_back({std::string{info.labels[i]}, values[i]});
    }
    return out;
  }

  const AllowedLabels& allowed_;
  std::array<std::map<LabelValues, double>, kFamilyCount> values_;
  std::array<std::map<LabelValues, Histogram::Reading>, kFamilyCount> histograms_;
};

Writer::Writer(const AllowedLabels& allowed) : impl_(std::make_unique<Impl>(allowed)) {}
Writer::~Writer() = default;

void Writer::value(Family family, Labels labels, double value) {
  impl_->value(family, {labels.begin(), labels.end()}, value);
}

void Writer::histogram(Family family, Labels labels, const Histogram::Reading& reading) {
  impl_->histogram(family, {labels.begin(), labels.end()}, reading);
}

void Writer::counters(Family family, Labels labels, const CounterSet& set) {
  std::vector<std::string> values{labels.begin(), labels.end()};
  values.emplace_back();
  for (std::size_t i = 0; i < set.values().size(); ++i) {
    values.back() = set.values()[i];
    impl_->value(family, values, static_cast<double>(set.count_at(i)));
  }
}

std::string Writer::text() const { return impl_->text(); }

}  // namespace ticker::metrics
