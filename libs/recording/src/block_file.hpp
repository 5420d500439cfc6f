#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "frame.hpp"
#include "source.hpp"

struct ZSTD_DCtx_s;

namespace ticker::recording {

// The blocks of one segment, also of one that is damaged or still being written: after damage it
// goes on at the next place that looks like the beginning of a block.
class BlockFile {
 public:
  enum class Outcome { kBlock, kEnd, kDamaged };

  explicit BlockFile(File file);

  // The header of the next block.
  [[nodiscard]] Outcome next(FrameHeader& header);
  // The text of the block that next() gave, in the first header.raw bytes of `text`, which grows as
  // needed. Not called: the block is passed over. False: damage().
  [[nodiscard]] bool read(const FrameHeader& header, std::vector<char>& text);

  const Reader::Damage& damage() const { return damage_; }
  // Where the block that next() gave begins.
  std::uint64_t block_offset() const { return block_; }
  std::uint64_t size() const;

 private:
  struct FreeContext {
    void operator()(ZSTD_DCtx_s* context) const;
  };

  std::size_t read_at(std::uint64_t offset, char* out, std::size_t size) const;
  void damaged(std::uint64_t offset, std::string what, std::uint64_t search_from);
  std::uint64_t find_signature(std::uint64_t from) const;

  const File file_;
  const std::unique_ptr<ZSTD_DCtx_s, FreeContext> context_;
  std::vector<char> stored_;
  std::uint64_t block_ = 0;                  // where the block in hand begins
  std::uint64_t offset_ = 0;                 // of the next block
  std::optional<std::uint32_t> number_ = 0;  // which it should have; not known after damage
  Reader::Damage damage_;
};

}  // namespace ticker::recording
