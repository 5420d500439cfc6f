#include "requests.hpp"

#include <algorithm>
#include <array>

namespace ticker::feed {
namespace {

// Some venues name assets in other scripts (UTF-8); some have a dot.
bool is_asset_char(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::optional<AssetPair> split_canonical(std::string_view canonical) {
  std::array<std::string_view, 3> parts;
  std::size_t count = 0;
  for (std::size_t from = 0; from <= canonical.size(); ++count) {
    const auto to = std::min(canonical.find('-', from), canonical.size());
    const auto part = canonical.substr(from, to - from);
    if (count == parts.size() || part.empty() || !std::ranges::all_of(part, is_asset_char)) {
      return std::nullopt;
    }
    parts[count] = part;
    from = to + 1;
  }
  if (count < 2) {
    return std::nullopt;
  }
  return AssetPair{parts[0], parts[1], parts[2]};
}

std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
    }
    if (static_cast<unsigned char>(c) >= ' ') {
      json += c;
    }
  }
  return json + '"';
}

std::string json_list(std::span<const std::string> texts) {
  std::string json = "[";
  for (const auto& text : texts) {
    json += json.size() == 1 ? "" : ",";
    json += quoted(text);
  }
  return json + ']';
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

std::string join_url(std::string_view url, std::string_view path) {
  while (url.ends_with('/')) {
    url.remove_suffix(1);
  }
  return std::string(url).append(path);
}

std::vector<std::span<const std::string>> chunks(std::span<const std::string> all,
                                                 std::size_t size) {
  std::vector<std::span<const std::string>> runs;
  for (std::size_t from = 0; from < all.size(); from += size) {
    runs.push_back(all.subspan(from, std::min(size, all.size() - from)));
  }
  return runs;
}

}  // namespace ticker::feed
