#include <ticker/recording/segment.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "block_file.hpp"

namespace ticker::recording {

Result<Segment> read_segment(const std::string& path) {
  File file(std::fopen(path.c_str(), "rbe"));
  if (!file) {
    return Error{path + ": " + std::strerror(errno)};
  }
  BlockFile blocks(std::move(file));
  Segment segment;
  FrameHeader frame;
  std::vector<char> text;
  for (auto outcome = blocks.next(frame); outcome != BlockFile::Outcome::kEnd;
       outcome = blocks.next(frame)) {
    if (outcome == BlockFile::Outcome::kDamaged) {
      continue;
    }
    segment.is_ended = frame.content == FrameHeader::Content::kEnd;
    if (frame.content == FrameHeader::Content::kHeader && blocks.read(frame, text)) {
      segment.header = parse_header({text.data(), frame.raw});
    } else if (frame.content == FrameHeader::Content::kRecords) {
      segment.first_ns =
          segment.blocks == 0 ? frame.first_ns : std::min(segment.first_ns, frame.first_ns);
      segment.last_ns =
          segment.blocks == 0 ? frame.last_ns : std::max(segment.last_ns, frame.last_ns);
      ++segment.blocks;
      segment.records += frame.records;
      segment.raw_bytes += frame.raw;
    }
  }
  segment.file_bytes = blocks.size();
  return segment;
}

}  // namespace ticker::recording
