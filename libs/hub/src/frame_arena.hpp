#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include <ticker/hub/connection.hpp>

namespace ticker::hub {

// Memory in which the frames of one flush are put together and stay until all of them were written;
// used again for the next flush. One frame is open at a time, and may grow to any size. The hub's
// thread.
class FrameArena {
 public:
  // Opens a frame whose head, written last, takes `head_room` bytes at most.
  void begin(std::size_t head_room);
  void append(std::string_view text) {
    if (room_ - end_ < text.size()) {
      move_to_next_chunk(text.size());
    }
    std::copy_n(text.data(), text.size(), bytes_ + end_);
    end_ += text.size();
  }
  // Bytes of the open frame without its head.
  std::size_t size() const { return end_ - body_; }
  // Closes the frame; the slice is valid until clear().
  Slice finish(std::string_view head, std::string_view tail);
  // Gives back what the frame finished last, or the open one, took.
  void undo() { end_ = begin_; }

  // The last of what it keeps for the next flush is being filled: the frames so far are better sent
  // and cleared than more memory taken, and given back after this flush.
  bool full() const { return chunk_ + 1 >= kChunksKept; }
  // Bytes of all frames since clear().
  std::size_t used() const { return full_chunks_bytes_ + end_; }
  void clear();

 private:
  static constexpr std::size_t kChunkBytes = 1'048'576;
  static constexpr std::size_t kChunksKept = 5;  // 4 MiB of frames, and the one that was too many
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  // With so many bytes more for the open frame.
  void move_to_next_chunk(std::size_t size);

  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0;  // the one being filled; those behind it are empty
  char* bytes_ = nullptr;  // of that chunk …
  std::size_t room_ = 0;   // … and how many they are
  std::size_t begin_ = 0;  // of the frame, in the chunk
  std::size_t body_ = 0;   // behind the room for its head
  std::size_t end_ = 0;
  std::size_t full_chunks_bytes_ = 0;
};

}  // namespace ticker::hub
