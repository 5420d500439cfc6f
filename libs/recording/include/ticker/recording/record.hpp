#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ticker::recording {

// Longer messages are not kept; the largest known of any venue has 6 MB.
inline constexpr std::size_t kMaxMessage = std::size_t{16} << 20U;

enum class Kind : std::uint8_t {
  kReceived,        // a text message of the venue
  kReceivedBinary,  // a binary one: no adapter reads them
  kSent,            // a text message of ours
  kConnected,       // a connection opened; in words: to which URL
  kDisconnected,    // it ended; in words: why
  kLost,            // what came here could not be kept; in decimal: how many records
};

// Something that passed on one connection of a feed.
struct Record {
  std::int64_t receive_ns = 0;  // or when it was sent or happened, since the Unix epoch
  Kind kind = Kind::kReceived;
  std::uint32_t connection = 0;  // each that is made has a number of its own within the recording
  std::string_view bytes;
};

}  // namespace ticker::recording
