#include <ticker/recording/reader.hpp>

#include <gtest/gtest.h>
#include <zlib.h>

#include <vector>

#include "temporary_folder.hpp"

namespace ticker::recording {
namespace {

using ReadResult = Reader::ReadResult;
using Lines = std::vector<std::string>;

std::string gzip(const std::string& text) {
  constexpr int kGzip = 16 + MAX_WBITS;
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// What a reader gives, in words: `17 message`, `damaged 12 why`.
Lines read_all(const std::string& content) {
  const TemporaryFolder folder;
  write_file(folder.path("recording"), content);
  auto reader = Reader::open(folder.path("recording"));
  EXPECT_TRUE(reader.ok());
  Lines lines;
  Reader::Message message;
  for (auto result = reader->next(message); result != ReadResult::kEnd;
       result = reader->next(message)) {
    if (result == ReadResult::kMessage) {
      lines.push_back(std::to_string(message.receive_ns) + ' ' +
                      std::string(message.data, message.size));
      message.data[message.size] = '\0';  // as parsers in situ do
    } else {
      lines.push_back("damaged " + std::to_string(reader->damage().offset) + ' ' +
                      reader->damage().what);
    }
    if (lines.size() > 1'000'000) {
      ADD_FAILURE() << "no end";
      break;
    }
  }
  return lines;
}

TEST(Reader, ReadsPlainAndCompressedFilesAlike) {
  const std::string text = "17 {\"a\":1}\n18 []\n1723161255088165267 {\"b\": \"c d\"}\n";
  const Lines expected{"17 {\"a\":1}", "18 []", "1723161255088165267 {\"b\": \"c d\"}"};
  EXPECT_EQ(read_all(text), expected);
  EXPECT_EQ(read_all(gzip(text)), expected);
}

TEST(Reader, ReadsGzipMembersOneAfterAnother) {
  EXPECT_EQ(read_all(gzip("1 a\n2 b") + gzip("c\n3 d\n")), (Lines{"1 a", "2 bc", "3 d"}));
}

TEST(Reader, FindsNothingInAnEmptyFile) {
  EXPECT_EQ(read_all(""), Lines{});
  EXPECT_EQ(read_all(gzip("")), Lines{});
}

TEST(Reader, SaysWhyAFileCannotBeOpened) {
  const auto reader = Reader::open("/nowhere/file.raw");
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().message, "/nowhere/file.raw: No such file or directory");
}

TEST(Reader, KeepsAllCompleteLinesOfAFileThatIsCutAnywhere) {
  const std::string text = "1 aa\n22 b\n3 c\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto lines = read_all(text.substr(0, size));
    const std::size_t complete = size < 5 ? 0 : size < 10 ? 1 : 2;
    const bool whole = size % 5 == 0;
    ASSERT_EQ(lines.size(), complete + (whole ? 0 : 1)) << size;
    if (!whole) {
      EXPECT_EQ(lines.back(),
                "damaged " + std::to_string(complete * 5) + " file ends within a line");
    }
  }
}

TEST(Reader, GivesWhatCanBeInflatedOfACutFile) {
  const auto line = [](std::size_t number) {
    return std::to_string(number) + " message " + std::to_string(number * 7919 % 10'007);
  };
  std::string text;
  for (std::size_t number = 0; number < 10'000; ++number) {
    text += line(number) + '\n';
  }
  const std::string packed = gzip(text);
  const auto lines = read_all(packed.substr(0, packed.size() / 2));
  ASSERT_GT(lines.size(), 100U);
  for (std::size_t number = 0; number + 1 < lines.size(); ++number) {
    ASSERT_EQ(lines[number], line(number));
  }
  EXPECT_TRUE(lines.back().starts_with("damaged ")) << lines.back();
  EXPECT_TRUE(lines.back().ends_with(" compressed data ends in the middle")) << lines.back();
}

TEST(Reader, TellsOnceOfDamagedCompression) {
  std::string packed = gzip("1 a\n") + gzip("2 b\n");
  packed.replace(packed.size() - 8, 4, "\1\2\3\4");  // the last member's checksum
  EXPECT_EQ(read_all(packed),
            (Lines{"1 a", "2 b", "damaged 8 compressed data is damaged: incorrect data check"}));
}

TEST(Reader, GoesOnBehindALineThatIsNone) {
  EXPECT_EQ(read_all("1 a\nx\n\n-5 b\n12\n99999999999999999999 c\n2 d\n"),
            (Lines{"1 a", "damaged 4 line without a receive time",
                   "damaged 6 line without a receive time", "damaged 7 line without a receive time",
                   "damaged 12 line without a receive time",
                   "damaged 15 line without a receive time", "2 d"}));
}

TEST(Reader, TakesTheLongestMessageAndNoLongerOne) {
  const std::string longest(Reader::kMaxMessage, 'x');
  const auto lines =
      read_all("1 a\n2 " + longest + "\n3 " + longest + "y\n4 " + longest + longest + "\n5 b\n");
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[1].size(), longest.size() + 2);
  EXPECT_EQ(lines[2],
            "damaged " + std::to_string(4 + 3 + longest.size()) + " line longer than 16 MiB");
  EXPECT_TRUE(lines[3].ends_with(" line longer than 16 MiB"));
  EXPECT_EQ(lines[4], "5 b");
}

}  // namespace
}  // namespace ticker::recording
