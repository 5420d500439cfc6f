#pragma once

#include <cstdint>
#include <string>

#include <ticker/base/result.hpp>

namespace ticker::recording {

// The segments of one recording, as files: their names are the times of their first records.
class SegmentFolder {
 public:
  explicit SegmentFolder(std::string path) : path_(std::move(path)) {}

  // The path of a new segment that sorts behind all others, also where the clock was put back.
  // Makes the folder.
  Result<std::string> next(std::int64_t first_ns) const;
  // Deletes the oldest segments until all have `bytes` at most; returns how many. What can't be
  // deleted is left.
  std::size_t delete_down_to(std::uint64_t bytes) const;

 private:
  const std::string path_;
};

}  // namespace ticker::recording
