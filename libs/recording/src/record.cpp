#include <ticker/recording/record.hpp>

#include <charconv>

namespace ticker::recording {
namespace {

constexpr std::string_view kAfter = " after ";
constexpr std::string_view kOverlapped = "overlapped";

}  // namespace

std::string connected_text(std::string_view url, std::optional<std::uint32_t> after) {
  std::string text(url);
  if (after) {
    text.append(kAfter) += std::to_string(*after);
  }
  return text;
}

std::optional<std::uint32_t> connected_after(std::string_view text) {
  const auto at = text.rfind(kAfter);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const auto* const end = text.data() + text.size();
  std::uint32_t number = 0;
  const auto read = std::from_chars(text.data() + at + kAfter.size(), end, number);
  return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

std::string_view took_over_text(bool overlapped) { return overlapped ? kOverlapped : "late"; }
bool took_over_overlapped(std::string_view text) { return text == kOverlapped; }

}  // namespace ticker::recording
