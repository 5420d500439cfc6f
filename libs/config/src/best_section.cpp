#include "best_section.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "values.hpp"

namespace ticker::config {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kLongest = 24h;

// Whether a feed has the instrument. What a simulator makes, or a pattern brings, is not known here.
bool has_instrument(const Config& config, const std::string& symbol) {
  const auto colon = symbol.find(':');
  for (const Feed& feed : config.feeds) {
    if (colon != std::string::npos && feed.name == symbol.substr(0, colon)) {
      return feed.adapter == Feed::kSimulator ||
             std::any_of(feed.symbols.begin(), feed.symbols.end(),
                         [&](const Symbol& one) { return one.symbol == symbol.substr(colon + 1) ||
                      one.symbol.find('*') != std::string::npos; });
    }
  }
  return false;
}

}  // namespace

void read_best(Report& report, Section& root, Config& config) {
  constexpr const char* kFrom = "a feed's symbol such as kraken:BTC-USD, each once";
  std::set<std::string> symbols;
  const std::vector<const Node*> items = root.list("best");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Section section(report, items[i], "best[" + std::to_string(i) + "]");
    Best best;
    constexpr const char* kSymbol = "a symbol such as BTC-USD, without a venue, each once";
    section.text("symbol", kSymbol, [&](const std::string& text) {
      best.symbol = text;
      return is_canonical_symbol(text) && symbols.insert(text).second;
    });
    section.require("symbol", kSymbol);
    section.require("from", "a list of symbols with their venue");
    std::set<std::string> from;
    read_texts(report, section, "from", kFrom, [&](const std::string& text) {
      best.from.push_back(text);
      return from.insert(text).second && has_instrument(config, text);
    });
    // Which one gives a side is a byte of the quote.
    constexpr std::size_t kMostFrom = 255;
    if ((best.from.size() < 2 || best.from.size() > kMostFrom) && section.has("from")) {
      report.expected(section.at("from"), section.path_of("from"),
                      "two symbols at least, and 255 at most");
    }
    section.duration("crossed_ms", best.crossed, 0ms, kLongest);
    section.finish();
    config.best.push_back(std::move(best));
  }
  for (const Feed& feed : config.feeds) {
    if (!items.empty() && feed.name == "best") {
      report.expected(root.at("best"), "best", "no feed of this name beside it");
    }
  }
}

}  // namespace ticker::config
