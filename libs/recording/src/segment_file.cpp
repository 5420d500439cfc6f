#include <ticker/recording/segment_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "frame.hpp"

namespace ticker::recording {
namespace {

// Levels above it make files a tenth smaller for twice the time and more.
constexpr int kLevel = 1;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

}  // namespace

class SegmentFile::Impl {
 public:
  Impl(int file, std::string path) : file_(file), path_(std::move(path)) {
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { ::close(file_); }

  // `header`: all but number, sizes and checksum.
  Status write(FrameHeader header, std::string_view text) {
    header.number = next_number_;
    header.raw = static_cast<std::uint32_t>(text.size());
    buffer_.resize(FrameHeader::kSize + (text.empty() ? 0 : ZSTD_compressBound(text.size())));
    char* const stored = buffer_.data() + FrameHeader::kSize;
    if (!text.empty()) {
      const auto size = ZSTD_compress2(context_.get(), stored, buffer_.size() - FrameHeader::kSize,
                                       text.data(), text.size());
      if (ZSTD_isError(size) != 0) {
        return Error{path_ + ": " + ZSTD_getErrorName(size)};
      }
      header.stored = static_cast<std::uint32_t>(size);
    }
    header.checksum = checksum_of({stored, header.stored});
    const auto bytes = encode(header);
    std::copy(bytes.begin(), bytes.end(), buffer_.data());
    return append({buffer_.data(), FrameHeader::kSize + header.stored});
  }

  const std::string& path() const { return path_; }
  std::uint64_t bytes() const { return bytes_; }
  bool is_deleted() const {
    struct stat status{};
    return ::fstat(file_, &status) == 0 && status.st_nlink == 0;
  }

 private:
  Status append(std::string_view frame) {
    std::size_t written = 0;
    while (written < frame.size()) {
      const auto size = ::pwrite(file_, frame.data() + written, frame.size() - written,
                                 static_cast<off_t>(bytes_ + written));
      if (size < 0 && errno == EINTR) {
        continue;
      }
      if (size <= 0) {
        const Error error{path_ + ": " + std::strerror(size < 0 ? errno : ENOSPC)};
        // What a failed call leaves is written over by the next, or cut off here.
        [[maybe_unused]] const int cut = ::ftruncate(file_, static_cast<off_t>(bytes_));
        return error;
      }
      written += static_cast<std::size_t>(size);
    }
    bytes_ += frame.size();
    ++next_number_;
    return {};
  }

  const int file_;
  const std::string path_;
  const std::unique_ptr<ZSTD_CCtx, FreeContext> context_{ZSTD_createCCtx()};
  std::string buffer_;
  std::uint64_t bytes_ = 0;
  std::uint32_t next_number_ = 0;
};

Result<SegmentFile> SegmentFile::create(const std::string& path, const Header& header) {
  constexpr mode_t kMode = 0644;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode);
  if (file < 0) {
    return Error{path + ": " + std::strerror(errno)};
  }
  auto impl = std::make_unique<Impl>(file, path);
  auto signed_header = header;
  signed_header.ticker = TICKER_VERSION;
  const auto text = to_text(signed_header);
  auto written = text.size() > Block::kMost
                     ? Status(Error{path + ": its header is too long"})
                     : impl->write({.content = FrameHeader::Content::kHeader}, text);
  if (!written) {
    ::unlink(path.c_str());
    return written.error();
  }
  return SegmentFile(std::move(impl));
}

SegmentFile::SegmentFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SegmentFile::SegmentFile(SegmentFile&&) noexcept = default;
SegmentFile& SegmentFile::operator=(SegmentFile&&) noexcept = default;
SegmentFile::~SegmentFile() = default;

Status SegmentFile::write(const Block& block) {
  return impl_->write({.content = FrameHeader::Content::kRecords,
                       .records = block.records(),
                       .first_ns = block.first_ns(),
                       .last_ns = block.last_ns()},
                      block.text());
}

Status SegmentFile::end() { return impl_->write({.content = FrameHeader::Content::kEnd}, {}); }

const std::string& SegmentFile::path() const { return impl_->path(); }
std::uint64_t SegmentFile::bytes() const { return impl_->bytes(); }
bool SegmentFile::is_deleted() const { return impl_->is_deleted(); }

}  // namespace ticker::recording
