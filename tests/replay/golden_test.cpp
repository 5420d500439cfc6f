#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

#include <unistd.h>

#include <ticker/recording/reader.hpp>

#include "replay.hpp"
#include "sim_recording.hpp"

namespace ticker::replay {
namespace {

const std::string kFolder = TICKER_REPLAY_FOLDER;
const std::string kRecording = kFolder + "/simulator.rec.zst";
const std::string kGolden = kFolder + "/simulator.frames";

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Outcome {
  int exit_code;
  std::string out;
  std::string complaints;
};

Outcome run(const tickerctl::ReplayArguments& arguments) {
  const auto text = [](std::FILE* file) {
    std::string all;
    std::rewind(file);
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) {
      all += static_cast<char>(c);
    }
    std::fclose(file);
    return all;
  };
  std::FILE* const out = std::tmpfile();
  std::FILE* const complaints = std::tmpfile();
  const int exit_code = tickerctl::replay(arguments, out, complaints);
  return {exit_code, text(out), text(complaints)};
}

// As the golden frames were made (README.md).
tickerctl::ReplayArguments arguments() {
  tickerctl::ReplayArguments arguments;
  arguments.files = {kRecording};
  arguments.interval_ms = 500;
  return arguments;
}

// A copy of the golden frames with something else in it.
class ChangedGolden {
 public:
  ChangedGolden(const std::string& from, const std::string& to)
      : path_((std::filesystem::temp_directory_path() / "golden_XXXXXX").string()) {
    close(mkstemp(path_.data()));
    auto text = read(kGolden);
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    std::ofstream(path_, std::ios::binary) << text;
  }
  ChangedGolden(const ChangedGolden&) = delete;
  ChangedGolden& operator=(const ChangedGolden&) = delete;
  ~ChangedGolden() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(Golden, RecordingIsWhatTheSimulatorMakes) {
  auto reader = recording::Reader::open(kRecording);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader->header(), sim_header());
  recording::Reader::Message message;
  for (const auto& wanted : sim_records()) {
    ASSERT_EQ(reader->next(message), recording::Reader::ReadResult::kMessage);
    const OwnedRecord got{
        message.receive_ns, message.kind, message.connection, {message.data, message.size}};
    ASSERT_EQ(got, wanted) << wanted.bytes;
  }
  EXPECT_EQ(reader->next(message), recording::Reader::ReadResult::kEnd);
}

TEST(Golden, ReplayGivesTheGoldenFrames) {
  auto asked = arguments();
  asked.verify = kGolden;
  const auto outcome = run(asked);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.complaints;
  EXPECT_EQ(run(arguments()).out, read(kGolden));
}

TEST(Golden, OneChangedByteIsToldWithSymbolFieldAndBothValues) {
  // The third delta of the file, a price within it.
  const auto text = read(kGolden);
  auto at = std::string::npos;
  for (int delta = 0; delta < 3; ++delta) {
    at = text.find(R"({"type":"delta")", at + 1);
  }
  at = text.find(R"("ask":")", at);
  ASSERT_NE(at, std::string::npos);
  const auto symbol_at = text.rfind(R"("symbol":")", at) + 10;
  const auto symbol = text.substr(symbol_at, text.find('"', symbol_at) - symbol_at);
  const auto price = text.substr(at + 7, text.find('"', at + 7) - at - 7);
  auto other = price;
  other.back() = other.back() == '9' ? '8' : '9';
  const auto entry = text.substr(symbol_at, at + 7 + price.size() - symbol_at);
  const ChangedGolden golden(entry, entry.substr(0, entry.size() - price.size()) + other);

  auto asked = arguments();
  asked.verify = golden.path();
  const auto outcome = run(asked);

  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.complaints.find(symbol + ": ask should be " + other + ", is " + price),
            std::string::npos)
      << outcome.complaints;
}

// Whatever the byte is part of, the frames are not taken for the same.
TEST(Golden, AnyChangedByteOfAFrameIsADifference) {
  const auto text = read(kGolden);
  constexpr std::size_t kStep = 997;
  for (std::size_t at = 0; at < text.size(); at += kStep) {
    const auto from = text.rfind('\n', at) == std::string::npos ? 0 : text.rfind('\n', at) + 1;
    const auto to = std::min(text.find('\n', at), text.size() - 1);
    if (at == to) {
      continue;
    }
    const auto line = text.substr(from, to - from);
    auto changed = line;
    changed[at - from] = changed[at - from] == 'x' ? 'y' : 'x';
    const ChangedGolden golden(line, changed);
    auto asked = arguments();
    asked.verify = golden.path();
    EXPECT_EQ(run(asked).exit_code, 1) << "byte " << at;
  }
}

TEST(Golden, LostConnectionIsSeenAsStale) {
  const auto out = run(arguments()).out;
  EXPECT_NE(out.find(R"("stale":true)"), std::string::npos);
  const auto lost = out.rfind(R"("stale":true)");
  EXPECT_NE(out.find(R"("stale":false)", lost), std::string::npos);
}

TEST(Golden, EndsOfEitherSideAreTold) {
  const auto text = read(kGolden);
  const auto last_line = text.substr(text.rfind('\n', text.size() - 2) + 1);
  auto asked = arguments();
  const ChangedGolden shorter(last_line, "");
  asked.verify = shorter.path();
  EXPECT_NE(run(asked).complaints.find("the golden file ends here"), std::string::npos);
  const ChangedGolden longer(last_line, last_line + last_line);
  asked.verify = longer.path();
  EXPECT_NE(run(asked).complaints.find("the replay ends here"), std::string::npos);
}

TEST(Golden, FinalStateIsWhatTheLastFramesLeave) {
  auto asked = arguments();
  asked.output = "final";
  const auto outcome = run(asked);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out.find(R"({"epoch":"replay","version":)"), 0u);
  EXPECT_NE(outcome.out.find(R"("symbol":"sim:BTC-USD")"), std::string::npos) << outcome.out;
}

TEST(Golden, TwoRecordingsRunOnOneClock) {
  auto asked = arguments();
  asked.files = {kRecording, kRecording};
  asked.feeds = {"a", "b"};
  const auto outcome = run(asked);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.complaints;
  // Most deltas tell of both: neither was played after the other.
  std::istringstream lines(outcome.out);
  int deltas = 0;
  int of_both = 0;
  for (std::string line; std::getline(lines, line);) {
    const bool is_delta = line.find(R"({"type":"delta")") == 0;
    deltas += is_delta ? 1 : 0;
    of_both += is_delta && line.find(R"("symbol":"a:)") != std::string::npos &&
                       line.find(R"("symbol":"b:)") != std::string::npos
                   ? 1
                   : 0;
  }
  EXPECT_GT(of_both, deltas / 2);
}

}  // namespace
}  // namespace ticker::replay
