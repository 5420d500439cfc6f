#include <ticker/recording/segment.hpp>

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <vector>

#include <ticker/recording/reader.hpp>
#include <ticker/recording/segment_file.hpp>

#include "temporary_folder.hpp"

namespace ticker::recording {
namespace {

using ReadResult = Reader::ReadResult;
using Lines = std::vector<std::string>;

const Header kHeader{.ticker = "",
                     .feed = "f",
                     .adapter = "okx",
                     .url = "ws://x",
                     .trades = "trade",
                     .symbols = {{"A-B", "AB"}}};

// What is read again: whoever writes it adds the version.
Header signed_header(const std::string& ticker) {
  auto header = kHeader;
  header.ticker = ticker;
  return header;
}

// Blocks of these records; `end`: and the mark of the end. Returns where its header and each of its
// blocks end.
std::vector<std::size_t> write_segment(const std::string& path,
                                       const std::vector<std::vector<Record>>& blocks,
                                       bool end = true) {
  auto file = SegmentFile::create(path, kHeader);
  EXPECT_TRUE(file.ok()) << file.error().message;
  std::vector<std::size_t> ends{file->bytes()};
  for (const auto& records : blocks) {
    Block block;
    for (const auto& record : records) {
      block.append(record);
    }
    EXPECT_TRUE(file->write(block).ok());
    ends.push_back(file->bytes());
  }
  EXPECT_TRUE(!end || file->end().ok());
  return ends;
}

// What a reader gives, in words: `17 r0 message`, `damaged: why`.
Lines read_all(Reader& reader) {
  constexpr std::string_view kKinds = "rbscdlt";
  Lines lines;
  Reader::Message message;
  for (auto result = reader.next(message); result != ReadResult::kEnd;
       result = reader.next(message)) {
    if (result == ReadResult::kDamaged) {
      lines.push_back("damaged: " + reader.damage().what);
      continue;
    }
    lines.push_back(
        std::to_string(message.receive_ns) + ' ' + kKinds[static_cast<std::size_t>(message.kind)] +
        std::to_string(message.connection) + ' ' + std::string(message.data, message.size));
    std::fill_n(message.data, message.size + 1, 'x');  // as parsers in situ may do
  }
  return lines;
}

Lines read_all(const std::string& path) {
  auto reader = Reader::open(path);
  EXPECT_TRUE(reader.ok()) << reader.error().message;
  return read_all(reader.value());
}

Record received(std::int64_t ns, std::string_view bytes) { return {ns, Kind::kReceived, 0, bytes}; }

TEST(Segment, GivesBackWhatPassedOnTheConnections) {
  const TemporaryFolder folder;
  const std::string bytes("{\"a\":\n \0 \xff}", 12);
  write_segment(folder.path("a.rec.zst"),
                {{{1, Kind::kConnected, 7, "ws://x"}, {2, Kind::kSent, 7, "hello"}},
                 {{3, Kind::kReceived, 7, bytes},
                  {3, Kind::kReceivedBinary, 4'294'967'295, ""},
                  {5, Kind::kLost, 0, "12"},
                  {1723161255088165267, Kind::kDisconnected, 7, "closed with code 1006"}}});
  EXPECT_EQ(read_all(folder.path("a.rec.zst")),
            (Lines{"1 c7 ws://x", "2 s7 hello", "3 r7 " + bytes, "3 b4294967295 ", "5 l0 12",
                   "1723161255088165267 d7 closed with code 1006"}));
}

TEST(Segment, SaysWhatItHolds) {
  const TemporaryFolder folder;
  const auto path = folder.path("a.rec.zst");
  write_segment(path, {{received(5, "a"), received(3, "b")}, {received(9, "c")}});
  const auto segment = read_segment(path);
  ASSERT_TRUE(segment.ok());
  EXPECT_EQ(segment->header, signed_header(segment->header.ticker));
  EXPECT_NE(segment->header.ticker, "");
  EXPECT_EQ(segment->blocks, 2U);
  EXPECT_EQ(segment->records, 3U);
  EXPECT_EQ(segment->raw_bytes, 3 * std::string("5 r 0 1 a\n").size());
  EXPECT_EQ(segment->file_bytes, std::filesystem::file_size(path));
  EXPECT_EQ(segment->first_ns, 3);
  EXPECT_EQ(segment->last_ns, 9);
  EXPECT_TRUE(segment->is_ended);
}

TEST(Segment, OfAKilledWriterIsNotEnded) {
  const TemporaryFolder folder;
  write_segment(folder.path("a.rec.zst"), {{received(5, "a")}}, false);
  EXPECT_FALSE(read_segment(folder.path("a.rec.zst"))->is_ended);
  EXPECT_EQ(read_all(folder.path("a.rec.zst")), Lines{"5 r0 a"});
}

TEST(Segment, IsNotWrittenOverAnother) {
  const TemporaryFolder folder;
  write_segment(folder.path("a.rec.zst"), {});
  const auto again = SegmentFile::create(folder.path("a.rec.zst"), kHeader);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().message, folder.path("a.rec.zst") + ": File exists");
}

TEST(Segment, CutAnywhereKeepsItsWholeBlocks) {
  const TemporaryFolder folder;
  const auto path = folder.path("a.rec.zst");
  const auto ends = write_segment(path, {{received(1, "first")}, {received(2, "second")}}, false);
  const auto whole = read_file(path);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write_file(path, whole.substr(0, size));
    auto lines = read_all(path);
    // Between two blocks nothing is to be seen; anywhere else it is told.
    if (size != 0 && std::find(ends.begin(), ends.end(), size) == ends.end()) {
      ASSERT_FALSE(lines.empty()) << size;
      EXPECT_TRUE(lines.back().starts_with("damaged: the file ends within a block"))
          << lines.back();
      lines.pop_back();
    }
    EXPECT_EQ(lines, size < ends[1] ? Lines{} : Lines{"1 r0 first"}) << size;
  }
}

TEST(Segment, DamagedAnywhereLosesOneBlock) {
  const TemporaryFolder folder;
  const auto path = folder.path("a.rec.zst");
  write_segment(path, {{received(1, "first")}, {received(2, "second")}, {received(3, "third")}});
  const auto whole = read_file(path);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 0x10);
    write_file(path, broken);
    const auto lines = read_all(path);
    const auto damages = std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
      return line.starts_with("damaged");
    });
    ASSERT_EQ(damages, 1) << at;
    ASSERT_GE(lines.size(), 3U) << at;
  }
}

