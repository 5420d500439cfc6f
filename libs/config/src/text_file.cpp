#include "text_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "yaml_tree.hpp"

namespace ticker::config {

std::optional<std::string> read_text_file(const std::string& path, std::string& error) {
  std::ifstream file(path, std::ios::binary);
  std::error_code ignored;
  if (!file || std::filesystem::is_directory(path, ignored)) {
    const std::string why = file ? "it is a folder" : std::generic_category().message(errno);
    error = path + ": expected a readable file: " + why;
    return std::nullopt;
  }
  // One byte more than is taken, so that a longer file is told from one that just fits.
  std::string text(kMaxYamlBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace ticker::config
