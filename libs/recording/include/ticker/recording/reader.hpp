#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ticker/base/result.hpp>
#include <ticker/recording/header.hpp>
#include <ticker/recording/record.hpp>

namespace ticker::recording {

// Reads a recording: its segments one after another, or `.raw` and `.raw.gz` files, whose lines are
// `RECV_NS SPACE MESSAGE LF`; told apart by content. Streams: memory is bounded by the longest
// message. One thread.
class Reader {
 public:
  static constexpr std::size_t kMaxMessage = recording::kMaxMessage;

  struct Message {
    std::int64_t receive_ns = 0;  // since the Unix epoch
    char* data =
        nullptr;  // the reader's, until the next call; may be overwritten, and so may data[size]
    std::size_t size = 0;
    Kind kind = Kind::kReceived;
    std::uint32_t connection = 0;
  };
  enum class ReadResult {
    kMessage,
    kEnd,
    kDamaged,  // see damage(); what can still be read comes with the next calls
  };
  struct Damage {
    std::string file;
    std::uint64_t offset = 0;  // of a segment: in the file; of lines: behind the compression
    std::string what;
  };

  // A file, or a folder, whose segments are read in the order of their names.
  static Result<Reader> open(const std::string& path);
  // Several, in the order given.
  static Result<Reader> open(const std::vector<std::string>& paths);
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  [[nodiscard]] ReadResult next(Message& message);
  // Of the last kDamaged.
  const Damage& damage() const;
  // Of the file that the last message came from, or else of the first. Empty for lines.
  const Header& header() const;
  // Which of files() that is.
  std::size_t file() const;

  // From anywhere: the next message will be the first of all that has this receive time or a later
  // one. Of segments, blocks before it are not read.
  void seek(std::int64_t receive_ns);

  // All that are read, in order.
  const std::vector<std::string>& files() const;

 private:
  class Files;
  explicit Reader(std::unique_ptr<Files> files);

  std::unique_ptr<Files> files_;
};

}  // namespace ticker::recording
