#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>

#include "json_pass.hpp"
#include "shape.hpp"

namespace ticker::feed {

// The texts of one object or array, by the slots of its shape. Of strings and numbers they are
// their own text, `true`, `false`, and for null the empty one; they point into the message.
class Record {
 public:
  bool is(const Shape& shape) const { return shape_ == &shape; }
  // What it stands in: the nearest one that has a record.
  const Record& parent() const { return *parent_; }

  bool empty() const { return present_ == 0; }
  bool has(std::size_t slot) const { return (present_ >> slot & 1U) != 0; }
  // Empty if absent too; has() tells.
  std::string_view operator[](std::size_t slot) const {
    return has(slot) ? texts_[slot] : std::string_view();
  }

 private:
  friend class Message;
  void begin(const Shape* shape, const Record* parent) {
    shape_ = shape;
    parent_ = parent;
    present_ = 0;
  }
  void set(std::size_t slot, std::string_view text) {
    texts_[slot] = text;
    present_ |= 1U << slot;
  }

  const Shape* shape_ = nullptr;
  const Record* parent_ = nullptr;
  std::uint32_t present_ = 0;
  std::array<std::string_view, kMaxSlots> texts_;
};

// What one message of a venue says, as far as its adapter's shapes want it, whatever the order of
// keys. Reused: in the steady state nothing is allocated.
class Message {
 public:
  // Whether the rest matters, now that the text of a member that decides is known.
  using IsWanted = bool (*)(const Message& message, std::size_t slot, std::string_view text);

  // What is wanted of a message that is an object, and of one that is an array; both outlive it.
  explicit Message(const Shape* object, const Shape* array = nullptr, IsWanted is_wanted = nullptr)
      : object_(object), array_(array), is_wanted_(is_wanted) {}

  // One pass over `text`, which is overwritten. Requires: text[size] is writable.
  ParseOutcome parse(char* text, std::size_t size);

  // The message itself; without a shape, if it is neither what is wanted nor anything known.
  const Record& root() const { return root_; }
  std::string_view operator[](std::size_t slot) const { return root_[slot]; }
  bool has(std::size_t slot) const { return root_.has(slot); }
  // Those of all that is in it, in the order of the text: of a thing before those of what is in it.
  std::size_t size() const { return size_; }
  const Record& at(std::size_t index) const { return records_[index]; }
  template <typename Fn>
  void for_each(const Shape& shape, Fn&& fn) const {
    for (std::size_t i = 0; i < size_; ++i) {
      if (records_[i].is(shape)) {
        fn(records_[i]);
      }
    }
  }

 private:
  class Collector;
  static constexpr std::size_t kMaxRecords = 10'000;

  // nullptr: there are too many.
  Record* add(const Shape* shape, const Record* parent);

  const Shape* object_;
  const Shape* array_;
  IsWanted is_wanted_;
  Record root_;
  std::deque<Record> records_;  // those from size_ on wait to be used again
  std::size_t size_ = 0;
};

}  // namespace ticker::feed
