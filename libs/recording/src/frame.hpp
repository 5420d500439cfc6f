#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <ticker/recording/block.hpp>

namespace ticker::recording {

// What stands before each block of a segment. To zstd it is a frame to be skipped, so that a
// segment as a whole is a .zst file. All numbers little-endian.
struct FrameHeader {
  enum class Content : std::uint32_t {
    kHeader,   // the text of a Header
    kRecords,  // of a Block
    kEnd,      // nothing: the segment was ended, and is not one whose writer was stopped
  };

  static constexpr std::size_t kSize = 60;

  Content content = Content::kRecords;
  std::uint32_t number = 0;  // of the block in its segment, from 0
  std::uint32_t stored = 0;  // bytes of the zstd frame that follows
  std::uint32_t raw = 0;     // bytes that it inflates to
  std::uint32_t records = 0;
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  std::uint32_t checksum = 0;  // CRC-32 of the zstd frame
};

// How each frame header begins: zstd's number for skipped frames, their size, our name and version.
inline constexpr std::string_view kSignature("\x54\x2a\x4d\x18\x34\0\0\0TICKREC1", 16);

std::array<char, FrameHeader::kSize> encode(const FrameHeader& header);
// nullopt: its own checksum, or a size, is wrong.
std::optional<FrameHeader> decode(const std::array<char, FrameHeader::kSize>& bytes);
std::uint32_t checksum_of(std::string_view bytes);

}  // namespace ticker::recording
