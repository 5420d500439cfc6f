#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ticker::recording {

// Longer messages are not kept; the largest known of any venue has 6 MB.
inline constexpr std::size_t kMaxMessage = std::size_t{16} << 20U;

enum class Kind : std::uint8_t {
  kReceived,        // a text message of the venue
  kReceivedBinary,  // a binary one: no adapter reads them
  kSent,            // a text message of ours
  kConnected,       // a connection opened; connected_text()
  kDisconnected,    // it ended; in words: why
  kLost,            // what came here is not kept; in decimal: how many records, or empty: unknown
  kTookOver,        // it serves in the place of the one that it came after; took_over_text()
};
inline constexpr std::size_t kKindCount = static_cast<std::size_t>(Kind::kTookOver) + 1;

// Something that passed on one connection of a feed.
struct Record {
  std::int64_t receive_ns = 0;  // or when it was sent or happened, since the Unix epoch
  Kind kind = Kind::kReceived;
  std::uint32_t connection = 0;  // each that is made has a number of its own within the recording
  std::string_view bytes;
};

// Of a connection that follows on another, or is to take its place while that one still serves:
// `URL after 7`.
std::string connected_text(std::string_view url, std::optional<std::uint32_t> after);
std::optional<std::uint32_t> connected_after(std::string_view text);

// Whether both had subscribed before the older one went: if not, what came in between is lost.
std::string_view took_over_text(bool overlapped);
bool took_over_overlapped(std::string_view text);

}  // namespace ticker::recording
