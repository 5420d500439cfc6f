#include "frame.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>

namespace ticker::recording {
namespace {

// Where the fields stand, behind the signature.
constexpr std::size_t kContentAt = 16;
constexpr std::size_t kNumberAt = 20;
constexpr std::size_t kStoredAt = 24;
constexpr std::size_t kRawAt = 28;
constexpr std::size_t kRecordsAt = 32;
constexpr std::size_t kFirstAt = 36;
constexpr std::size_t kLastAt = 44;
constexpr std::size_t kChecksumAt = 52;
constexpr std::size_t kOwnChecksumAt = 56;  // of all before it

template <typename Number>
void put(char* at, Number number) {
  for (std::size_t byte = 0; byte < sizeof(Number); ++byte) {
    at[byte] = static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * byte));
  }
}

template <typename Number>
Number get(const char* at) {
  std::uint64_t number = 0;
  for (std::size_t byte = 0; byte < sizeof(Number); ++byte) {
    number |= std::uint64_t{static_cast<unsigned char>(at[byte])} << (8 * byte);
  }
  return static_cast<Number>(number);
}

}  // namespace

std::array<char, FrameHeader::kSize> encode(const FrameHeader& header) {
  std::array<char, FrameHeader::kSize> bytes;
  char* const at = bytes.data();
  std::copy(kSignature.begin(), kSignature.end(), at);
  put(at + kContentAt, static_cast<std::uint32_t>(header.content));
  put(at + kNumberAt, header.number);
  put(at + kStoredAt, header.stored);
  put(at + kRawAt, header.raw);
  put(at + kRecordsAt, header.records);
  put(at + kFirstAt, header.first_ns);
  put(at + kLastAt, header.last_ns);
  put(at + kChecksumAt, header.checksum);
  put(at + kOwnChecksumAt, checksum_of({at, kOwnChecksumAt}));
  return bytes;
}

std::optional<FrameHeader> decode(const std::array<char, FrameHeader::kSize>& bytes) {
  const char* const at = bytes.data();
  if (std::string_view(at, kSignature.size()) != kSignature ||
      get<std::uint32_t>(at + kOwnChecksumAt) != checksum_of({at, kOwnChecksumAt})) {
    return std::nullopt;
  }
  FrameHeader header;
  header.content = static_cast<FrameHeader::Content>(get<std::uint32_t>(at + kContentAt));
  header.number = get<std::uint32_t>(at + kNumberAt);
  header.stored = get<std::uint32_t>(at + kStoredAt);
  header.raw = get<std::uint32_t>(at + kRawAt);
  header.records = get<std::uint32_t>(at + kRecordsAt);
  header.first_ns = get<std::int64_t>(at + kFirstAt);
  header.last_ns = get<std::int64_t>(at + kLastAt);
  header.checksum = get<std::uint32_t>(at + kChecksumAt);
  const bool is_sane = header.content <= FrameHeader::Content::kEnd && header.raw <= Block::kMost &&
                       header.stored <= ZSTD_compressBound(Block::kMost);
  return is_sane ? std::optional(header) : std::nullopt;
}

std::uint32_t checksum_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace ticker::recording
