#include "feed_section.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "json_section.hpp"
#include "values.hpp"

namespace ticker::config {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kLongest = 24h;
constexpr const char* kSymbolExpectation =
    "a symbol such as BTC-USDT, in capitals and without the venue";
constexpr const char* kNativeExpectation = "the venue's own name of the instrument";

Symbol read_symbol(Report& report, const Node& node, const std::string& path, bool has_listing) {
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
    if (has_listing && !is_canonical_symbol(*text) && !is_symbol_pattern(*text)) {
      report.expected(node, path, std::string{kSymbolExpectation} + ", or a pattern such as *-USDT");
    } else if (!has_listing && !is_canonical_symbol(*text)) {
      report.expected(node, path, kSymbolExpectation);
    }
  }
  return symbol;
}

bool has_listing(const LoadOptions& options, const std::string& adapter) {
  return options.has_listing && options.has_listing(adapter);
}

bool is_described(const std::string& adapter) {
  return adapter == Feed::kJsonWebSocket || adapter == Feed::kHttpPoll;
}

// The symbols of one feed: each must be one that the venue can have, under a name of its own there.
class SymbolCheck {
 public:
  SymbolCheck(Report& report, const LoadOptions& options, const Feed& feed)
      : report_(report),
        options_(options),
        adapter_(feed.adapter),
        native_form_(feed.json.native_form) {}

  void take(const Symbol& symbol, const Node& node, const std::string& path) {
    const Node* name = node.find("symbol");
    if (!is_canonical_symbol(symbol.symbol)) {
      return;  // said already
    }
    const Node* given = node.find("native");
    if (!names_.insert(symbol.symbol).second) {
      report_.expected(name == nullptr ? node : *name, path, "each symbol of a feed once");
      if (given == nullptr) {
        return;
      }
    }
    const auto native = given == nullptr ? derived(symbol) : symbol.native;
    if (!native) {
      report_.expected(node, path,
                       "a symbol that " + adapter_ + " can have, or {symbol: …, native: …}");
    } else if (const auto [other, is_new] = symbols_.emplace(*native, symbol.symbol);
               !native->empty() && !is_new) {
      report_.expected(
          given == nullptr ? node : *given, given == nullptr ? path : path + ".native",
          "each native name of a feed once (" + *native + " is that of " + other->second + ")");
    }
  }

 private:
  // Empty: not known, since the adapter is not.
  std::optional<std::string> derived(const Symbol& symbol) const {
    if (is_described(adapter_)) {
      return native_form_.empty() ? std::nullopt : std::optional(std::string{});
    }
    return adapter_.empty() || adapter_ == Feed::kSimulator || adapter_ == Feed::kRecording ||
                   !options_.native_name
               ? std::string{}
               : options_.native_name(adapter_, symbol.symbol);
  }

  Report& report_;
  const LoadOptions& options_;
  const std::string& adapter_;
  const std::string& native_form_;
  std::set<std::string> names_;
  std::map<std::string, std::string> symbols_;  // by native name
};

void read_symbols(Report& report, Section& section, const LoadOptions& options, Feed& feed) {
  SymbolCheck check(report, options, feed);
  const std::vector<const Node*> items = section.list("symbols");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string path = section.path_of("symbols") + "[" + std::to_string(i) + "]";
    feed.symbols.push_back(read_symbol(report, *items[i], path, has_listing(options, feed.adapter)));
    if (is_symbol_pattern(feed.symbols.back().symbol) && !feed.discovery) {
      feed.discovery.emplace();
    }
    check.take(feed.symbols.back(), *items[i], path);
  }
  if (items.empty() && section.has("symbols") &&
      section.at("symbols").kind == Node::Kind::kSequence) {
    report.expected(section.at("symbols"), section.path_of("symbols"), "one symbol at least");
  }
}

