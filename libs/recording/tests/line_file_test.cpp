#include <ticker/recording/line_file.hpp>

#include <gtest/gtest.h>

#include <ticker/recording/reader.hpp>

#include "temporary_folder.hpp"

namespace ticker::recording {
namespace {

Record received(std::int64_t ns, std::string_view bytes) { return {ns, Kind::kReceived, 0, bytes}; }

TEST(LineFile, IsReadAgainCompressedOrNot) {
  const TemporaryFolder folder;
  for (const std::string name : {"a.raw", "a.raw.gz"}) {
    auto file = LineFile::create(folder.path(name));
    ASSERT_TRUE(file.ok()) << file.error().message;
    ASSERT_TRUE(file->write(received(1723161255088165267, R"({"a": "b c"})")).ok());
    ASSERT_TRUE(file->write(received(0, "")).ok());
    ASSERT_TRUE(file->end().ok());
    auto reader = Reader::open(folder.path(name));
    Reader::Message message;
    ASSERT_EQ(reader->next(message), Reader::ReadResult::kMessage);
    EXPECT_EQ(message.receive_ns, 1723161255088165267);
    EXPECT_EQ(std::string(message.data, message.size), R"({"a": "b c"})");
    ASSERT_EQ(reader->next(message), Reader::ReadResult::kMessage);
    EXPECT_EQ(message.size, 0U);
    EXPECT_EQ(reader->next(message), Reader::ReadResult::kEnd);
  }
  EXPECT_EQ(read_file(folder.path("a.raw")), "1723161255088165267 {\"a\": \"b c\"}\n0 \n");
  EXPECT_EQ(read_file(folder.path("a.raw.gz")).substr(0, 2), "\x1f\x8b");
}

TEST(LineFile, IsNotWrittenOverAnother) {
  const TemporaryFolder folder;
  write_file(folder.path("a.raw"), "1 a\n");
  const auto file = LineFile::create(folder.path("a.raw"));
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().message, folder.path("a.raw") + ": File exists");
}

TEST(LineFile, HoldsOnlyWhatCanBeALine) {
  EXPECT_TRUE(LineFile::can_hold(received(1, "a b")));
  EXPECT_FALSE(LineFile::can_hold(received(1, "a\nb")));
  EXPECT_FALSE(LineFile::can_hold(received(1, "a\r")));
  EXPECT_FALSE(LineFile::can_hold(received(-1, "a")));
  EXPECT_FALSE(LineFile::can_hold({1, Kind::kSent, 0, "a"}));
  EXPECT_FALSE(LineFile::can_hold({1, Kind::kReceivedBinary, 0, "a"}));
}

}  // namespace
}  // namespace ticker::recording
