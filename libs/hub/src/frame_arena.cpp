#include "frame_arena.hpp"

#include <algorithm>

#include <ticker/base/assert.hpp>

namespace ticker::hub {
namespace {

// The longest entry, trade or head: a symbol of 128 bytes, escaped, and every field.
constexpr std::size_t kLongestPiece = 8'192;
constexpr std::size_t kLeastChunk = 1'048'576;
constexpr std::size_t kChunksKept = 4;

}  // namespace

FrameArena::FrameArena(std::size_t frame_bytes) { make_room(frame_bytes); }

void FrameArena::make_room(std::size_t frame_bytes) {
  TICKER_ASSERT(used() == 0);
  largest_ = std::max(largest_, frame_bytes + 2 * kLongestPiece);
  if (largest_ > chunk_bytes_) {
    chunk_bytes_ = std::max(kLeastChunk, largest_);
    chunks_.clear();
  }
}

void FrameArena::begin(std::size_t head_room) {
  if (chunks_.empty()) {
    chunks_.push_back(std::make_unique<char[]>(chunk_bytes_));
  } else if (end_ + largest_ > chunk_bytes_) {
    full_chunks_bytes_ += end_;
    end_ = 0;
    if (++chunk_ == chunks_.size()) {
      chunks_.push_back(std::make_unique<char[]>(chunk_bytes_));
    }
  }
  begin_ = end_;
  body_ = end_ = begin_ + head_room;
}

void FrameArena::append(std::string_view text) {
  TICKER_ASSERT(end_ + text.size() <= chunk_bytes_);
  std::copy_n(text.data(), text.size(), chunks_[chunk_].get() + end_);
  end_ += text.size();
}

Slice FrameArena::finish(std::string_view head, std::string_view tail) {
  TICKER_ASSERT(head.size() <= body_ - begin_);
  append(tail);
  char* const start = chunks_[chunk_].get() + body_ - head.size();
  std::copy_n(head.data(), head.size(), start);
  return {start, head.size() + size()};
}

void FrameArena::clear() {
  chunks_.resize(std::min(chunks_.size(), kChunksKept));
  chunk_ = begin_ = body_ = end_ = full_chunks_bytes_ = 0;
}

}  // namespace ticker::hub
