#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ticker::config {

// A place in the file, both counted from 1; 0 where there is none.
struct Position {
  int line = 0;
  int column = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
};

// A value of the file, as written: nothing is converted or expanded.
struct Node {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  Position position;
  std::string text;                            // scalar
  bool quoted = false;                         // scalar
  std::vector<Node> items;                     // sequence
  std::vector<std::pair<Node, Node>> entries;  // map: keys are scalars, each occurs once

  const Node* find(std::string_view key) const;
};

// Longest file that is read.
inline constexpr std::size_t kMaxYamlBytes = std::size_t{1} << 20U;

// What is wrong with the YAML itself.
struct YamlError {
  Position position;
  std::string message;
};

// The one document of `text`. Errors end the reading where they occur, but for keys given twice, of
// which the first counts.
Node parse_yaml(std::string_view text, std::vector<YamlError>& errors);

}  // namespace ticker::config
