#include <ticker/venue_sim/tape.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <ticker/recording/block.hpp>
#include <ticker/recording/segment_file.hpp>

#include "test_venue.hpp"

namespace ticker::venue_sim {
namespace {

using recording::Kind;
using recording::Record;
using ::testing::Test;

class Tapes : public Test {
 protected:
  Tapes() {
    folder_ = (std::filesystem::temp_directory_path() / "ticker_tape_XXXXXX").string();
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
  }
  ~Tapes() override { std::filesystem::remove_all(folder_); }

  // A segment with a block for each of `blocks`; each record a second after the one before.
  std::string segment(const std::vector<std::vector<Record>>& blocks) {
    const auto path = folder_ + "/a.rec.zst";
    auto file = recording::SegmentFile::create(path, {});
    std::int64_t time = 0;
    for (const auto& records : blocks) {
      recording::Block block;
      for (auto record : records) {
        record.receive_ns = time += 1'000'000'000;
        block.append(record);
      }
      EXPECT_TRUE(file->write(block).ok());
      ends_.push_back(file->bytes());
    }
    return path;
  }
  static Texts texts(const Tape& tape) {
    Texts texts;
    for (std::size_t i = 0; i < tape.size(); ++i) {
      texts.emplace_back(tape.message(i));
    }
    return texts;
  }

  std::string folder_;
  std::vector<std::uint64_t> ends_;  // of blocks, in bytes of the file
};

Record received(std::uint32_t connection, std::string_view text) {
  return {0, Kind::kReceived, connection, text};
}

TEST_F(Tapes, HoldWhatTheVenueSaidAtTheRecordedPace) {
  const auto tape =
      Tape::load(segment({{received(0, kQuote), received(0, kTrade)}}), "binance-spot");

  ASSERT_TRUE(tape.ok()) << tape.error().message;
  EXPECT_EQ(texts(tape.value()), (Texts{kQuote, kTrade}));
  EXPECT_EQ(tape->offset(1), seconds(1));
  EXPECT_EQ(tape->warnings(), Texts());
}

// As a service leaves it that was killed.
TEST_F(Tapes, HoldWhatIsWholeOfACutRecording) {
  const auto path = segment({{received(0, kQuote)}, {received(0, kTrade)}, {received(0, kQuote2)}});
  std::filesystem::resize_file(path, ends_[2] - 1);

  const auto tape = Tape::load(path, "binance-spot");

  ASSERT_TRUE(tape.ok()) << tape.error().message;
  EXPECT_EQ(texts(tape.value()), (Texts{kQuote, kTrade}));
  ASSERT_EQ(tape->warnings().size(), 1U);
  EXPECT_TRUE(tape->warnings()[0].starts_with(path + ": damaged at byte ")) << tape->warnings()[0];
}

TEST_F(Tapes, HoldWhatStandsBehindDamage) {
  const auto path = segment({{received(0, kQuote)}, {received(0, kTrade)}, {received(0, kQuote2)}});
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(ends_[1] - 1));
  file.put('?');
  file.close();

  const auto tape = Tape::load(path, "binance-spot");

