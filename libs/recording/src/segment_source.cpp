#include <limits>
#include <utility>
#include <vector>

#include "block_file.hpp"
#include "source.hpp"

namespace ticker::recording {
namespace {

using ReadResult = Reader::ReadResult;
using Outcome = BlockFile::Outcome;
using Content = FrameHeader::Content;

// The records of a segment. `text_` holds [at_, end_): those of the block in hand that were not
// given out yet.
class SegmentSource final : public Source {
 public:
  explicit SegmentSource(File file) : blocks_(std::move(file)) {
    // If it has none where it should stand, next() tells of that.
    first_ = fetch();
  }

  ReadResult next(Reader::Message& message) override {
    if (auto first = std::exchange(first_, Outcome::kBlock); first != Outcome::kBlock) {
      return first == Outcome::kEnd ? ReadResult::kEnd : ReadResult::kDamaged;
    }
    while (at_ == end_) {
      if (const auto outcome = fetch(); outcome != Outcome::kBlock) {
        return outcome == Outcome::kEnd ? ReadResult::kEnd : ReadResult::kDamaged;
      }
    }
    Record record;
    char* const behind = parse_record(at_, end_, record);
    if (behind == nullptr) {
      at_ = end_;
      damage_ = {{},
                 blocks_.block_offset(),
                 "a record makes no sense; the rest of its block is passed over"};
      return ReadResult::kDamaged;
    }
    message.receive_ns = record.receive_ns;
    message.size = record.bytes.size();
    message.data = behind - 1 - message.size;
    message.kind = record.kind;
    message.connection = record.connection;
    at_ = behind;
    return ReadResult::kMessage;
  }

  const Reader::Damage& damage() const override { return damage_; }
  const Header& header() const override { return header_; }
  void skip_before(std::int64_t receive_ns) override { skip_before_ = receive_ns; }

 private:
  // The next block that is wanted, or the header.
  Outcome fetch() {
    FrameHeader frame;
    auto outcome = blocks_.next(frame);
    while (outcome == Outcome::kBlock && frame.content == Content::kRecords &&
           frame.last_ns < skip_before_) {
      outcome = blocks_.next(frame);
    }
    if (outcome == Outcome::kBlock && !blocks_.read(frame, text_)) {
      outcome = Outcome::kDamaged;
    }
    if (outcome == Outcome::kDamaged) {
      damage_ = blocks_.damage();
    } else if (outcome == Outcome::kBlock && frame.content == Content::kHeader) {
      header_ = parse_header({text_.data(), frame.raw});
    } else if (outcome == Outcome::kBlock) {
      at_ = text_.data();
      end_ = at_ + frame.raw;
    }
    return outcome;
  }

  BlockFile blocks_;
  Header header_;
  Outcome first_ = Outcome::kBlock;
  std::int64_t skip_before_ = std::numeric_limits<std::int64_t>::min();
  std::vector<char> text_;
  char* at_ = nullptr;
  char* end_ = nullptr;
  Reader::Damage damage_;
};

}  // namespace

std::unique_ptr<Source> make_segment_source(File file) {
  return std::make_unique<SegmentSource>(std::move(file));
}

}  // namespace ticker::recording
