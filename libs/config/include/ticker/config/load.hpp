#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/config/config.hpp>

namespace ticker::config {

struct LoadOptions {
  // What `adapter:` may be, beside `json-websocket`, `http-poll` and `simulator`.
  std::vector<std::string> adapters;
  // Whether the venue of this adapter has a list of its instruments. Empty: none has.
  std::function<bool(const std::string& adapter)> has_listing;
  // The fields that a JSON message may have. Empty: that is not checked.
  std::vector<std::string> fields;
  // Where `${NAME}` is looked up; default the process's environment.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  // What `adapter` calls an instrument that is given without its native name; nothing: it can't
  // have it. Empty: that is not checked.
  std::function<std::optional<std::string>(const std::string& adapter, const std::string& symbol)>
      native_name;
};

// A configuration, or why there is none: every error of the file, in its order, each a line
// `file:line:column: server.limits.entries: expected …, got …`. Values taken from the environment
// appear in none.
struct Loaded {
  Config config;  // meaningful only if ok()
  std::vector<std::string> errors;

  bool ok() const { return errors.empty(); }
};

// Strict: an unknown key, a wrong type, a value out of range, a name given twice, a file that can't
// be read, are errors. Of YAML, what a configuration does not need is refused: anchors, aliases,
// tags, several documents, more than 1 MiB, more than 16 levels. Blocking; any thread.
Loaded load_file(const std::string& path, const LoadOptions& options);

// The same from text. `name` stands for the file in errors; files that the text names are looked
// for beside it.
Loaded load_text(std::string_view text, const std::string& name, const LoadOptions& options);

// Every key there is, as a path (`server.limits.entries`, `feeds[].name`), in the order of the
// file.
std::vector<std::string> known_keys();

}  // namespace ticker::config
