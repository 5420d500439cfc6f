#pragma once

#include <cstdint>
#include <string>

#include <ticker/base/result.hpp>
#include <ticker/recording/header.hpp>

namespace ticker::recording {

// What a segment says of itself: of its blocks only the beginnings are read.
struct Segment {
  Header header;
  std::uint64_t blocks = 0;  // that hold records
  std::uint64_t records = 0;
  std::uint64_t raw_bytes = 0;  // of their text
  std::uint64_t file_bytes = 0;
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  // Its writer ended it. If not, it is being written, or its writer was killed: up to a second may
  // be missing.
  bool is_ended = false;
};

// Passes over damage. An error: it can't be opened.
Result<Segment> read_segment(const std::string& path);

}  // namespace ticker::recording
