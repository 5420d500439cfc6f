#include "message.hpp"

#include <rapidjson/reader.h>

namespace ticker::feed {
namespace {

// Venues nest six deep at most; RapidJSON recurses, so that unbounded depth would be a way to crash
// us.
constexpr std::size_t kMaxDepth = 32;

}  // namespace

// What RapidJSON calls.
class Message::Collector {
 public:
  explicit Collector(Message& message) : message_(message) {
    // A value outside of everything is none.
    levels_[0] = {nullptr, nullptr, 0, true};
  }

  bool Null() { return value({}); }
  bool Bool(bool value) { return this->value(value ? "true" : "false"); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) { return value({text, size}); }
  bool String(const char* text, rapidjson::SizeType size, bool) { return value({text, size}); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    const Shape* const shape = levels_[depth_].shape;
    next_ = shape == nullptr ? nullptr : shape->find({text, size});
    return true;
  }
  bool StartObject() { return open(message_.object_, false); }
  bool StartArray() { return open(message_.array_, true); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  // Numbers come as text only.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  // Why the pass was stopped.
  ParseOutcome reason() const { return reason_; }

 private:
  // An object or array that the pass is in.
  struct Level {
    const Shape* shape;  // nullptr: nothing of it is wanted
    Record* record;      // its own, or that of what it stands in
    std::size_t place;   // of the array's next element
    bool is_array;
  };

  const Member* take_member(Level& level) {
    if (!level.is_array) {
      return next_;
    }
    return level.shape == nullptr ? nullptr : level.shape->at(level.place++);
  }

  bool value(std::string_view text) {
    Level& level = levels_[depth_];
    const Member* const member = take_member(level);
    if (member == nullptr || member->slot == kNoSlot) {
      return true;
    }
    Record* record = level.record;
    if (member->own_record) {
      record = message_.add(level.shape, record);
      if (record == nullptr) {
        return stop(ParseOutcome::kOutOfRange);
      }
    }
    record->set(member->slot, text);
    return !member->decides || message_.is_wanted_(message_, member->slot, text) ||
           stop(ParseOutcome::kUnwanted);
  }

  bool open(const Shape* of_root, bool is_array) {
    if (depth_ == 0) {
      levels_[++depth_] = {of_root, &message_.root_, 0, is_array};
      message_.root_.begin(of_root, &message_.root_);
      return true;
    }
    Level& outer = levels_[depth_];
    const Member* const member = take_member(outer);
    if (depth_ == kMaxDepth) {
      return stop(ParseOutcome::kMalformed);
    }
    Level& level = levels_[++depth_];
    level = {nullptr, outer.record, 0, is_array};
    if (member == nullptr || member->inside == nullptr) {
      return true;
    }
    if (member->slot != kNoSlot) {
      outer.record->set(member->slot, {});
    }
    for (const Shape* const shape : {member->inside, member->or_inside}) {
      if (shape != nullptr && shape->is_array() == is_array) {
        level.shape = shape;
      }
    }
    if (level.shape != nullptr && level.shape->has_record()) {
      level.record = message_.add(level.shape, outer.record);
    }
    return level.record != nullptr || stop(ParseOutcome::kOutOfRange);
  }
  bool close() {
    --depth_;
    return true;
  }

  bool stop(ParseOutcome reason) {
    reason_ = reason;
    return false;
  }

  Message& message_;
  const Member* next_ = nullptr;  // of the object that the pass is in
  std::size_t depth_ = 0;
  ParseOutcome reason_ = ParseOutcome::kMalformed;
  std::array<Level, kMaxDepth + 1> levels_;  // filled as far as depth_
};

// Flat, or else every key and value costs calls that the parser alone does not need.
[[gnu::flatten]] ParseOutcome Message::parse(char* text, std::size_t size) {
  constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
  size_ = 0;
  root_.begin(nullptr, &root_);
  text[size] = '\0';
  rapidjson::InsituStringStream stream(text);
  rapidjson::Reader reader;
  Collector collector(*this);
  if (reader.Parse<kFlags>(stream, collector)) {
    // A NUL within the message ends it for RapidJSON.
    return stream.Tell() == size ? ParseOutcome::kComplete : ParseOutcome::kMalformed;
  }
  switch (reader.GetParseErrorCode()) {
    case rapidjson::kParseErrorTermination:
      return collector.reason();
    case rapidjson::kParseErrorNumberTooBig:
      return ParseOutcome::kOutOfRange;
    default:
      return ParseOutcome::kMalformed;
  }
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
