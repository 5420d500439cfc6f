#include "block_file.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ticker::recording {

void BlockFile::FreeContext::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

BlockFile::BlockFile(File file) : file_(std::move(file)), context_(ZSTD_createDCtx()) {}

BlockFile::Outcome BlockFile::next(FrameHeader& header) {
  std::array<char, FrameHeader::kSize> bytes;
  block_ = offset_;
  const auto got = read_at(block_, bytes.data(), bytes.size());
  if (got == 0) {
    return Outcome::kEnd;
  }
  const auto decoded = got == bytes.size() ? decode(bytes) : std::nullopt;
  const auto behind_header = block_ + FrameHeader::kSize;
  if (!decoded) {
    const bool is_cut = got < bytes.size();
    damaged(block_, is_cut ? "the file ends within a block" : "no block begins where one should",
            block_ + 1);
    return Outcome::kDamaged;
  }
  if (const auto there = size(); there < behind_header + decoded->stored) {
    damaged(block_,
            "the file ends within a block of " + std::to_string(decoded->records) + " records",
            behind_header);
    return Outcome::kDamaged;
  }
  if (number_ && decoded->number != *number_) {
    damage_ = {{},
               block_,
               "block " + std::to_string(decoded->number) + " follows where block " +
                   std::to_string(*number_) + " should"};
    number_ = decoded->number;
    return Outcome::kDamaged;
  }
  header = *decoded;
  number_ = header.number + 1;
  offset_ = behind_header + header.stored;
  return Outcome::kBlock;
}

bool BlockFile::read(const FrameHeader& header, std::vector<char>& text) {
  stored_.resize(std::max<std::size_t>(stored_.size(), header.stored));
  text.resize(std::max<std::size_t>(text.size(), header.raw));
  const auto behind_header = block_ + FrameHeader::kSize;
  const bool is_there = read_at(behind_header, stored_.data(), header.stored) == header.stored &&
                        checksum_of({stored_.data(), header.stored}) == header.checksum;
  const bool is_inflated =
      is_there &&
      (header.raw == 0 || ZSTD_decompressDCtx(context_.get(), text.data(), header.raw,
                                              stored_.data(), header.stored) == header.raw);
  if (!is_inflated) {
    damaged(block_,
            "block " + std::to_string(header.number) + " of " + std::to_string(header.records) +
                " records is damaged",
            behind_header);
  }
  return is_inflated;
}

std::uint64_t BlockFile::size() const {
  struct stat status {};
  return ::fstat(::fileno(file_.get()), &status) == 0 ? static_cast<std::uint64_t>(status.st_size)
                                                      : 0;
}

// What can be had; less than `size` at the end of the file, or where it can't be read.
std::size_t BlockFile::read_at(std::uint64_t offset, char* out, std::size_t size) const {
  std::size_t got = 0;
  while (got < size) {
    const auto part =
        ::pread(::fileno(file_.get()), out + got, size - got, static_cast<off_t>(offset + got));
    if (part < 0 && errno == EINTR) {
      continue;
    }
    if (part <= 0) {
      break;
    }
    got += static_cast<std::size_t>(part);
  }
  return got;
}

void BlockFile::damaged(std::uint64_t offset, std::string what, std::uint64_t search_from) {
  offset_ = find_signature(search_from);
  number_.reset();
  damage_ = {{},
             offset,
             std::move(what) + ": " + std::to_string(offset_ - offset) + " bytes are passed over"};
}

// The end of the file, if there is none.
std::uint64_t BlockFile::find_signature(std::uint64_t from) const {
  constexpr std::size_t kStep = std::size_t{64} << 10U;
  std::vector<char> bytes(kStep + kSignature.size() - 1);
  for (auto at = from;; at += kStep) {
    const auto got = read_at(at, bytes.data(), bytes.size());
    const std::string_view view(bytes.data(), got);
    if (const auto found = view.find(kSignature); found != std::string_view::npos) {
      return at + found;
    }
    if (got < bytes.size()) {
      return at + got;
    }
  }
}

}  // namespace ticker::recording
