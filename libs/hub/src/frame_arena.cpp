#include "frame_arena.hpp"

#include <algorithm>

#include <ticker/base/assert.hpp>

namespace ticker::hub {

void FrameArena::begin(std::size_t head_room) {
  begin_ = end_;
  if (room_ - end_ < head_room) {
    move_to_next_chunk(head_room);
  }
  body_ = end_ = begin_ + head_room;
}

Slice FrameArena::finish(std::string_view head, std::string_view tail) {
  TICKER_ASSERT(head.size() <= body_ - begin_);
  append(tail);
  char* const start = bytes_ + body_ - head.size();
  std::copy_n(head.data(), head.size(), start);
  return {start, head.size() + size()};
}

// The frames before the open one stay where they are.
void FrameArena::move_to_next_chunk(std::size_t size) {
  const std::size_t open = end_ - begin_;
  const std::size_t next = chunks_.empty() ? 0 : chunk_ + 1;
  chunks_.resize(std::max(chunks_.size(), next + 1));
  if (chunks_[next].size < open + size) {
    // Twice the need, so that a frame that goes on growing is not copied each time.
    const std::size_t bytes = std::max(kChunkBytes, 2 * (open + size));
    chunks_[next] = {std::make_unique_for_overwrite<char[]>(bytes), bytes};
  }
  std::copy_n(bytes_ + begin_, open, chunks_[next].bytes.get());
  full_chunks_bytes_ += begin_;
  chunk_ = next;
  bytes_ = chunks_[next].bytes.get();
  room_ = chunks_[next].size;
  body_ -= begin_;
  end_ = open;
  begin_ = 0;
}

void FrameArena::clear() {
  std::erase_if(chunks_, [](const Chunk& chunk) { return chunk.size > kChunkBytes; });
  chunks_.resize(std::min(chunks_.size(), kChunksKept));
  chunk_ = begin_ = body_ = end_ = full_chunks_bytes_ = 0;
  bytes_ = chunks_.empty() ? nullptr : chunks_.front().bytes.get();
  room_ = chunks_.empty() ? 0 : chunks_.front().size;
}

}  // namespace ticker::hub
