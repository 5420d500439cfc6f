#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <ticker/metrics/counter_set.hpp>
#include <ticker/metrics/family.hpp>
#include <ticker/metrics/histogram.hpp>

namespace ticker::metrics {

// One scrape being put together. Samples of one family with equal labels are added up: that is how
// the instances of several threads become one series. One thread, the scraping one.
class Writer {
 public:
  using Labels = std::initializer_list<std::string_view>;
  // Values that a label may have, by the label's name; see Registry::allow_label().
  using AllowedLabels = std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;

  // `allowed` must outlive the writer.
  explicit Writer(const AllowedLabels& allowed);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // A counter or gauge in its base unit (seconds, bytes). Requires: as many labels as the family
  // has.
  void value(Family family, Labels labels, double value);
  // Requires: a family of type kHistogram.
  void histogram(Family family, Labels labels, const Histogram::Reading& reading);
  // Every counter of the set; its values are the family's last label, `labels` those before it.
  void counters(Family family, Labels labels, const CounterSet& set);

  // Everything written so far, as text.
  std::string text() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticker::metrics
