#include "record_ring.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ticker::recording {

RecordRing::RecordRing(std::size_t capacity)
    : capacity_(capacity), bytes_(std::make_unique_for_overwrite<char[]>(capacity)) {}

bool RecordRing::has_room(std::size_t records, std::size_t bytes) {
  return has_space(records * sizeof(Entry) + bytes);
}

bool RecordRing::push(const Record& record) {
  if (!has_space(space(record.bytes.size()))) {
    return false;
  }
  const Entry entry{record.receive_ns, record.connection,
                    static_cast<std::uint32_t>(record.bytes.size()), record.kind};
  const auto written = written_.load(std::memory_order_relaxed);
  put(written, &entry, sizeof entry);
  put(written + sizeof entry, record.bytes.data(), record.bytes.size());
  written_.store(written + space(record.bytes.size()), std::memory_order_release);
  return true;
}

const Record* RecordRing::front() {
  const auto read = read_.load(std::memory_order_relaxed);
  if (has_front_) {
    return &front_;
  }
  if (read == written_seen_) {
    written_seen_ = written_.load(std::memory_order_acquire);
  }
  if (read == written_seen_) {
    return nullptr;
  }
  Entry entry;
  get(read, &entry, sizeof entry);
  const auto at = (read + sizeof entry) % capacity_;
  const char* bytes = bytes_.get() + at;
  if (at + entry.size > capacity_) {
    joined_.resize(entry.size);
    get(read + sizeof entry, joined_.data(), entry.size);
    bytes = joined_.data();
  }
  front_ = {entry.receive_ns, entry.kind, entry.connection, {bytes, entry.size}};
  has_front_ = true;
  return &front_;
}

void RecordRing::pop() {
  has_front_ = false;
  read_.store(read_.load(std::memory_order_relaxed) + space(front_.bytes.size()),
              std::memory_order_release);
}

std::size_t RecordRing::space(std::size_t size) { return sizeof(Entry) + size; }

void RecordRing::put(std::uint64_t position, const void* bytes, std::size_t size) {
  if (size == 0) {
    return;
  }
  const auto at = position % capacity_;
  const auto first = std::min(size, capacity_ - at);
  std::memcpy(bytes_.get() + at, bytes, first);
  if (first < size) {
    std::memcpy(bytes_.get(), static_cast<const char*>(bytes) + first, size - first);
  }
}

void RecordRing::get(std::uint64_t position, void* bytes, std::size_t size) const {
  const auto at = position % capacity_;
  const auto first = std::min(size, capacity_ - at);
  std::memcpy(bytes, bytes_.get() + at, first);
  if (first < size) {
    std::memcpy(static_cast<char*>(bytes) + first, bytes_.get(), size - first);
  }
}

bool RecordRing::has_space(std::size_t bytes) {
  const auto end = written_.load(std::memory_order_relaxed) + bytes;
  if (end - read_seen_ > capacity_) {
    read_seen_ = read_.load(std::memory_order_acquire);
  }
  return end - read_seen_ <= capacity_;
}

}  // namespace ticker::recording
