#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ticker::feed {

// The parts of a canonical name: `BTC-USD-PERP` is BTC, USD and PERP. nullopt: not two or three
// parts of capital letters, digits and the like.
struct AssetPair {
  std::string_view base;
  std::string_view quote;
  std::string_view contract;  // empty on spot
};
std::optional<AssetPair> split_canonical(std::string_view canonical);

// `text` as a JSON string.
std::string quoted(std::string_view text);
// `["A","B"]`
std::string json_list(std::span<const std::string> texts);

std::string lower_case(std::string_view text);
// `url` and `path`, with one slash between them.
std::string join_url(std::string_view url, std::string_view path);

// `all` in runs of at most `size`, in order.
std::vector<std::span<const std::string>> chunks(std::span<const std::string> all,
                                                 std::size_t size);

}  // namespace ticker::feed
