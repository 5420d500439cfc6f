#include "convert.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include <ticker/recording/reader.hpp>
#include <ticker/recording/segment.hpp>
#include <ticker/recording/segment_file.hpp>

#include "inspect.hpp"
#include "normalize.hpp"
#include "recording_file.hpp"

namespace ticker::tickerctl {
namespace {

using recording::Kind;
using recording::Record;

// Beside a recording, in its folder, which goes with it.
std::string beside(const RecordingFile& file, const std::string& name) {
  return (std::filesystem::path(file.path()).parent_path() / name).string();
}

void write_segment(const std::string& path, const std::vector<Record>& records, bool end = true) {
  recording::Header header;
  header.feed = "cb";
  header.adapter = "coinbase-exchange";
  header.symbols = {{"A-B", "A-B"}};
  auto file = recording::SegmentFile::create(path, header);
  ASSERT_TRUE(file.ok()) << file.error().message;
  recording::Block block;
  for (const auto& record : records) {
    block.append(record);
  }
  ASSERT_TRUE(file->write(block).ok());
  ASSERT_TRUE(!end || file->end().ok());
}

const std::string kQuote = R"({"type":"ticker","product_id":"A-B","best_bid":"1"})";

std::vector<Record> some_of_each_kind() {
  return {{1'000'000'000, Kind::kConnected, 0, "ws://venue"},
          {1'000'000'001, Kind::kSent, 0, "{}"},
          {1'000'000'002, Kind::kReceived, 0, kQuote},
          {1'000'000'003, Kind::kReceived, 0, "{\n}"},
          {1'000'000'004, Kind::kReceivedBinary, 0, "x"},
          {1'000'000'005, Kind::kLost, 0, "12"},
          {1'500'000'000, Kind::kTookOver, 0, "overlapped"},
          {2'000'000'000, Kind::kDisconnected, 0, "closed with code 1006"}};
}

// Trades seemed to be there twice.
TEST(Normalize, SaysThatBothConnectionsOfAHandoverAreThere) {
  const RecordingFile file("");
  const auto recording = beside(file, "a.rec.zst");
  write_segment(recording, some_of_each_kind());
  Outputs outputs;

  EXPECT_EQ(normalize(recording, "", outputs.out(), outputs.complaints()), 0);

  EXPECT_NE(outputs.complaints_text().find(
                "handovers: 1, of which both connections stand here; `tickerctl replay`"),
            std::string::npos)
      << outputs.complaints_text();
}

TEST(Convert, KeepsLinesAsTheyAreThereAndBack) {
  const std::string text = "17 {\"a\": 1}\n18 []\n18 \n";
  const RecordingFile file(text);
  Outputs outputs;
  const auto ours = beside(file, "a.rec.zst");
  const auto lines = beside(file, "b.raw");
  EXPECT_EQ(convert({{file.path()}, ours, "okx"}, outputs.complaints()), 0);
  EXPECT_EQ(convert({{ours}, lines, ""}, outputs.complaints()), 0);
  EXPECT_EQ(outputs.complaints_text(),
            "3 records written to " + ours + "\n3 records written to " + lines + "\n");
  EXPECT_EQ(recording::read_segment(ours)->header.adapter, "okx");
  EXPECT_TRUE(recording::read_segment(ours)->is_ended);
  auto reader = recording::Reader::open(lines);
  recording::Reader::Message message;
  std::string again;
  while (reader->next(message) == recording::Reader::ReadResult::kMessage) {
    again +=
        std::to_string(message.receive_ns) + ' ' + std::string(message.data, message.size) + '\n';
  }
  EXPECT_EQ(again, text);
}

TEST(Convert, SaysWhatLinesCannotHold) {
  const RecordingFile file("");
  const auto ours = beside(file, "a.rec.zst");
  const auto lines = beside(file, "a.raw.gz");
  const auto records = some_of_each_kind();
  std::set<Kind> kinds;
  for (const auto& record : records) {
    kinds.insert(record.kind);
  }
  ASSERT_EQ(kinds.size(), recording::kKindCount);
  write_segment(ours, records);
  Outputs outputs;
  EXPECT_EQ(convert({{ours}, lines, ""}, outputs.complaints()), 0);
  EXPECT_EQ(
      outputs.complaints_text(),
      "1 records written to " + lines +
          "; left out, as that format can't hold it: 1 received with line ends, 1 received as "
          "binary, 1 sent, 1 connected, 1 disconnected, 1 marks of what was not recorded, "
          "1 took over\n");
}

TEST(Convert, PutsSegmentsTogetherWithNothingLeftOut) {
  const RecordingFile file("");
  std::filesystem::create_directory(beside(file, "folder"));
  write_segment(beside(file, "folder/1.rec.zst"), some_of_each_kind());
  write_segment(beside(file, "folder/2.rec.zst"), {{3'000'000'000, Kind::kReceived, 1, kQuote}});
  const auto whole = beside(file, "whole.rec.zst");
  Outputs outputs;
  EXPECT_EQ(convert({{beside(file, "folder")}, whole, ""}, outputs.complaints()), 0);
  EXPECT_EQ(outputs.complaints_text(), "9 records written to " + whole + "\n");
  const auto segment = recording::read_segment(whole);
  EXPECT_EQ(segment->records, 9U);
  EXPECT_EQ(segment->blocks, 1U);
  EXPECT_EQ(segment->header.symbols, (std::vector<recording::Header::Symbol>{{"A-B", "A-B"}}));
}

TEST(Convert, TellsOfDamageAndKeepsTheRest) {
  const RecordingFile file("1 a\nx\n2 b\n");
  const auto ours = beside(file, "a.rec.zst");
  Outputs outputs;
  EXPECT_EQ(convert({{file.path()}, ours, ""}, outputs.complaints()), 1);
  EXPECT_EQ(recording::read_segment(ours)->records, 3U);  // one marks the damage
}

// The new file had no gap: neither damage nor loss.
TEST(Convert, MarksWhereSomethingWasDamaged) {
  const RecordingFile file("x\n1000000000 a\nx\n2000000000 b\n");
  const auto ours = beside(file, "a.rec.zst");
  Outputs outputs;
  EXPECT_EQ(convert({{file.path()}, ours, ""}, outputs.complaints()), 1);

  auto reader = recording::Reader::open(ours);
  recording::Reader::Message message;
  std::vector<std::pair<Kind, std::int64_t>> records;
  while (reader->next(message) == recording::Reader::ReadResult::kMessage) {
    records.emplace_back(message.kind, message.receive_ns);
  }
  EXPECT_EQ(records, (std::vector<std::pair<Kind, std::int64_t>>{
                         {Kind::kReceived, 1'000'000'000},
                         {Kind::kLost, 1'000'000'000},
                         {Kind::kReceived, 2'000'000'000}}));
  Outputs inspected;
  EXPECT_EQ(inspect(ours, "", inspected.out(), inspected.complaints()), 0);
  EXPECT_NE(inspected.out_text().find("gap          some messages were not recorded after "
                                      "1970-01-01 00:00:01.000000 UTC\n"),
            std::string::npos)
      << inspected.out_text();
}

TEST(Convert, RefusesWhatItCannotDo) {
  const RecordingFile file("1 a\n");
  for (const auto& arguments :
       {ConvertArguments{{file.path()}, file.path(), ""},
        ConvertArguments{{file.path()}, beside(file, "a.zip"), ""},
        ConvertArguments{{file.path()}, beside(file, "a.rec.zst"), "bitmex"},
        ConvertArguments{{beside(file, "none")}, beside(file, "a.raw"), ""}}) {
    Outputs outputs;
    EXPECT_EQ(convert(arguments, outputs.complaints()), 2);
    EXPECT_TRUE(outputs.complaints_text().starts_with("tickerctl: "));
  }
  EXPECT_FALSE(std::filesystem::exists(beside(file, "a.rec.zst")));
}

TEST(Inspect, SaysWhatASegmentTells) {
  const RecordingFile file("");
  const auto ours = beside(file, "a.rec.zst");
  write_segment(ours, some_of_each_kind(), false);
  Outputs outputs;
  EXPECT_EQ(inspect(ours, "", outputs.out(), outputs.complaints()), 0);
  const auto text = outputs.out_text();
  for (const auto* const line :
       {"segment      a.rec.zst: 8 records, ", ", 1 blocks, feed cb, by tickerd ",
        "rate         3 messages/s, most in one second 3\n", "binary       1\n", "connected    1\n",
        "disconnected 1\n", "sent         1\n", "venue        coinbase-exchange\n",
        "instrument   A-B: 1 quotes",
        "gap          12 messages were not recorded after 1970-01-01 00:00:01.000000 UTC\n",
        "notice       1970-01-01 00:00:02.000000 UTC: connection 0 ended: closed with code 1006\n",
        "cut          a.rec.zst: has no end: it is being written, or up to a second is missing "
        "after 1970-01-01 00:00:02.000000 UTC\n",
        "damage       none\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "in\n" << text;
  }
}

// What was lost while there was no connection was in no gap.
TEST(Inspect, FindsTradesThatCameWhileTheConnectionWasMadeAnew) {
  const auto match = [](int id) {
    return R"({"type":"match","product_id":"A-B","trade_id":)" + std::to_string(id) +
           R"(,"price":"1","size":"2","side":"buy"})";
  };
  const auto last = match(30);
  const auto next = match(61);
  const RecordingFile file("");
  const auto ours = beside(file, "a.rec.zst");
  write_segment(ours, {{1'000'000'000, Kind::kConnected, 0, "ws://venue"},
                       {1'000'000'001, Kind::kReceived, 0, last},
                       {1'000'000'002, Kind::kDisconnected, 0, "cut"},
                       {1'000'000'003, Kind::kConnected, 1, "ws://venue after 0"},
                       {1'000'000'004, Kind::kReceived, 1, next},
                       // Nobody says that it follows on another.
                       {1'000'000'005, Kind::kConnected, 2, "ws://venue"},
                       {1'000'000'006, Kind::kReceived, 2, last}});
  Outputs outputs;

  EXPECT_EQ(inspect(ours, "", outputs.out(), outputs.complaints()), 0);

  const auto text = outputs.out_text();
  EXPECT_NE(text.find("gap          A-B: 30 trades missing before id 61\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("trades       3\n"), std::string::npos) << text;
}

TEST(Inspect, FindsThatTradesMayHaveGoneWhereTheirIdsDoNotCount) {
  const std::string trade = R"([993,[["354.11","0.89","1.5","s","l",""]],"trade","XBT/USD"])";
  const RecordingFile file("");
  const auto ours = beside(file, "a.rec.zst");
  write_segment(ours, {{1'000'000'000, Kind::kReceived, 0, trade},
                       {1'000'000'001, Kind::kDisconnected, 0, "cut"},
                       {1'000'000'002, Kind::kConnected, 1, "ws://venue after 0"},
                       {2'000'000'000, Kind::kReceived, 1, trade}});
  Outputs outputs;

  EXPECT_EQ(inspect(ours, "kraken-v1", outputs.out(), outputs.complaints()), 0);

  EXPECT_NE(outputs.out_text().find("gap          XBT/USD: an unknown number of trades missing "
                                    "before 1970-01-01 00:00:02.000000 UTC\n"),
            std::string::npos)
      << outputs.out_text();
}

// As a writer leaves it that is killed at once.
TEST(Inspect, SaysThatASegmentWithoutABeginningIsCut) {
  const RecordingFile file("");
  const auto ours = beside(file, "a.rec.zst");
  std::ofstream(ours).flush();
  Outputs outputs;
  EXPECT_EQ(inspect(ours, "", outputs.out(), outputs.complaints()), 0);
  EXPECT_NE(outputs.out_text().find("cut          a.rec.zst: has no end"), std::string::npos)
      << outputs.out_text();
}

TEST(Normalize, TakesTheVenueFromTheRecording) {
  const RecordingFile file("");
  const auto ours = beside(file, "a.rec.zst");
  write_segment(ours, some_of_each_kind());
  Outputs outputs;
  EXPECT_EQ(normalize(ours, "", outputs.out(), outputs.complaints()), 0);
  EXPECT_EQ(outputs.out_text(),
            R"({"recv_ns":1000000002,"type":"quote","symbol":"A-B","native":"A-B","bid":"1",)"
            R"("bid_size":null,"ask":null,"ask_size":null})"
            "\n");
  Outputs without;
  EXPECT_EQ(normalize(file.path(), "", without.out(), without.complaints()), 2);
  EXPECT_EQ(without.complaints_text(), "tickerctl: " + file.path() +
                                           ": does not say of which venue it is: name it with "
                                           "--venue\n");
}

}  // namespace
}  // namespace ticker::tickerctl
