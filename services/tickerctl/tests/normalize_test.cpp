#include "normalize.hpp"

#include <gtest/gtest.h>

#include <ticker/recording/block.hpp>
#include <ticker/recording/segment_file.hpp>

#include "inspect.hpp"
#include "recording_file.hpp"

namespace ticker::tickerctl {
namespace {

TEST(Normalize, PrintsQuoteStatisticsAndTradesInMessageOrder) {
  const RecordingFile file(
      "1000000001 "
      "{\"type\":\"ticker\",\"product_id\":\"A-B\",\"price\":\"1.50\",\"best_bid\":\"1\",\"best_"
      "ask\":\"2\",\"best_ask_size\":\"\"}\n"
      "1000000002 "
      "{\"type\":\"match\",\"product_id\":\"A-B\",\"trade_id\":7,\"price\":\"1e1\",\"size\":\"2."
      "0\",\"side\":\"buy\","
      "\"time\":\"1970-01-01T00:00:01.5Z\"}\n"
      "1000000003 {\"type\":\"ticker\",\"product_id\":\"A-B\",\"best_bid_size\":\"3\"}\n");
  Outputs outputs;
  EXPECT_EQ(normalize(file.path(), "coinbase-exchange", outputs.out(), outputs.complaints()), 0);
  const std::string names = R"(,"symbol":"A-B","native":"A-B")";
  EXPECT_EQ(outputs.out_text(),
            R"({"recv_ns":1000000001,"type":"quote")" + names +
                R"(,"bid":"1","bid_size":null,"ask":"2","ask_size":null})"
                "\n"
                R"({"recv_ns":1000000001,"type":"stats")" +
                names +
                R"(,"last":"1.50"})"
                "\n"
                R"({"recv_ns":1000000002,"type":"trade")" +
                names +
                R"(,"id":"7","price":"10","size":"2.0","side":"sell","exchange_time_us":1500000})"
                "\n"
                R"({"recv_ns":1000000003,"type":"quote")" +
                names +
                R"(,"bid":"1","bid_size":"3","ask":"2","ask_size":null})"
                "\n");
  EXPECT_EQ(outputs.complaints_text(), "");
}

TEST(Normalize, PrintsAQuoteThatChangedNothing) {
  const std::string quote = R"({"type":"ticker","product_id":"A","best_bid":"1"})";
  const RecordingFile file("1 " + quote + "\n2 " + quote + "\n");
  Outputs outputs;
  EXPECT_EQ(normalize(file.path(), "coinbase-exchange", outputs.out(), outputs.complaints()), 0);
  const auto text = outputs.out_text();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(Normalize, CountsWhatItSkippedAndRefused) {
  const RecordingFile file(
      "1 {\"type\":\"heartbeat\"}\n2 {\"type\":\"l2update\"}\n3 {\"type\":\"l2update\"}\n4 "
      "nonsense\n");
  Outputs outputs;
  EXPECT_EQ(normalize(file.path(), "coinbase-exchange", outputs.out(), outputs.complaints()), 0);
  EXPECT_EQ(outputs.complaints_text(),
            "skipped other_channel: 2\nskipped control: 1\nrefused undecodable: 1\n");
}

TEST(Normalize, KeepsTheOutputJsonWhateverTheNames) {
  const RecordingFile file(
      "1 "
      "{\"type\":\"ticker\",\"product_id\":\"A\\u0001\\\"\\\\\xff\xc3\xa4\",\"best_bid\":\"1\"}\n");
  Outputs outputs;
  EXPECT_EQ(normalize(file.path(), "coinbase-exchange", outputs.out(), outputs.complaints()), 0);
  EXPECT_NE(outputs.out_text().find("\"symbol\":\"A\\u0001\\\"\\\\\\ufffd\xc3\xa4\""),
            std::string::npos)
      << outputs.out_text();
}

TEST(Normalize, PrintsWhatStandsBeforeDamageAndFails) {
  const RecordingFile file(
      "1 {\"type\":\"ticker\",\"product_id\":\"A\",\"best_bid\":\"1\"}\n2 {\"type\":\"tick");
  Outputs outputs;
  EXPECT_EQ(normalize(file.path(), "coinbase-exchange", outputs.out(), outputs.complaints()), 2);
  EXPECT_NE(outputs.out_text(), "");
  EXPECT_EQ(outputs.complaints_text(),
            "tickerctl: " + file.path() + ": damaged at byte 52: file ends within a line\n");
}

TEST(Normalize, SaysInOneLineWhatItCannotDo) {
  const RecordingFile file("");
  Outputs unknown;
  EXPECT_EQ(normalize(file.path(), "nasdaq", unknown.out(), unknown.complaints()), 2);
  EXPECT_TRUE(unknown.complaints_text().starts_with(
      "tickerctl: unknown adapter `nasdaq`; known are: binance-spot"));
  Outputs missing;
  EXPECT_EQ(normalize("/nowhere", "kraken-v1", missing.out(), missing.complaints()), 2);
  EXPECT_EQ(missing.complaints_text(), "tickerctl: /nowhere: No such file or directory\n");
}

// A recording of a venue that its feed described so.
std::string described(const TemporaryFolder& folder, const std::string& description) {
  recording::Header header;
  header.adapter = "json-websocket";
  header.description = description;
  const auto path = folder.path() + "/described.rec.zst";
  auto file = recording::SegmentFile::create(path, header).value();
  recording::Block block;
  block.append({1, recording::Kind::kReceived, 0, R"({"s":"x","b":1.50})"});
  EXPECT_TRUE(file.write(block).ok());
  EXPECT_TRUE(file.end().ok());
  return path;
}

TEST(Normalize, ReadsADescribedVenueAsItsRecordingSays) {
  const TemporaryFolder folder;
  const auto path =
      described(folder, R"({"messages":[{"symbol":"/s","fields":{"bid":"/b"}}]})");
  Outputs outputs;
  EXPECT_EQ(normalize(path, "", outputs.out(), outputs.complaints()), 0);
  EXPECT_NE(outputs.out_text().find(R"("symbol":"x","native":"x","bid":"1.50")"),
            std::string::npos)
      << outputs.out_text();
  Outputs inspected;
  EXPECT_EQ(inspect(path, "", inspected.out(), inspected.complaints()), 0);
  for (const auto* const line : {"venue        json-websocket\n", "instrument   x: 1 quotes"}) {
    EXPECT_NE(inspected.out_text().find(line), std::string::npos) << inspected.out_text();
  }
}

TEST(Normalize, SaysWhatIsWrongWithADescription) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "the recording does not say what its messages mean: an older version made it"},
      {"{", "the description of its messages can't be read: no JSON, or too much of it"},
      {std::string(1'000'000, 'x'),
       "the description of its messages has 1000000 bytes, of 65536 at most"}};
  for (const auto& [description, why] : cases) {
    const TemporaryFolder folder;
    const auto path = described(folder, description);
    Outputs outputs;
    EXPECT_EQ(normalize(path, "", outputs.out(), outputs.complaints()), 2);
    EXPECT_EQ(outputs.complaints_text(), "tickerctl: " + why + "\n");
    Outputs inspected;
    EXPECT_EQ(inspect(path, "", inspected.out(), inspected.complaints()), 0);
    for (const auto& line : {"venue        json-websocket (" + why + ")\n", std::string("messages     1, ")}) {
      EXPECT_NE(inspected.out_text().find(line), std::string::npos) << inspected.out_text();
    }
  }
}

