#include "killed_recorder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <ticker/recording/reader.hpp>
#include <ticker/recording/segment.hpp>

#include "inspect.hpp"
#include "recording_file.hpp"

namespace ticker::tickerctl {
namespace {

using ReadResult = recording::Reader::ReadResult;

constexpr unsigned kRounds = 4;
constexpr unsigned kAtOnce = 25;

struct Found {
  std::uint64_t messages = 0;
  std::vector<std::string> damage;
  std::vector<std::string> files;
};

// All that can be read is what the recorder was given, from the first message on, none left out.
Found read(const KilledRecorder& recorder) {
  Found found;
  auto reader = recording::Reader::open(recorder.recording());
  if (!reader.ok()) {
    return found;
  }
  found.files = reader->files();
  recording::Reader::Message message;
  for (auto result = reader->next(message); result != ReadResult::kEnd;
       result = reader->next(message)) {
    if (result == ReadResult::kDamaged) {
      EXPECT_EQ(reader->damage().file, found.files.back()) << "not what was being written";
      found.damage.push_back(reader->damage().what);
      continue;
    }
    const auto number = ++found.messages;
    if (message.receive_ns != recorder.receive_ns(number) ||
        std::string_view(message.data, message.size) != recorder.message(number)) {
      ADD_FAILURE() << "another message stands where number " << number << " should";
      break;
    }
  }
  EXPECT_LE(found.damage.size(), 1U);
  return found;
}

// The report says what there is, and what is not.
void expect_inspected(const KilledRecorder& recorder, const Found& found) {
  Outputs outputs;
  const auto code = inspect(recorder.recording(), "", outputs.out(), outputs.complaints());
  const auto damage = found.damage.empty() ? std::string() : found.damage[0];
  if (found.files.empty() || (found.messages == 0 && !damage.empty())) {
    EXPECT_EQ(code, 2);
    EXPECT_TRUE(outputs.complaints_text().ends_with(damage + "\n")) << outputs.complaints_text();
    return;
  }
  const auto report = outputs.out_text();
  const auto says = [&](const std::string& text) {
    EXPECT_NE(report.find(text), std::string::npos) << "no '" << text << "' in\n" << report;
  };
  EXPECT_EQ(outputs.complaints_text(), "");
  EXPECT_EQ(code, damage.empty() ? 0 : 1);
  says("messages     " + std::to_string(found.messages) + ", ");
  says("\ntrades       " + std::to_string(found.messages) + "\n");
  says("\ngap          none\n");
  says(damage.empty() ? "\ndamage       none\n" : ": " + damage + "\n");
  const auto& last = found.files.back();
  const auto name = std::filesystem::path(last).filename().string();
  says(recording::read_segment(last)->is_ended
           ? "\ncut          none\n"
           : "\ncut          " + name +
                 ": has no end: it is being written, or up to a second is missing");
}

// Leaves of the last block a part only, as a kill within its writing does. False: it is whole, or
// holds no records.
bool cut_last_block(unsigned seed, const Found& found) {
  const auto last = found.files.empty() ? std::string() : found.files.back();
  const auto segment = recording::read_segment(last);
  if (!segment.ok() || segment->is_ended || segment->blocks == 0 || !found.damage.empty()) {
    return false;
  }
  std::ifstream file(last, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  constexpr std::size_t kBeforeName = 8;
  const auto block = bytes.rfind("TICKREC1") - kBeforeName;
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::size_t> size(block + 1, bytes.size() - 1);
  std::filesystem::resize_file(last, size(random));
  return true;
}

// So many at once, each at the moment that its seed says.
std::vector<std::unique_ptr<KilledRecorder>> killed_recorders(unsigned first_seed) {
  std::vector<std::unique_ptr<KilledRecorder>> recorders;
  for (unsigned i = 0; i < kAtOnce; ++i) {
    recorders.push_back(std::make_unique<KilledRecorder>(first_seed + i));
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  for (const auto& recorder : recorders) {
    while (!recorder->has_begun() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_TRUE(recorder->has_begun());
  }
  std::sort(recorders.begin(), recorders.end(),
            [](const auto& left, const auto& right) { return left->kill_at() < right->kill_at(); });
  for (const auto& recorder : recorders) {
    std::this_thread::sleep_until(recorder->kill_at());
    recorder->kill();
  }
  return recorders;
}

TEST(KilledRecorders, LeaveAllButTheLastSecondAndInspectSaysWhatWasCut) {
  unsigned cuts = 0;
  for (unsigned round = 0; round < kRounds; ++round) {
    for (const auto& recorder : killed_recorders(round * kAtOnce)) {
      SCOPED_TRACE(recorder->text());
      const auto found = read(*recorder);
      EXPECT_GE(found.messages, recorder->must_be_there());
      EXPECT_LE(found.messages, recorder->given() + 1);
      expect_inspected(*recorder, found);

      if (cut_last_block(recorder->seed(), found)) {
        SCOPED_TRACE("its last block cut");
        const auto left = read(*recorder);
        EXPECT_LT(left.messages, found.messages);
        ASSERT_EQ(left.damage.size(), 1U);
        EXPECT_TRUE(left.damage[0].starts_with("the file ends within a block")) << left.damage[0];
        expect_inspected(*recorder, left);
        ++cuts;
      }
    }
  }
  EXPECT_GT(cuts, kRounds * kAtOnce / 4);
}

}  // namespace
}  // namespace ticker::tickerctl
