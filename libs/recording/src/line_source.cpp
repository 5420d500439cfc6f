#include "source.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

namespace ticker::recording {
namespace {

constexpr std::size_t kReadBytes = 128U << 10;
constexpr std::size_t kMaxPrefix = 24;  // RECV_NS and the space
constexpr std::size_t kMaxLine = kMaxPrefix + kMaxMessage;

// The bytes of a file, inflated if it is gzip: several members one after another are one text.
class Inflater {
 public:
  enum class Outcome { kBytes, kEnd, kFailed };

  explicit Inflater(File file) : file_(std::move(file)), input_(kReadBytes) {}
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (inflating_) {
      inflateEnd(&stream_);
    }
  }

  // Up to `room` bytes to `out`; `got` of them. kFailed: see error().
  Outcome read(char* out, std::size_t room, std::size_t& got) {
    got = 0;
    while (got == 0) {
      if (stream_.avail_in == 0 && !fill()) {
        return Outcome::kFailed;
      }
      if (!started_ && !start()) {
        return Outcome::kFailed;
      }
      if (stream_.avail_in == 0 && (!gzip_ || between_members_)) {
        return Outcome::kEnd;
      }
      if (!gzip_) {
        got = std::min<std::size_t>(room, stream_.avail_in);
        std::memcpy(out, stream_.next_in, got);
        stream_.next_in += got;
        stream_.avail_in -= static_cast<uInt>(got);
      } else if (!inflate_some(out, room, got)) {
        return Outcome::kFailed;
      }
    }
    return Outcome::kBytes;
  }

  const std::string& error() const { return error_; }

 private:
  bool fill() {
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(std::fread(input_.data(), 1, input_.size(), file_.get()));
    if (std::ferror(file_.get()) != 0) {
      error_ = std::string("read error: ") + std::strerror(errno);
      return false;
    }
    return true;
  }

  bool start() {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    started_ = true;
    gzip_ = stream_.avail_in >= 2 && stream_.next_in[0] == 0x1f && stream_.next_in[1] == 0x8b;
    inflating_ = gzip_ && inflateInit2(&stream_, kGzipOnly) == Z_OK;
    if (gzip_ && !inflating_) {
      error_ = "no memory to inflate";
    }
    return !gzip_ || inflating_;
  }

  bool inflate_some(char* out, std::size_t room, std::size_t& got) {
    if (stream_.avail_in == 0) {
      error_ = "compressed data ends in the middle";
      return false;
    }
    if (std::exchange(between_members_, false)) {
      inflateReset(&stream_);
    }
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(room);
    const int result = inflate(&stream_, Z_NO_FLUSH);
    got = room - stream_.avail_out;
    between_members_ = result == Z_STREAM_END;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      error_ = std::string("compressed data is damaged: ") +
               (stream_.msg != nullptr ? stream_.msg : "no reason given");
      // What was inflated before the damage counts; the error comes again with the next call.
      return got != 0;
    }
    return true;
  }

  File file_;
  std::vector<char> input_;
  z_stream stream_{};
  bool started_ = false;
  bool gzip_ = false;
  bool inflating_ = false;
  bool between_members_ = false;
  std::string error_;
};

using ReadResult = Reader::ReadResult;

// Cuts the bytes into lines. `buffer_` holds [begin_, end_): the part of the text at offset_ that
// was not given out yet.
class LineSource final : public Source {
 public:
  explicit LineSource(File file) : bytes_(std::move(file)), buffer_(2 * kReadBytes) {}

  ReadResult next(Reader::Message& message) override {
    for (;;) {
      const auto scanned = begin_ + scanned_;
      auto* const line_end =
          static_cast<char*>(std::memchr(buffer_.data() + scanned, '\n', end_ - scanned));
      if (line_end != nullptr) {
        return take_line(line_end, message);
      }
      scanned_ = end_ - begin_;
      if (scanned_ > kMaxLine) {
        skipping_ = true;
        consume(scanned_);
      }
      if (ended_) {
        return finish();
      }
      fetch();
    }
  }

  const Reader::Damage& damage() const override { return damage_; }
  const Header& header() const override { return header_; }

 private:
  ReadResult take_line(char* line_end, Reader::Message& message) {
    char* const line = buffer_.data() + begin_;
    const auto size = static_cast<std::size_t>(line_end - line);
    const auto offset = offset_;
    consume(size + 1);
    if (std::exchange(skipping_, false) || size > kMaxLine) {
      return damaged(offset, "line longer than 16 MiB");
    }
    const auto [space, error] = std::from_chars(line, line_end, message.receive_ns);
    if (error != std::errc() || space == line_end || *space != ' ' || message.receive_ns < 0) {
      return damaged(offset, "line without a receive time");
    }
    message.kind = Kind::kReceived;
    message.connection = 0;
    message.data = line + (space - line) + 1;
    message.size = static_cast<std::size_t>(line_end - message.data);
    return message.size > kMaxMessage ? damaged(offset, "line longer than 16 MiB")
                                      : ReadResult::kMessage;
  }

  // No more bytes will come. First what was left over, then the inflater's complaint, then the end.
  ReadResult finish() {
    const auto offset = offset_;
    const bool cut = std::exchange(skipping_, false) || end_ != begin_;
    if (cut) {
      consume(end_ - begin_);
      const auto why = bytes_.error().empty() ? "file ends within a line" : bytes_.error();
      failure_told_ = true;
      return damaged(offset, why);
    }
    if (!bytes_.error().empty() && !std::exchange(failure_told_, true)) {
      return damaged(offset, bytes_.error());
    }
    return ReadResult::kEnd;
  }

  void fetch() {
    if (begin_ != 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (buffer_.size() - end_ < kReadBytes) {
      buffer_.resize(std::min(buffer_.size() * 2, kMaxLine + 2 * kReadBytes));
    }
    std::size_t got = 0;
    ended_ =
        bytes_.read(buffer_.data() + end_, buffer_.size() - end_, got) != Inflater::Outcome::kBytes;
    end_ += got;
  }

  void consume(std::size_t bytes) {
    begin_ += bytes;
    offset_ += bytes;
    scanned_ = 0;
  }

  ReadResult damaged(std::uint64_t offset, std::string what) {
    damage_ = {{}, offset, std::move(what)};
    return ReadResult::kDamaged;
  }

  Inflater bytes_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t scanned_ = 0;  // of the bytes from begin_, how many are known to hold no LF
  std::uint64_t offset_ = 0;
  bool skipping_ = false;  // within a line that is too long
  bool ended_ = false;
  bool failure_told_ = false;
  Reader::Damage damage_;
  const Header header_;
};

}  // namespace

std::unique_ptr<Source> make_line_source(File file) {
  return std::make_unique<LineSource>(std::move(file));
}

}  // namespace ticker::recording
