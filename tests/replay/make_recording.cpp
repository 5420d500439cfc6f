// Writes the recording that the golden frames are made from: make_recording FILE.
#include <cstdio>

#include <ticker/recording/block.hpp>
#include <ticker/recording/segment_file.hpp>

#include "sim_recording.hpp"

int main(int argc, char** argv) {
  using namespace ticker;
  if (argc != 2) {
    std::fputs("make_recording FILE\n", stderr);
    return 2;
  }
  std::remove(argv[1]);
  auto file = recording::SegmentFile::create(argv[1], replay::sim_header());
  if (!file) {
    std::fprintf(stderr, "%s\n", file.error().message.c_str());
    return 2;
  }
  recording::Block block;
  for (const auto& record : replay::sim_records()) {
    block.append({record.receive_ns, record.kind, record.connection, record.bytes});
  }
  const bool written = file->write(block).ok() && file->end().ok();
  return written ? 0 : 2;
}