void read_adapter(Section& section, const LoadOptions& options, std::string& adapter) {
  std::vector<std::string> names = options.adapters;
  names.emplace_back(Feed::kJsonWebSocket);
  names.emplace_back(Feed::kHttpPoll);
  names.emplace_back(Feed::kRecording);
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

std::string url_expectation(const std::string& adapter) {
  return adapter == Feed::kHttpPoll ? "a URL that begins with https:// or http://"
                                    : "a URL that begins with wss:// or ws://";
}

void read_venue(Report& report, Section& section, const LoadOptions& options,
                const std::string& folder, Feed& feed) {
  section.text("url", url_expectation(feed.adapter), [&feed](const std::string& text) {
    feed.url = text;
    return feed.adapter == Feed::kHttpPoll ? is_http_url(text) : is_web_socket_url(text);
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
  read_symbols(report, section, options, feed);
  section.boolean("record", feed.record);
}

void read_discovery(Section section, const std::string& folder, Discovery& discovery) {
  constexpr std::size_t kMostSymbols = 100'000;
  section.text("url", "a URL that begins with https:// or http://", [&](const std::string& text) {
    discovery.url = text;
    return is_http_url(text);
  });
  section.text("cache_folder", "a folder", [&](const std::string& text) {
    discovery.cache_folder = (std::filesystem::path(folder) / text).string();
    return !text.empty();
  });
  section.duration("timeout_ms", discovery.timeout, 10ms, kLongest);
  section.number("max_symbols", discovery.max_symbols, 1, kMostSymbols);
  section.finish();
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

void read_speed(Section& section, double& speed) {
  constexpr double kLeast = 0.1;
  constexpr double kMost = 1'000;
  section.text("speed", "max, or a number from 0.1 to 1000", [&speed](const std::string& text) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), speed);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    if (!is_number || speed < kLeast || speed > kMost) {
      speed = text == "max" ? 0 : 1;
      return text == "max";
    }
    return true;
  });
}

void read_played(Report& report, Section& section, const LoadOptions& options,
                 const std::string& folder, Played& played) {
  const std::vector<const Node*> items = section.list("recordings");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Section item(report, items[i], section.path_of("recordings") + "[" + std::to_string(i) + "]");
    auto& recording = played.recordings.emplace_back();
    item.text("path", "a file or a folder", [&](const std::string& text) {
      recording.path = (std::filesystem::path(folder) / text).string();
      return !text.empty();
    });
    item.require("path", "a file or a folder");
    item.text("venue", "an adapter, where the recording does not say whose it is",
              [&](const std::string& text) {
                recording.venue = text;
                return std::find(options.adapters.begin(), options.adapters.end(), text) !=
                       options.adapters.end();
              });
    item.text("feed", "a name of lower-case letters, digits, - and _, 32 at most",
              [&recording](const std::string& text) {
                recording.feed = text;
                return is_feed_name(text);
              });
    item.finish();
  }
  if (items.empty() && section.has("recordings")) {
    report.expected(section.at("recordings"), section.path_of("recordings"),
                    "one recording at least");
  }
  read_speed(section, played.speed);
  section.boolean("loop", played.loop);
}

void check_keys_of_adapter(Section& section, const std::string& adapter) {
  if (is_described(adapter)) {
    section.require("messages", "a list of what the venue's messages mean");
    section.forbid("trades", "with adapter: " + adapter);
  } else {
    for (const char* key : kJsonKeys) {
      section.forbid(key, "unless adapter is json-websocket or http-poll");
    }
  }
  if (adapter != Feed::kJsonWebSocket) {
    for (const char* key : kJsonSocketKeys) {
      section.forbid(key, "unless adapter is json-websocket");
    }
  }
  if (adapter != Feed::kHttpPoll) {
    for (const char* key : kPollKeys) {
      section.forbid(key, "unless adapter is http-poll");
    }
  }
  if (adapter == Feed::kRecording) {
    for (const char* key : {"url", "ca_file", "trades", "record", "feed_timeout_ms",
                            "instrument_timeout_ms", "seed", "instruments", "updates_per_second"}) {
      section.forbid(key, "with adapter: recording");
    }
    section.require("recordings", "a list of recordings");
    return;
  }
  for (const char* key : {"recordings", "speed", "loop"}) {
    section.forbid(key, "unless adapter is recording");
  }
  if (adapter == Feed::kSimulator) {
    for (const char* key : {"url", "ca_file", "trades", "symbols", "record"}) {
      section.forbid(key, "with adapter: simulator");
    }
    return;
  }
  for (const char* key : {"seed", "instruments", "updates_per_second"}) {
    section.forbid(key, "unless adapter is simulator");
  }
  section.require("url", url_expectation(adapter));
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
  read_json(report, section, options, feed.json);
  read_poll(report, section, feed.poll);
  Discovery discovery;
  read_discovery(section.section("discovery"), folder, discovery);
  if (section.has("discovery")) {
    feed.discovery = std::move(discovery);
    if (!feed.adapter.empty() && !has_listing(options, feed.adapter)) {
      section.forbid("discovery", "with adapter: " + feed.adapter + ", whose list of instruments is not known");
    }
  }
  read_venue(report, section, options, folder, feed);
  read_played(report, section, options, folder, feed.played);
  read_simulator(section, feed.simulator);
  const bool has_trades =
      std::any_of(feed.json.messages.begin(), feed.json.messages.end(),
                  [](const JsonMessage& message) { return message.trade.has_value(); });
  if (feed.adapter == Feed::kHttpPoll && has_trades) {
    report.expected(section.at("messages"), section.path_of("messages"),
                    "no trade with adapter: http-poll, which can't tell new ones from old");
  }
  if (!feed.adapter.empty()) {
    check_keys_of_adapter(section, feed.adapter);
  }
  section.finish();
  return feed;
}

}  // namespace ticker::config
