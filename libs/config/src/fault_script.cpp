#include <ticker/config/fault_script.hpp>

#include <algorithm>
#include <charconv>

#include "section.hpp"
#include "text_file.hpp"
#include "values.hpp"

namespace ticker::config {
namespace {

using namespace std::chrono_literals;
using Entry = FaultScript::Entry;
using Kind = FaultScriptOptions::Kind;

// Every message is held against each.
constexpr std::size_t kMostFaults = 1'000;
constexpr std::size_t kMostMessages = 1'000'000'000;
constexpr std::size_t kMostPlaces = 1'000;
constexpr std::size_t kLeastCode = 1'000;
constexpr std::size_t kMostCode = 4'999;
constexpr std::chrono::milliseconds kLongest = 24h;

std::string one_of(const std::vector<std::string>& names) {
  std::string text = "one of ";
  for (const auto& name : names) {
    text += (&name == &names.front() ? "" : ", ") + name;
  }
  return text;
}

template <typename Number>
bool parse(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

void read_optional(Section& section, const std::string& key, std::optional<std::size_t>& value,
                   std::size_t least, std::size_t most) {
  std::size_t number = least;
  section.number(key, number, least, most);
  if (section.has(key)) {
    value = number;
  }
}

// The kind that an entry names; one that takes everything if it is none, which was said.
Kind read_kind(Section& section, const FaultScriptOptions& options, Entry& entry) {
  std::vector<std::string> names;
  for (const auto& kind : options.kinds) {
    names.push_back(kind.name);
  }
  Kind found{{}, false, false, true, true, true, -kLongest, kLongest};
  section.require("do", one_of(names));
  section.text("do", one_of(names), [&](const std::string& text) {
    const auto kind = std::find_if(options.kinds.begin(), options.kinds.end(),
                                   [&](const Kind& each) { return each.name == text; });
    if (kind == options.kinds.end()) {
      return false;
    }
    entry.fault = text;
    found = *kind;
    return true;
  });
  return found;
}

void read_cover(Section& section, const FaultScriptOptions& options, const Kind& kind,
                Entry& entry) {
  section.text("venue", one_of(options.venues), [&](const std::string& text) {
    entry.venue = text;
    return std::find(options.venues.begin(), options.venues.end(), text) != options.venues.end();
  });
  const auto read_name = [&](const char* key, std::string& name) {
    section.text(key, "a name as the venue writes it", [&name](const std::string& text) {
      name = text;
      return is_native_symbol(text);
    });
  };
  read_name("symbol", entry.symbol);
  read_name("channel", entry.channel);
  if (kind.needs_symbol) {
    section.require("symbol", "a name as the venue writes it");
  }
}

// When it strikes.
void read_trigger(Section& section, const Kind& kind, Entry& entry) {
  section.duration("from_ms", entry.from, 0ms, kLongest);
  section.number("after", entry.after, 0, kMostMessages);
  section.number("every", entry.every, 1, kMostMessages);
  read_optional(section, "times", entry.times, 0, kMostMessages);
  section.text("probability", "a number above 0, 1 at most", [&entry](const std::string& text) {
    return parse(text, entry.probability) && entry.probability > 0 && entry.probability <= 1;
  });
  if (section.has("probability")) {
    section.forbid("every", "beside probability");
  }
  if (kind.holds) {
    for (const char* key : {"channel", "from_ms", "after", "every", "times", "probability"}) {
      section.forbid(key, "with " + kind.name + ", which holds all the time");
    }
    if (!kind.needs_symbol) {
      section.forbid("symbol", "with " + kind.name);
    }
  }
}

// How much of it.
void read_amount(Section& section, const Kind& kind, Entry& entry) {
  read_optional(section, "messages", entry.messages, 1, kMostMessages);
  read_optional(section, "places", entry.places, 1, kMostPlaces);
  std::optional<std::size_t> code;
  read_optional(section, "code", code, kLeastCode, kMostCode);
  if (code) {
    entry.code = static_cast<std::uint16_t>(*code);
  }
  const bool takes_ms = kind.least < kind.most;
  const auto expectation = "a whole number of milliseconds from " +
                           std::to_string(kind.least.count()) + " to " +
                           std::to_string(kind.most.count());
  section.text("ms", expectation, [&](const std::string& text) {
    std::int64_t ms = 0;
    const bool is_number = parse(text, ms);
    entry.by = std::chrono::milliseconds(ms);
    return !takes_ms || (is_number && *entry.by >= kind.least && *entry.by <= kind.most);
  });
  const auto forbid_unless = [&](bool takes, const char* key) {
    if (!takes) {
      section.forbid(key, "with " + kind.name);
    }
  };
  forbid_unless(kind.takes_messages, "messages");
  forbid_unless(kind.takes_places, "places");
  forbid_unless(kind.takes_code, "code");
  forbid_unless(takes_ms, "ms");
  if (takes_ms && !kind.name.empty()) {
    section.require("ms", expectation);
  }
}

Entry read_entry(Report& report, const Node& node, const std::string& path,
                 const FaultScriptOptions& options) {
  Entry entry;
  Section section(report, &node, path);
  const Kind kind = read_kind(section, options, entry);
  read_cover(section, options, kind, entry);
  read_trigger(section, kind, entry);
  read_amount(section, kind, entry);
  section.finish();
  return entry;
}

FaultScript read(Report& report, const Node& document, const FaultScriptOptions& options) {
  FaultScript script;
  Section root(report, &document, {});
  std::size_t seed = 0;
  root.number("seed", seed, 0, SIZE_MAX);
  script.seed = seed;
  root.require("faults", "a list of faults");
  const auto items = root.list("faults");
  if (items.size() > kMostFaults) {
    report.expected(root.at("faults"), "faults", std::to_string(kMostFaults) + " faults at most");
  }
  for (std::size_t i = 0; i < std::min(items.size(), kMostFaults); ++i) {
    script.faults.push_back(
        read_entry(report, *items[i], "faults[" + std::to_string(i) + "]", options));
  }
  if (items.empty() && root.has("faults") && root.at("faults").kind == Node::Kind::kSequence) {
    report.expected(root.at("faults"), "faults", "one fault at least");
  }
  root.finish();
  return script;
}

}  // namespace

LoadedFaultScript load_fault_script_text(std::string_view text, const std::string& name,
                                         const FaultScriptOptions& options) {
  Report report{LoadOptions{}};
  LoadedFaultScript loaded;
  std::vector<YamlError> yaml_errors;
  const Node document = parse_yaml(text, yaml_errors);
  for (const YamlError& error : yaml_errors) {
    report.fail(error.position, {}, error.message);
  }
  if (yaml_errors.empty() || document.kind == Node::Kind::kMap) {
    loaded.script = read(report, document, options);
  }
  loaded.errors = report.errors(name);
  return loaded;
}

LoadedFaultScript load_fault_script(const std::string& path, const FaultScriptOptions& options) {
  std::string error;
  const auto text = read_text_file(path, error);
  return text ? load_fault_script_text(*text, path, options) : LoadedFaultScript{{}, {error}};
}

std::vector<std::string> known_fault_keys() {
  Report report{LoadOptions{}};
  std::vector<YamlError> yaml_errors;
  read(report, parse_yaml("{faults: [{}]}", yaml_errors), {});
  auto keys = report.keys();
  for (auto& key : keys) {
    key = key.substr(key.rfind('.') + 1);
  }
  return keys;
}

}  // namespace ticker::config
