#pragma once

#include <optional>
#include <string>

namespace ticker::config {

// The text of a file, of a longer one the first kMaxYamlBytes + 1 bytes; or why it can't be read.
std::optional<std::string> read_text_file(const std::string& path, std::string& error);

}  // namespace ticker::config
