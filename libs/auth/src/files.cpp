#include "files.hpp"

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace ticker::auth {

Result<std::string> read_file(const std::string& file) {
  constexpr std::size_t kMost = std::size_t{1} << 20U;
  std::ifstream in(file, std::ios::binary);
  std::error_code error;
  if (!in || std::filesystem::is_directory(file, error)) {
    return Error{file + ": can't be read: " +
                 (in ? "it is a folder" : std::generic_category().message(errno))};
  }
  std::string text(kMost + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMost) {
    return Error{file + ": is longer than 1 MiB"};
  }
  return text;
}

Result<std::string> read_secret(const std::string& file) {
  constexpr std::size_t kLeast = 32;  // RFC 7518, 3.2: as long as the hash
  auto read = read_file(file);
  if (!read.ok()) {
    return read;
  }
  std::string secret = std::move(read).value();
  if (!secret.empty() && secret.back() == '\n') {
    secret.pop_back();
    if (!secret.empty() && secret.back() == '\r') {
      secret.pop_back();
    }
  }
  if (secret.find("-----BEGIN") != std::string::npos) {
    return Error{file + ": is a PEM file, not a secret; public keys are no secrets"};
  }
  if (secret.size() < kLeast) {
    return Error{file + ": a secret of HS256 has 32 bytes at least, this one " +
                 std::to_string(secret.size())};
  }
  return secret;
}

}  // namespace ticker::auth
