#include "section.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "values.hpp"

namespace ticker::config {
namespace {

// A piece of the file for an error message: short, on one line.
std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string out = "\"";
  for (const char c : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < ' ' || byte == 0x7f ? '?' : c;
  }
  return out + (text.size() > kLongest ? "…\"" : "\"");
}

std::string description(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kScalar:
      return quoted(node.text);
    case Node::Kind::kSequence:
      return "a list";
    case Node::Kind::kMap:
      return "a mapping";
  }
  return {};
}

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(
      name.c_str());  // NOLINT(concurrency-mt-unsafe): nothing here sets the environment
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

}  // namespace

Report::Report(const LoadOptions& options)
    : environment_(options.environment ? options.environment : process_environment) {}

void Report::fail(Position position, const std::string& path, const std::string& what) {
  errors_.push_back({position, path.empty() ? what : path + ": " + what});
}

void Report::expected(const Node& node, const std::string& path, const std::string& expected) {
  fail(node.position, path, "expected " + expected + ", got " + description(node));
}

std::optional<std::string> Report::expand(const Node& node, const std::string& path) {
  std::string out;
  std::string_view rest = node.text;
  for (std::size_t start = rest.find("${"); start != std::string_view::npos;
       start = rest.find("${")) {
    const std::size_t end = rest.find('}', start);
    const std::string name{
        rest.substr(start + 2, end == std::string_view::npos ? 0 : end - start - 2)};
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_name_character)) {
      expected(node, path, "${NAME} of an environment variable");
      return std::nullopt;
    }
    const auto value = environment_(name);
    if (!value) {
      fail(node.position, path, "expected the environment variable " + quoted(name) + " to be set");
      return std::nullopt;
    }
    out.append(rest.substr(0, start)).append(*value);
    rest.remove_prefix(end + 1);
  }
  return out.append(rest);
}

std::vector<std::string> Report::errors(const std::string& file) const {
  std::vector<YamlError> sorted = errors_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.position < b.position; });
  std::vector<std::string> lines;
  for (const YamlError& error : sorted) {
    std::string place = file;
    if (error.position.line > 0) {
      place +=
          ":" + std::to_string(error.position.line) + ":" + std::to_string(error.position.column);
    }
    lines.push_back(place + ": " + error.message);
  }
  return lines;
}

Section::Section(Report& report, const Node* node, std::string path)
    : report_(report), node_(node), path_(std::move(path)) {
  if (node_ != nullptr && node_->kind != Node::Kind::kMap) {
    report_.expected(*node_, path_, "a mapping");
    node_ = nullptr;
  }
}

const Node* Section::ask(const std::string& key) {
  known_.push_back(key);
  report_.ask(path_of(key));
  return node_ == nullptr ? nullptr : node_->find(key);
}

Section Section::section(const std::string& key) { return {report_, ask(key), path_of(key)}; }

std::vector<const Node*> Section::list(const std::string& key) {
  const Node* node = ask(key);
  std::vector<const Node*> items;
  if (node != nullptr && node->kind != Node::Kind::kSequence) {
    report_.expected(*node, path_of(key), "a list");
  } else if (node != nullptr) {
    std::transform(node->items.begin(), node->items.end(), std::back_inserter(items),
                   [](const Node& item) { return &item; });
  }
  return items;
}

std::vector<std::pair<Node, Node>> Section::entries(const std::string& key) {
  const Node* node = ask(key);
  if (node == nullptr) {
    return {};
  }
  if (node->kind != Node::Kind::kMap) {
    report_.expected(*node, path_of(key), "a mapping");
  }
  return node->entries;
}

void Section::number(const std::string& key, std::size_t& value, std::size_t least,
                     std::size_t most, const std::string& unit) {
  const Node* node = ask(key);
  if (node == nullptr) {
    return;
  }
  const std::string expectation =
      "a whole number " + unit + "from " + std::to_string(least) + " to " + std::to_string(most);
  // Within {} YAML wants quotes around ${NAME}, so they say nothing about the type there.
  const bool is_string = node->quoted && node->text.find("${") == std::string::npos;
  if (node->kind != Node::Kind::kScalar || is_string) {
    report_.expected(*node, path_of(key), expectation);
    return;
  }
  const auto text = report_.expand(*node, path_of(key));
  if (!text) {
    return;
  }
  const auto number = parse_whole_number(*text);
  if (!number || *number < least || *number > most) {
    report_.expected(*node, path_of(key), expectation);
    return;
  }
  value = *number;
}

void Section::duration(const std::string& key, std::chrono::milliseconds& value,
                       std::chrono::milliseconds least, std::chrono::milliseconds most) {
  auto number = static_cast<std::size_t>(value.count());
  this->number(key, number, static_cast<std::size_t>(least.count()),
               static_cast<std::size_t>(most.count()), "of milliseconds ");
  value = std::chrono::milliseconds{number};
}

void Section::boolean(const std::string& key, bool& value) {
  const Node* node = ask(key);
  if (node == nullptr) {
    return;
  }
  const bool plain = node->kind == Node::Kind::kScalar && !node->quoted;
  if (plain && (node->text == "true" || node->text == "false")) {
    value = node->text == "true";
  } else {
    report_.expected(*node, path_of(key), "true or false");
  }
}

void Section::text(const std::string& key, const std::string& expectation,
                   const std::function<bool(const std::string&)>& read) {
  const Node* node = ask(key);
  if (node == nullptr) {
    return;
  }
  if (node->kind != Node::Kind::kScalar) {
    report_.expected(*node, path_of(key), expectation);
    return;
  }
  const auto text = report_.expand(*node, path_of(key));
  if (text && !read(*text)) {
    report_.expected(*node, path_of(key), expectation);
  }
}

void Section::require(const std::string& key, const std::string& expectation) {
  if (node_ != nullptr && !has(key)) {
    report_.fail(node_->position, path_of(key), "expected " + expectation + ", got nothing");
  }
}

void Section::forbid(const std::string& key, const std::string& why) {
  if (has(key)) {
    report_.fail(at(key).position, path_of(key), "expected no such key " + why);
  }
}

void Section::finish() {
  if (node_ == nullptr) {
    return;
  }
  for (const auto& [key, value] : node_->entries) {
    if (std::find(known_.begin(), known_.end(), key.text) != known_.end()) {
      continue;
    }
    const auto meant = closest(key.text, known_);
    report_.fail(key.position, path_.empty() ? quoted(key.text) : path_ + "." + quoted(key.text),
                 meant ? "unknown key, did you mean " + *meant + "?"
                       : "unknown key, expected one of " + join(known_));
  }
}

void read_texts(Report& report, Section& section, const std::string& key,
                const std::string& expectation,
                const std::function<bool(const std::string&)>& read) {
  std::size_t index = 0;
  for (const Node* item : section.list(key)) {
    const std::string path = section.path_of(key) + "[" + std::to_string(index++) + "]";
    if (item->kind != Node::Kind::kScalar) {
      report.expected(*item, path, expectation);
      continue;
    }
    const auto text = report.expand(*item, path);
    if (text && !read(*text)) {
      report.expected(*item, path, expectation);
    }
  }
}

}  // namespace ticker::config
