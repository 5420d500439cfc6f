#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ticker/config/load.hpp>

#include "yaml_tree.hpp"

namespace ticker::config {

// What one load gathers: its errors, and every key that was asked for.
class Report {
 public:
  explicit Report(const LoadOptions& options);

  void fail(Position position, const std::string& path, const std::string& what);
  // `path: expected …, got …`, the value as it is written in the file.
  void expected(const Node& node, const std::string& path, const std::string& expected);
  // The text of a scalar with `${NAME}` replaced; nothing, and an error, where that can't be done.
  std::optional<std::string> expand(const Node& node, const std::string& path);
  void ask(std::string path) { keys_.push_back(std::move(path)); }

  // Errors as lines, in the order of the file.
  std::vector<std::string> errors(const std::string& file) const;
  bool failed() const { return !errors_.empty(); }
  const std::vector<std::string>& keys() const { return keys_; }

 private:
  std::function<std::optional<std::string>(const std::string&)> environment_;
  std::vector<YamlError> errors_;
  std::vector<std::string> keys_;
};

// A mapping of the file that is being read. Each key is asked for once, by its type, which leaves
// the default where the key is missing or wrong; what was never asked for is an unknown key,
// reported by finish().
class Section {
 public:
  // `node`: nullptr where the file has none.
  Section(Report& report, const Node* node, std::string path);

  Section section(const std::string& key);
  // The items of a list; none where the key is missing.
  std::vector<const Node*> list(const std::string& key);

  // The entries of a mapping whose keys are free; none where the key is missing.
  std::vector<std::pair<Node, Node>> entries(const std::string& key);

  // `unit`: as it stands in an error, `of milliseconds `.
  void number(const std::string& key, std::size_t& value, std::size_t least, std::size_t most,
              const std::string& unit = {});
  void duration(const std::string& key, std::chrono::milliseconds& value,
                std::chrono::milliseconds least, std::chrono::milliseconds most);
  void boolean(const std::string& key, bool& value);
  // A text for which `read` returns true. `expectation` completes "expected …".
  void text(const std::string& key, const std::string& expectation,
            const std::function<bool(const std::string&)>& read);

  bool has(const std::string& key) const { return node_ != nullptr && node_->find(key) != nullptr; }
  // Requires: has(key).
  const Node& at(const std::string& key) const { return *node_->find(key); }
  // An error if the key is missing.
  void require(const std::string& key, const std::string& expectation);
  // An error if the key is there; `why` completes "expected no such key …".
  void forbid(const std::string& key, const std::string& why);
  // Once, after the last key was asked for.
  void finish();

  std::string path_of(const std::string& key) const {
    return path_.empty() ? key : path_ + "." + key;
  }

 private:
  const Node* ask(const std::string& key);

  Report& report_;
  const Node* node_;
  std::string path_;
  std::vector<std::string> known_;
};

// A list of texts for each of which `read` returns true. `expectation` completes "expected …".
void read_texts(Report& report, Section& section, const std::string& key,
                const std::string& expectation,
                const std::function<bool(const std::string&)>& read);

}  // namespace ticker::config
