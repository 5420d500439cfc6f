#include "message.hpp"

namespace ticker::feed {

// What the pass calls.
class Message::Collector {
 public:
  explicit Collector(Message& message) : message_(message) {}

  bool key(std::string_view text) {
    next_ = &level_.shape->find(text);
    return true;
  }
  [[gnu::always_inline]] bool scalar(std::string_view text) {
    const Member& member = take_member();
    if (member.slot == kNoSlot) {
      return true;
    }
    if (member.own_record || member.decides) {
      return special(member, text);
    }
    level_.record->set(member.slot, text);
    return true;
  }
  bool null() { return scalar({}); }
  bool open(bool is_array) {
    if (depth_ == 0) {
      outer_[depth_++] = level_;
      const Shape* const shape = is_array ? message_.array_ : message_.object_;
      message_.root_.begin(shape, &message_.root_);
      level_ = {shape == nullptr ? &kNothing : shape, &message_.root_, 0};
      return true;
    }
    const Member& member = take_member();
    outer_[depth_++] = level_;
    const Shape* const shape = member.shape_of(is_array);
    Record* record = level_.record;
    if (member.inside != nullptr && member.slot != kNoSlot) {
      record->set(member.slot, {});
    }
    if (shape->has_record()) {
      record = message_.add(shape, record);
    }
    // Whole, as it is soon copied whole: a copy of what was written in parts waits for it.
    level_ = {shape, record, 0};
    return record != nullptr || stop(ParseOutcome::kOutOfRange);
  }
  bool close() {
    level_ = outer_[--depth_];
    return true;
  }
  // Why the pass was stopped.
  ParseOutcome reason() const { return reason_; }

 private:
  // An object or array that the pass is in.
  struct Level {
    const Shape* shape;  // kNothing: it is not wanted, whatever it is
    Record* record;      // its own, or that of what it stands in
    std::size_t place;   // of the array's next element
  };

  const Member& take_member() {
    return level_.shape->is_array() ? level_.shape->at(level_.place++) : *next_;
  }

  bool special(const Member& member, std::string_view text) {
    Record* record = level_.record;
    if (member.own_record) {
      record = message_.add(level_.shape, record);
      if (record == nullptr) {
        return stop(ParseOutcome::kOutOfRange);
      }
    }
    record->set(member.slot, text);
    return !member.decides || message_.is_wanted_(message_, member.slot, text) ||
           stop(ParseOutcome::kUnwanted);
  }

  bool stop(ParseOutcome reason) {
    reason_ = reason;
    return false;
  }

  Message& message_;
  Level level_{&kNothing, nullptr, 0};  // a value outside of everything is none
  const Member* next_ = nullptr;        // of the object that the pass is in
  std::size_t depth_ = 0;
  ParseOutcome reason_ = ParseOutcome::kMalformed;
  std::array<Level, kMaxDepth> outer_;  // filled as far as depth_
};

ParseOutcome Message::parse(char* text, std::size_t size) {
  size_ = 0;
  root_.begin(nullptr, &root_);
  Collector collector(*this);
  return JsonPass<Collector>::run(text, size, collector);
}

Record* Message::add(const Shape* shape, const Record* parent) {
  if (size_ == kMaxRecords) {
    return nullptr;
  }
  if (size_ == records_.size()) {
    records_.emplace_back();
  }
  Record& record = records_[size_++];
  record.begin(shape, parent);
  return &record;
}

}  // namespace ticker::feed