TEST(Segment, FindsBlocksBehindWhatIsNone) {
  const TemporaryFolder folder;
  const auto path = folder.path("a.rec.zst");
  write_segment(path, {{received(1, "first")}}, false);
  const auto beginning = read_file(path);
  const std::string rubbish(200'000, '\x54');  // the signature's first byte
  write_file(path, beginning + rubbish + beginning);
  EXPECT_EQ(read_all(path),
            (Lines{"1 r0 first",
                   "damaged: no block begins where one should: 200000 bytes are passed over",
                   "1 r0 first"}));
}

TEST(Segment, TellsOfBlocksThatAreMissing) {
  const TemporaryFolder folder;
  const auto path = folder.path("a.rec.zst");
  const auto ends = write_segment(
      path, {{received(1, "first")}, {received(2, "second")}, {received(3, "third")}});
  const auto whole = read_file(path);
  write_file(path, whole.substr(0, ends[1]) + whole.substr(ends[2]));
  EXPECT_EQ(read_all(path),
            (Lines{"1 r0 first", "damaged: block 3 follows where block 2 should", "3 r0 third"}));
}

TEST(Segment, TakesTheLongestMessage) {
  const TemporaryFolder folder;
  const std::string longest(kMaxMessage, 'x');
  Block block;
  block.append(received(1, std::string(Block::kTarget - 20, 'a')));
  ASSERT_FALSE(block.is_full());
  block.append(received(2, longest));
  auto file = SegmentFile::create(folder.path("a.rec.zst"), kHeader);
  ASSERT_TRUE(file->write(block).ok());
  const auto lines = read_all(folder.path("a.rec.zst"));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1], "2 r0 " + longest);
}

TEST(Segment, KeepsNothingOfABlockThatTheDiskDoesNotTake) {
  const TemporaryFolder folder;
  const auto path = folder.path("a.rec.zst");
  auto file = SegmentFile::create(path, kHeader);
  Block block;
  block.append(received(1, "first"));
  ASSERT_TRUE(file->write(block).ok());
  const auto before = std::filesystem::file_size(path);
  // As a full disk: the call takes a part, and the next one fails.
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const auto unlimited = limit;
  limit.rlim_cur = before + 30;
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  const auto refused = file->write(block);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, path + ": File too large");
  EXPECT_EQ(std::filesystem::file_size(path), before);
  ASSERT_TRUE(file->write(block).ok());
  EXPECT_EQ(read_all(path), (Lines{"1 r0 first", "1 r0 first"}));
}

