#include "segment_folder.hpp"

#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace ticker::recording {
namespace {

std::string segment(const TemporaryFolder& folder, int minute) {
  const auto two = std::to_string(minute + 100).substr(1);
  return folder.path("20240101T00" + two + "00.000000000Z.rec.zst");
}

TEST(SegmentFolder, NamesSegmentsByTheirTime) {
  const TemporaryFolder folder;
  const SegmentFolder segments(folder.path("a/b"));
  EXPECT_EQ(segments.next(1723161255088165267).value(),
            folder.path("a/b/20240808T235415.088165267Z.rec.zst"));
  EXPECT_TRUE(std::filesystem::is_directory(folder.path("a/b")));
}

TEST(SegmentFolder, SortsANewSegmentBehindAllOthers) {
  const TemporaryFolder folder;
  write_file(folder.path("20240808T235959.999999999Z.rec.zst"), "");
  write_file(folder.path("20990101T000000.000000000Z.rec.zst.part"), "");
  write_file(folder.path("zzz.rec.zst"), "");
  // The clock was put back, or stands still.
  EXPECT_EQ(SegmentFolder(folder.path()).next(5).value(),
            folder.path("20240809T000000.000000000Z.rec.zst"));
}

TEST(SegmentFolder, DeletesTheOldestFirst) {
  const TemporaryFolder folder;
  for (const int minute : {1, 2, 3}) {
    write_file(segment(folder, minute), std::string(100, 'x'));
  }
  write_file(folder.path("10000101T000000.rec.zst"), std::string(1'000, 'x'));  // none of ours
  const SegmentFolder segments(folder.path());
  EXPECT_EQ(segments.delete_down_to(300), 0U);
  EXPECT_EQ(segments.delete_down_to(299), 1U);
  EXPECT_FALSE(std::filesystem::exists(segment(folder, 1)));
  EXPECT_TRUE(std::filesystem::exists(segment(folder, 2)));
  EXPECT_EQ(segments.delete_down_to(0), 2U);
  EXPECT_TRUE(std::filesystem::exists(folder.path("10000101T000000.rec.zst")));
}

TEST(SegmentFolder, SaysWhyThereIsNone) {
  const TemporaryFolder folder;
  write_file(folder.path("file"), "");
  const auto next = SegmentFolder(folder.path("file/in")).next(1);
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.error().message, folder.path("file/in") + ": Not a directory");
}

}  // namespace
}  // namespace ticker::recording
