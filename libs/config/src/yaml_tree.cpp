#include "yaml_tree.hpp"

#include <algorithm>
#include <istream>
#include <streambuf>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace ticker::config {
namespace {

// Configurations are four levels deep. yaml-cpp recurses once a level.
constexpr std::size_t kMaxDepth = 16;

Position position_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// Thrown through yaml-cpp, which has no other way to be stopped; caught in parse_yaml().
struct Stop {
  YamlError error;
};

// Builds the tree from yaml-cpp's events: its own nodes lose duplicate keys and share aliased ones.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::vector<YamlError>& errors) : errors_(errors) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_extras(mark, anchor, {});
    add({Node::Kind::kNull, position_of(mark), {}, false, {}, {}});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    throw Stop{{position_of(mark),
                "expected a value, got an alias (*): anchors and aliases are not taken"}};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_extras(mark, anchor, tag);
    add({Node::Kind::kScalar, position_of(mark), value, tag == "!", {}, {}});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::kSequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  // A sequence or map whose end has not come yet.
  struct Level {
    Node node;
    Node key;  // of the map entry whose value comes next
    bool has_key = false;
  };

  // Plain scalars come with the tag "?", quoted ones with "!", others without or with what the file
  // says.
  static void refuse_extras(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag) {
    if (anchor != YAML::NullAnchor) {
      throw Stop{{position_of(mark),
                  "expected a value, got an anchor (&): anchors and aliases are not taken"}};
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Stop{{position_of(mark), "expected a value, got a tag (!): tags are not taken"}};
    }
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    refuse_extras(mark, anchor, tag);
    if (levels_.size() == kMaxDepth) {
      throw Stop{{position_of(mark),
                  "expected at most " + std::to_string(kMaxDepth) + " levels, got more"}};
    }
    if (!levels_.empty() && levels_.back().node.kind == Node::Kind::kMap &&
        !levels_.back().has_key) {
      throw Stop{{position_of(mark), "expected a name as key, got a list or mapping"}};
    }
    levels_.push_back({{kind, position_of(mark), {}, false, {}, {}}, {}, false});
  }

  void close() {
    Node done = std::move(levels_.back().node);
    levels_.pop_back();
    add(std::move(done));
  }

  void add(Node node) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == Node::Kind::kSequence) {
      level.node.items.push_back(std::move(node));
    } else if (!level.has_key) {
      level.key = std::move(node);
      level.has_key = true;
    } else {
      add_entry(level, std::move(node));
    }
  }

  void add_entry(Level& level, Node value) {
    level.has_key = false;
    if (const Node* first = level.node.find(level.key.text)) {
      errors_.push_back({level.key.position,
                         level.key.text + ": expected each key once, got it again (first in line " +
                             std::to_string(first->position.line) + ")"});
      return;
    }
    if (value.kind == Node::Kind::kNull) {
      value.position = level.key.position;  // yaml-cpp's is that of whatever comes next
    }
    level.node.entries.emplace_back(std::move(level.key), std::move(value));
  }

  std::vector<YamlError>& errors_;
  Node root_;
  std::vector<Level> levels_;
};

// A stream over bytes that stay where they are.
class ViewBuffer final : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin =
        const_cast<char*>(text.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast): read only
    setg(begin, begin, begin + text.size());
  }
};

// yaml-cpp does not say what is most often wrong. `line`: counted from 1.
std::string hint(std::string_view text, int line) {
  for (; line > 1; --line) {
    text.remove_prefix(std::min(text.size(), text.find('\n')) + (text.find('\n') < text.size()));
  }
  const std::string_view indent = text.substr(0, text.find_first_not_of(" \t"));
  return indent.find('\t') == std::string_view::npos ? "" : " (indent by spaces, not by tabs)";
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [key](const auto& entry) { return entry.first.text == key; });
  return found == entries.end() ? nullptr : &found->second;
}

Node parse_yaml(std::string_view text, std::vector<YamlError>& errors) {
  if (text.size() > kMaxYamlBytes) {
    errors.push_back(
        {{}, "expected at most " + std::to_string(kMaxYamlBytes) + " bytes, got more"});
    return {};
  }
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  TreeBuilder builder(errors);
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    TreeBuilder ignored(errors);
    if (parser && parser.HandleNextDocument(ignored)) {
      errors.push_back({{}, "expected one YAML document, got several"});
    }
  } catch (const Stop& stop) {
    errors.push_back(stop.error);
  } catch (const YAML::Exception& exception) {
    const Position position = position_of(exception.mark);
    errors.push_back({position, "not YAML: " + exception.msg + hint(text, position.line)});
  }
  return builder.take();
}

}  // namespace ticker::config
