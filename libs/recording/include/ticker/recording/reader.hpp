#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <ticker/base/result.hpp>

namespace ticker::recording {

// Reads a recorded feed, `.raw` or `.raw.gz` (told apart by content): lines of `RECV_NS SPACE
// MESSAGE LF`. Streams: memory is bounded by the longest message. One thread.
class Reader {
 public:
  // Longer messages are damage; the largest known of any venue is 6 MB.
  static constexpr std::size_t kMaxMessage = 16U << 20;

  struct Message {
    std::int64_t receive_ns = 0;  // since the Unix epoch
    char* data =
        nullptr;  // the reader's, until the next call; may be overwritten, and so may data[size]
    std::size_t size = 0;
  };
  enum class ReadResult {
    kMessage,
    kEnd,
    kDamaged,  // see damage(); what can still be read comes with the next calls
  };
  struct Damage {
    std::uint64_t offset = 0;  // in the lines, that is behind the compression
    std::string what;
  };

  static Result<Reader> open(const std::string& path);
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  [[nodiscard]] ReadResult next(Message& message);
  // Of the last kDamaged.
  const Damage& damage() const;

 private:
  class Source;
  explicit Reader(std::unique_ptr<Source> source);

  std::unique_ptr<Source> source_;
};

}  // namespace ticker::recording