  ASSERT_TRUE(tape.ok()) << tape.error().message;
  EXPECT_EQ(texts(tape.value()), (Texts{kQuote, kQuote2}));
  EXPECT_EQ(tape->warnings().size(), 1U);
}

TEST_F(Tapes, GoOnWhereTheClockWentBack) {
  const auto path = folder_ + "/a.raw";
  std::ofstream(path) << "5000000000 " << kQuote << "\n4000000000 " << kTrade << "\n7000000000 "
                      << kQuote2 << "\n";

  const auto tape = Tape::load(path, "binance-spot");

  ASSERT_TRUE(tape.ok()) << tape.error().message;
  EXPECT_EQ(texts(tape.value()), (Texts{kQuote, kTrade, kQuote2}));
  EXPECT_EQ(tape->offset(1), seconds(0));
  EXPECT_EQ(tape->offset(2), seconds(2));
  EXPECT_EQ(tape->warnings(),
            Texts{path + ": a clock went back: 1 messages come at once with those before them"});
}

// Both connections brought the trade while one was to follow on the other.
TEST_F(Tapes, HoldAHandoverOnce) {
  const auto tape = Tape::load(segment({{{0, Kind::kConnected, 4, "ws://venue"},
                                         received(4, kQuote),
                                         {0, Kind::kConnected, 5, "ws://venue after 4"},
                                         received(4, kTrade),
                                         received(5, kTrade),
                                         {0, Kind::kTookOver, 5, "overlapped"},
                                         received(4, kQuote2),
                                         received(5, kQuote2),
                                         {0, Kind::kDisconnected, 4, "handed over"}}}),
                               "binance-spot");

  ASSERT_TRUE(tape.ok()) << tape.error().message;
  EXPECT_EQ(texts(tape.value()), (Texts{kQuote, kTrade, kQuote2}));
}

TEST_F(Tapes, TakeConnectionsThatLeadFromTheirBeginning) {
  const auto tape = Tape::load(segment({{
                                   received(3, kQuote),  // made before the recording began
                                   {0, Kind::kDisconnected, 3, "closed"},
                                   {0, Kind::kConnected, 4, "ws://venue after 3"},
                                   received(4, kTrade),
                                   {0, Kind::kConnected, 5, "ws://venue/other"},
                                   received(5, kQuote2),
                                   {0, Kind::kConnected, 0, "ws://venue"},  // after a kill
                                   received(0, kTrade),
                                   {0, Kind::kConnected, 1, "ws://venue after 0"},
                                   {0, Kind::kDisconnected, 0, "closed"},
                                   received(1, kQuote),  // though nothing says yet that it leads
                               }}),
                               "binance-spot");

  ASSERT_TRUE(tape.ok()) << tape.error().message;
  EXPECT_EQ(texts(tape.value()), (Texts{kQuote, kTrade, kQuote2, kTrade, kQuote}));
}

// That the fourth connection ended is among what was lost.
TEST_F(Tapes, WaitForNoConnectionThatMayHaveEndedUnseen) {
  const auto tape = Tape::load(segment({{{0, Kind::kConnected, 4, "ws://venue"},
                                         received(4, kQuote),
                                         {0, Kind::kLost, 0, "2"},
                                         {0, Kind::kConnected, 5, "ws://venue after 4"},
                                         received(5, kTrade)}}),
                               "binance-spot");

  ASSERT_TRUE(tape.ok()) << tape.error().message;
  EXPECT_EQ(texts(tape.value()), (Texts{kQuote, kTrade}));
}

// Each of Bitfinex's connections numbers its channels by itself.
TEST_F(Tapes, ReadEachConnectionByWhatItHeard) {
  const auto subscribed = [](const std::string& symbol) {
    return R"({"event":"subscribed","channel":"ticker","chanId":7,"symbol":")" + symbol + R"("})";
  };
  const std::string bitcoin = subscribed("tBTCUSD");
  const std::string ether = subscribed("tETHUSD");
  const auto tape = Tape::load(segment({{received(0, bitcoin), received(1, ether),
                                         received(0, "[7,[1]]"), received(1, "[7,[2]]")}}),
                               "bitfinex");

  ASSERT_TRUE(tape.ok()) << tape.error().message;
  EXPECT_EQ(tape->topics(2), Texts{"ticker:tBTCUSD"});
  EXPECT_EQ(tape->topics(3), Texts{"ticker:tETHUSD"});
}

TEST_F(Tapes, AreNoneWithoutAMessageOfTheVenue) {
  const auto path = segment({{received(0, kQuote)}});
  std::filesystem::resize_file(path, ends_[0] - 1);

  const auto tape = Tape::load(path, "binance-spot");

  ASSERT_FALSE(tape.ok());
  EXPECT_NE(tape.error().message.find("holds no message of binance-spot; "), std::string::npos);
  EXPECT_NE(tape.error().message.find("damaged at byte"), std::string::npos);
}

}  // namespace
}  // namespace ticker::venue_sim
