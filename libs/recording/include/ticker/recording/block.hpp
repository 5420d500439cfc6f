#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include <ticker/recording/record.hpp>

namespace ticker::recording {

// Records in the form in which they are compressed and written together, a line each:
// `RECV_NS KIND CONNECTION SIZE BYTES LF`, KIND one of r b s c d l, BYTES as they are.
class Block {
 public:
  // How much is compressed together: what is larger compresses hardly better, and is a longer way
  // to a moment within it.
  static constexpr std::size_t kTarget = std::size_t{256} << 10U;
  // With the longest message.
  static constexpr std::size_t kMost = kTarget + kMaxMessage + 128;

  // Requires: bytes.size() <= kMaxMessage, !is_full().
  void append(const Record& record);
  void clear();

  bool is_full() const { return text_.size() >= kTarget; }
  bool is_empty() const { return records_ == 0; }
  const std::string& text() const { return text_; }
  std::uint32_t records() const { return records_; }
  std::int64_t first_ns() const { return first_ns_; }  // the least
  std::int64_t last_ns() const { return last_ns_; }    // the greatest

 private:
  std::string text_;
  std::uint32_t records_ = 0;
  std::int64_t first_ns_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_ns_ = std::numeric_limits<std::int64_t>::min();
};

// Takes the record at `text` apart; its bytes stay there, with the LF behind them. nullptr: there
// is none; otherwise what follows it.
char* parse_record(char* text, char* end, Record& record);

}  // namespace ticker::recording