TEST(Inspect, TellsSpanCountsAndGaps) {
  const auto match = [](const std::string& id) {
    return R"({"type":"match","product_id":"A-B","trade_id":)" + id +
           R"(,"price":"1","size":"2","side":"buy"})" + "\n";
  };
  const RecordingFile file("1723161255000000000 " + match("7") + "1723161256500000000 " +
                           match("10") + "1723161266500000000 " + match("11"));
  Outputs outputs;
  EXPECT_EQ(inspect(file.path(), "", outputs.out(), outputs.complaints()), 0);
  const auto text = outputs.out_text();
  for (const auto* const line :
       {"messages     3, ", "first        2024-08-08 23:54:15.000000 UTC\n",
        "span         11.5 s\n", "venue        coinbase-exchange (guessed)\n", "trades       3\n",
        "instrument   A-B: 0 quotes, 3 trades, 0 statistics\n",
        "gap          A-B: 2 trades missing before id 10\n",
        "gap          silence of 10.0 s from 2024-08-08 23:54:16.500000 UTC\n",
        "damage       none\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "in\n" << text;
  }
}

TEST(Inspect, TellsOfDamage) {
  const RecordingFile file("1 {}\nx\n2 {}\n");
  Outputs outputs;
  EXPECT_EQ(inspect(file.path(), "", outputs.out(), outputs.complaints()), 1);
  EXPECT_NE(outputs.out_text().find("damage       at byte 5: line without a receive time\n"),
            std::string::npos);
  EXPECT_NE(outputs.out_text().find("venue        unknown; name it with --venue\n"),
            std::string::npos);
}

TEST(Inspect, SaysInOneLineThatNothingCanBeRead) {
  for (const std::string& content :
       {std::string("no recording"), std::string("\x1f\x8b no gzip")}) {
    const RecordingFile file(content);
    Outputs outputs;
    EXPECT_EQ(inspect(file.path(), "", outputs.out(), outputs.complaints()), 2);
    EXPECT_EQ(outputs.out_text(), "");
    const auto complaint = outputs.complaints_text();
    EXPECT_TRUE(complaint.starts_with("tickerctl: " + file.path() +
                                      ": holds no message that can be read: "))
        << complaint;
    EXPECT_EQ(complaint.find('\n'), complaint.size() - 1);
  }
}

}  // namespace
}  // namespace ticker::tickerctl
