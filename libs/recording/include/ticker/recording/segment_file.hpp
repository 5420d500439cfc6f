#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <ticker/base/result.hpp>
#include <ticker/recording/block.hpp>
#include <ticker/recording/header.hpp>

namespace ticker::recording {

// What the names of segments end in.
inline constexpr const char* kSegmentSuffix = ".rec.zst";

// Writes one file of a recording: its header, blocks, and the mark of its end. What was written is
// the system's at once: it outlives the process, not a loss of power. Blocking; one thread.
class SegmentFile {
 public:
  // A new file, signed with our version; one that exists already is an error. On an error there is no new file.
  static Result<SegmentFile> create(const std::string& path, const Header& header);
  SegmentFile(SegmentFile&&) noexcept;
  SegmentFile& operator=(SegmentFile&&) noexcept;
  // Without end(), the file looks like one whose writer was killed.
  ~SegmentFile();

  // On an error nothing of the block stays in the file, and it may be given again.
  Status write(const Block& block);
  // Nothing may be written after it.
  Status end();

  const std::string& path() const;
  std::uint64_t bytes() const;  // of the file, as yet
  // Somebody took it away: what is written goes nowhere.
  bool is_deleted() const;

 private:
  class Impl;
  explicit SegmentFile(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace ticker::recording