TEST(Reader, ReadsTheSegmentsOfAFolderInTheOrderOfTheirNames) {
  const TemporaryFolder folder;
  write_segment(folder.path("20.rec.zst"), {{received(2, "b")}});
  write_segment(folder.path("10.rec.zst"), {{received(1, "a")}});
  write_file(folder.path("05.txt"), "5 none\n");
  auto reader = Reader::open(folder.path());
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader->files(), (Lines{folder.path("10.rec.zst"), folder.path("20.rec.zst")}));
  EXPECT_EQ(reader->header(), signed_header(reader->header().ticker));
  EXPECT_EQ(read_all(reader.value()), (Lines{"1 r0 a", "2 r0 b"}));
}

TEST(Reader, SaysThatAFolderHoldsNoSegments) {
  const TemporaryFolder folder;
  const auto reader = Reader::open(folder.path());
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().message, folder.path() + ": a folder without segments (*.rec.zst)");
}

TEST(Reader, GoesOnAfterASegmentThatWasDeletedMeanwhile) {
  const TemporaryFolder folder;
  for (const std::string name : {"1", "2", "3"}) {
    write_segment(folder.path(name + ".rec.zst"), {{received(1, name)}});
  }
  auto reader = Reader::open(folder.path());
  std::filesystem::remove(folder.path("2.rec.zst"));
  EXPECT_EQ(read_all(reader.value()),
            (Lines{"1 r0 1", "damaged: " + folder.path("2.rec.zst") + ": No such file or directory",
                   "1 r0 3"}));
}

TEST(Reader, SeeksByReceiveTimeOverAllFiles) {
  const TemporaryFolder folder;
  write_segment(folder.path("1.rec.zst"),
                {{received(10, "a"), received(20, "b")}, {received(30, "c"), received(40, "d")}});
  write_segment(folder.path("2.rec.zst"), {{received(50, "e")}, {received(45, "f")}});
  write_file(folder.path("lines.raw"), "60 g\n70 h\n");
  auto reader = Reader::open(std::vector{folder.path(), folder.path("lines.raw")});
  ASSERT_TRUE(reader.ok());
  const auto from = [&](std::int64_t ns) {
    reader->seek(ns);
    return read_all(reader.value());
  };
  const Lines all{"10 r0 a", "20 r0 b", "30 r0 c", "40 r0 d",
                  "50 r0 e", "45 r0 f", "60 r0 g", "70 r0 h"};
  const auto rest = [&](std::ptrdiff_t first) { return Lines(all.begin() + first, all.end()); };
  EXPECT_EQ(from(0), all);
  EXPECT_EQ(from(20), rest(1));
  EXPECT_EQ(from(21), rest(2));
  // What comes after it is given, whatever its time.
  EXPECT_EQ(from(50), rest(4));
  EXPECT_EQ(from(61), rest(7));
  EXPECT_EQ(from(71), Lines{});
  EXPECT_EQ(from(-5), all);
}

TEST(Reader, DoesNotReadBlocksBeforeTheTimeSought) {
  const TemporaryFolder folder;
  const auto path = folder.path("1.rec.zst");
  const auto ends = write_segment(path, {{received(10, "a")}, {received(20, "b")}});
  auto broken = read_file(path);
  broken[ends[1] - 1] = static_cast<char>(broken[ends[1] - 1] ^ 1);  // told if the block is read
  write_file(path, broken);
  auto reader = Reader::open(path);
  reader->seek(20);
  EXPECT_EQ(read_all(reader.value()), Lines{"20 r0 b"});
}

TEST(Block, HasNoRecordsThatMakeNoSense) {
  for (const std::string text : {"1", "1 r 0 5 a\n", "1 x 0 1 a\n", "1 r 0 1 ab", "1 r -1 1 a\n",
                                 "1 r 0 99999999999999999999 a\n", "1 r 0 18446744073709551615 a\n",
                                 "x r 0 1 a\n", "1 r 0 1", "1 r 0 ", "1  0 1 a\n", "\n"}) {
    std::string copy = text;
    Record record;
    EXPECT_EQ(parse_record(copy.data(), copy.data() + copy.size(), record), nullptr) << text;
  }
}

}  // namespace
}  // namespace ticker::recording
