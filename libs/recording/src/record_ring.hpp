#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <ticker/recording/record.hpp>

namespace ticker::recording {

// A queue of records, bounded in bytes, from one thread to another; neither ever waits.
class RecordRing {
 public:
  explicit RecordRing(std::size_t capacity);

  // --- the thread that pushes ---
  // For so many records more, which have so many bytes in all.
  [[nodiscard]] bool has_room(std::size_t records, std::size_t bytes);
  // Copies it. False: no room.
  [[nodiscard]] bool push(const Record& record);

  // --- the other thread ---
  // The oldest, or nullptr. Stays until pop().
  const Record* front();
  void pop();

 private:
  struct Entry {
    std::int64_t receive_ns;
    std::uint32_t connection;
    std::uint32_t size;  // of the bytes that follow
    Kind kind;
  };

  static std::size_t space(std::size_t size);
  void put(std::uint64_t position, const void* bytes, std::size_t size);
  void get(std::uint64_t position, void* bytes, std::size_t size) const;
  bool has_space(std::size_t bytes);

  // Positions only grow; a byte stands at its position modulo the capacity. [read_, written_) holds
  // whole entries.
  const std::size_t capacity_;
  const std::unique_ptr<char[]> bytes_;  // not initialised: what was never reached takes no memory

  alignas(64) std::atomic<std::uint64_t> written_{0};
  std::uint64_t read_seen_ = 0;  // of the thread that pushes: read_ as it was

  alignas(64) std::atomic<std::uint64_t> read_{0};
  std::uint64_t written_seen_ = 0;  // of the other thread
  Record front_;
  bool has_front_ = false;
  std::string
      joined_;  // the bytes of a record that stand partly at the end, partly at the beginning
};

}  // namespace ticker::recording
