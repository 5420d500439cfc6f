#include "feed_section.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "values.hpp"

namespace ticker::config {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kLongest = 24h;
constexpr const char* kSymbolExpectation =
    "a symbol such as BTC-USDT, in capitals and without the venue";
constexpr const char* kNativeExpectation = "the venue's own name of the instrument";

Symbol read_symbol(Report& report, const Node& node, const std::string& path) {
  Symbol symbol;
  if (node.kind == Node::Kind::kMap) {
    Section section(report, &node, path);
    section.text("symbol", kSymbolExpectation, [&symbol](const std::string& text) {
      symbol.symbol = text;
      return is_canonical_symbol(text);
    });
    section.text("native", kNativeExpectation, [&symbol](const std::string& text) {
      symbol.native = text;
      return is_native_symbol(text);
    });
    section.require("symbol", kSymbolExpectation);
    section.require("native", kNativeExpectation);
    section.finish();
  } else if (node.kind != Node::Kind::kScalar) {
    report.expected(node, path, std::string{kSymbolExpectation} + ", or {symbol: …, native: …}");
  } else if (const auto text = report.expand(node, path)) {
    symbol.symbol = *text;
    if (!is_canonical_symbol(*text)) {
      report.expected(node, path, kSymbolExpectation);
    }
  }
  return symbol;
}

void read_symbols(Report& report, Section& section, std::vector<Symbol>& symbols) {
  std::set<std::string> names;
  std::set<std::string> natives;
  const std::vector<const Node*> items = section.list("symbols");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string path = section.path_of("symbols") + "[" + std::to_string(i) + "]";
    Symbol symbol = read_symbol(report, *items[i], path);
    if (!symbol.symbol.empty() && !names.insert(symbol.symbol).second) {
      const Node* again = items[i]->find("symbol");
      report.expected(again == nullptr ? *items[i] : *again, path, "each symbol of a feed once");
    }
    if (!symbol.native.empty() && !natives.insert(symbol.native).second) {
      report.expected(*items[i]->find("native"), path + ".native",
                      "each native name of a feed once");
    }
    symbols.push_back(std::move(symbol));
  }
  if (items.empty() && section.has("symbols") &&
      section.at("symbols").kind == Node::Kind::kSequence) {
    report.expected(section.at("symbols"), section.path_of("symbols"), "one symbol at least");
  }
}

void read_adapter(Section& section, const LoadOptions& options, std::string& adapter) {
  std::vector<std::string> names = options.adapters;
  names.emplace_back(Feed::kSimulator);
  std::string expectation = "one of ";
  for (const std::string& name : names) {
    expectation += (name == names.front() ? "" : ", ") + name;
  }
  section.text("adapter", expectation, [&](const std::string& text) {
    const bool known = std::find(names.begin(), names.end(), text) != names.end();
    adapter = known ? text : "";
    return known;
  });
  section.require("adapter", expectation);
}

void read_venue(Report& report, Section& section, const std::string& folder, Feed& feed) {
  section.text("url", "a URL that begins with wss:// or ws://", [&feed](const std::string& text) {
    feed.url = text;
    return is_web_socket_url(text);
  });
  section.text("ca_file", "a readable file of certificates in PEM form",
               [&](const std::string& text) {
                 feed.ca_file = (std::filesystem::path(folder) / text).string();
                 std::ifstream file(feed.ca_file);
                 std::string beginning;
                 return !text.empty() && std::getline(file, beginning).good();
               });
  section.text("trades", "trade or aggTrade", [&feed](const std::string& text) {
    feed.trades = text;
    return text == "trade" || text == "aggTrade";
  });
  read_symbols(report, section, feed.symbols);
}

void read_simulator(Section& section, Simulator& simulator) {
  constexpr std::size_t kMostSeed = 0xffff'ffff;
  constexpr std::size_t kMostInstruments = 100'000;
  constexpr std::size_t kMostUpdates = 10'000'000;
  std::size_t seed = simulator.seed;
  section.number("seed", seed, 0, kMostSeed);
  simulator.seed = seed;
  section.number("instruments", simulator.instruments, 1, kMostInstruments);
  section.number("updates_per_second", simulator.updates_per_second, 0, kMostUpdates);
}

void check_keys_of_adapter(Section& section, const std::string& adapter) {
  if (adapter == Feed::kSimulator) {
    for (const char* key : {"url", "ca_file", "trades", "symbols"}) {
      section.forbid(key, "with adapter: simulator");
    }
    return;
  }
  for (const char* key : {"seed", "instruments", "updates_per_second"}) {
    section.forbid(key, "unless adapter is simulator");
  }
  section.require("url", "a URL that begins with wss:// or ws://");
  section.require("symbols", "a list of symbols");
}

}  // namespace

Feed read_feed(Report& report, const Node& node, const std::string& path,
               const LoadOptions& options, const std::string& folder) {
  Feed feed;
  Section section(report, &node, path);
  const std::string name_expectation = "a name of lower-case letters, digits, - and _, 32 at most";
  section.text("name", name_expectation, [&feed](const std::string& text) {
    feed.name = text;
    return is_feed_name(text);
  });
  section.require("name", name_expectation);
  read_adapter(section, options, feed.adapter);
  section.boolean("required", feed.required);
  std::chrono::milliseconds feed_timeout{0};
  section.duration("feed_timeout_ms", feed_timeout, 10ms, kLongest);
  if (feed_timeout > 0ms) {
    feed.feed_timeout = feed_timeout;
  }
  section.duration("instrument_timeout_ms", feed.instrument_timeout, 0ms, kLongest);
  read_venue(report, section, folder, feed);
  read_simulator(section, feed.simulator);
  if (!feed.adapter.empty()) {
    check_keys_of_adapter(section, feed.adapter);
  }
  section.finish();
  return feed;
}

}  // namespace ticker::config
