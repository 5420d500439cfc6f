#include <ticker/ingest/playback.hpp>

#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <ticker/recording/block.hpp>
#include <ticker/recording/segment_file.hpp>

#include "allocations.hpp"

namespace ticker::ingest {
namespace {

using market::Field;
using recording::Header;
using recording::Kind;

struct Recorded {
  Kind kind;
  std::uint32_t connection;
  std::string bytes;
};
using Records = std::vector<Recorded>;

Recorded connected(std::uint32_t connection) { return {Kind::kConnected, connection, "ws://venue"}; }
Recorded connected(std::uint32_t connection, std::uint32_t after) {
  return {Kind::kConnected, connection, recording::connected_text("ws://venue", after)};
}
Recorded closed(std::uint32_t connection) { return {Kind::kDisconnected, connection, "closed"}; }
Recorded took_over(std::uint32_t connection) {
  return {Kind::kTookOver, connection, std::string(recording::took_over_text(true))};
}
Recorded quote(std::uint32_t connection, int bid, const std::string& native = "BTCUSDT") {
  return {Kind::kReceived, connection,
          R"({"stream":"s@bookTicker","data":{"u":)" + std::to_string(bid) + R"(,"s":")" + native +
              R"(","b":")" + std::to_string(bid) + R"(","B":"1","a":"99999","A":"1"}})"};
}
Recorded trade(std::uint32_t connection, int id) {
  return {Kind::kReceived, connection,
          R"({"stream":"s@trade","data":{"e":"trade","E":1,"T":1,"s":"BTCUSDT","t":)" +
              std::to_string(id) + R"(,"p":"1","q":"1","m":false}})"};
}
// Of a venue whose trades have no ids.
Recorded kraken_trade() {
  return {Kind::kReceived, 0,
          R"([993,[["354.11","0.89","1618678142.557535","s","l",""]],"trade","XBT/USD"])"};
}

Header header(std::vector<Header::Symbol> symbols = {{"BTC-USDT", "BTCUSDT"}}) {
  return {.ticker = {},
          .feed = "venue",
          .adapter = "binance-spot",
          .url = {},
          .trades = "trade",
          .symbols = std::move(symbols)};
}

// A folder of segments, for as long as the test takes. A record a millisecond.
class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "playback_XXXXXX").string()) {
    EXPECT_NE(mkdtemp(path_.data()), nullptr);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  void add(const Header& header, const Records& records) {
    auto file = recording::SegmentFile::create(
        path_ + '/' + std::to_string(segments_++) + recording::kSegmentSuffix, header);
    ASSERT_TRUE(file.ok()) << file.error().message;
    recording::Block block;
    const auto write = [&] {
      EXPECT_TRUE(file->write(block).ok());
      block.clear();
    };
    for (const auto& record : records) {
      block.append({now_ns_ += 1'000'000, record.kind, record.connection, record.bytes});
      if (block.is_full()) {
        write();
      }
    }
    write();
    EXPECT_TRUE(file->end().ok());
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int segments_ = 0;
  std::int64_t now_ns_ = 1'000'000'000;
};

// What is played, by symbol.
class Market final : public Playback::Target {
 public:
  market::InstrumentId add(market::Instrument instrument) override {
    symbols_.push_back(instrument.symbol);
    return static_cast<market::InstrumentId>(symbols_.size() - 1);
  }
  void apply(const market::Update& update, Stale ends) override {
    ++updates;
    if (keeps_) {
      const auto& symbol = symbols_[update.instrument];
      bids[symbol].push_back(update.values.decimal(Field::kBid).text());
      stale[symbol] = stale[symbol] && ends == Stale::kStays;
    }
  }
  void apply(const market::Trade& trade, market::FieldSet, Stale) override {
    ++updates;
    if (keeps_) {
      trades.emplace_back(trade.id.text(), trade.missed_before);
    }
  }
  void mark_stale(market::InstrumentId id) override { stale[symbols_[id]] = true; }
  void set_feed(market::FeedStatus status) override { states.push_back(status.state); }
  void rejected(feed::Rejected) override { ++refused; }

  void only_count() { keeps_ = false; }

  std::map<std::string, std::vector<std::string>> bids;
  std::map<std::string, bool> stale;
  std::vector<std::pair<std::string, std::int64_t>> trades;  // id, how many were missed before
  std::vector<market::FeedState> states;
  int refused = 0;
  std::size_t updates = 0;

 private:
  std::vector<std::string> symbols_;
  bool keeps_ = true;
};

using Texts = std::vector<std::string>;
using Trades = std::vector<std::pair<std::string, std::int64_t>>;

class PlaybackTest : public testing::Test {
 protected:
  void play() {
    auto playback = Playback::open({{folder_.path(), {}, {}, {}}}, market_);
    ASSERT_TRUE(playback.ok()) << playback.error().message;
    while (playback->next()) {
      playback->play();
    }
    damage_ = playback->damage();
  }

  Folder folder_;
  Market market_;
  Texts damage_;
};

using PlaybackOfFolder = PlaybackTest;
using PlaybackOfHandover = PlaybackTest;
using PlaybackOfLoss = PlaybackTest;

TEST_F(PlaybackOfFolder, TakesInstrumentsThatCameLater) {
  folder_.add(header(), {connected(0), quote(0, 1), closed(0)});
  folder_.add(header({{"BTC-USDT", "BTCUSDT"}, {"ETH-USDT", "ETHUSDT"}}),
              {connected(1), quote(1, 2), quote(1, 3, "ETHUSDT")});

  play();

  EXPECT_EQ(market_.bids["venue:BTC-USDT"], Texts({"1", "2"}));
  EXPECT_EQ(market_.bids["venue:ETH-USDT"], Texts({"3"}));
  EXPECT_EQ(market_.refused, 0);
}

TEST_F(PlaybackOfFolder, GoesOnAsAnotherVenues) {
  auto other = header();
  other.adapter = "binance-usdm";
  folder_.add(header(), {connected(0), quote(0, 5)});
  folder_.add(other, {connected(0), quote(0, 2)});

  play();

  EXPECT_EQ(market_.bids["venue:BTC-USDT"], Texts({"5", "2"}));
}

// A venue that its feed described.
Header described(const std::string& bid) {
  Header described = header({{"BTC-USDT", "btc"}});
  described.adapter = "json-websocket";
  described.description = R"({"messages":[{"symbol":"/s","fields":{"bid":")" + bid + R"("}}]})";
  return described;
}
Recorded two_bids(std::uint32_t connection) {
  return {Kind::kReceived, connection, R"({"s":"btc","a":1,"b":2})"};
}

TEST_F(PlaybackOfFolder, ReadsADescribedVenueAsEachFileSays) {
  folder_.add(described("/a"), {connected(0), two_bids(0)});
  folder_.add(described("/b"), {connected(1), two_bids(1)});

  play();

  EXPECT_EQ(market_.bids["venue:BTC-USDT"], Texts({"1", "2"}));
  EXPECT_EQ(market_.refused, 0);
  EXPECT_TRUE(damage_.empty());
}

TEST_F(PlaybackOfFolder, RefusesADescriptionThatMakesNoSense) {
  auto broken = described("/a");
  broken.description = "{";
  folder_.add(described("/a"), {connected(0), two_bids(0), closed(0)});
  folder_.add(broken, {connected(1), two_bids(1)});

  play();

  EXPECT_EQ(market_.bids["venue:BTC-USDT"], Texts({"1"}));
  EXPECT_EQ(market_.refused, 1);
  ASSERT_EQ(damage_.size(), 1U);
  EXPECT_NE(damage_[0].find("the description of its messages can't be read"), std::string::npos);

  Folder alone;
  alone.add(broken, {two_bids(0)});
  const auto opened = Playback::open({{alone.path(), {}, {}, {}}}, market_);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("the description of its messages can't be read"),
            std::string::npos);
}

TEST_F(PlaybackOfFolder, TellsOfAPartThatItCannotPlay) {
  auto other = header();
  other.adapter = "nowhere";
  folder_.add(header(), {connected(0), quote(0, 1), closed(0)});
  folder_.add(other, {connected(1), quote(1, 2)});
  folder_.add(header(), {connected(2), quote(2, 3)});

  play();

  EXPECT_EQ(market_.bids["venue:BTC-USDT"], Texts({"1", "3"}));
  EXPECT_EQ(market_.refused, 1);
  ASSERT_EQ(damage_.size(), 1U);
  EXPECT_NE(damage_[0].find("nowhere"), std::string::npos);
}

// The recorder was killed with two connections open, and another began to count from 0.
TEST_F(PlaybackOfFolder, HoldsNothingFreshOverARestart) {
  folder_.add(header({{"BTC-USDT", "BTCUSDT"}, {"ETH-USDT", "ETHUSDT"}}),
              {connected(0), connected(1), quote(0, 1), quote(1, 2, "ETHUSDT")});
  folder_.add(header({{"BTC-USDT", "BTCUSDT"}, {"ETH-USDT", "ETHUSDT"}}),
              {connected(0), quote(0, 3)});

  play();

  EXPECT_FALSE(market_.stale["venue:BTC-USDT"]);
  EXPECT_TRUE(market_.stale["venue:ETH-USDT"]);
}

TEST_F(PlaybackOfHandover, MergesTradesOfBothConnections) {
  folder_.add(header(), {connected(0), quote(0, 1), trade(0, 1), connected(1, 0), trade(1, 2),
                         trade(0, 2), quote(1, 2), trade(1, 3), quote(0, 2), trade(1, 4),
                         trade(0, 3), took_over(1), closed(0), trade(1, 5), quote(1, 3)});

  play();

  EXPECT_EQ(market_.trades, Trades({{"1", 0}, {"2", 0}, {"3", 0}, {"4", 0}, {"5", 0}}));
  EXPECT_EQ(market_.bids["venue:BTC-USDT"], Texts({"1", "2", "3"}));
  EXPECT_FALSE(market_.stale["venue:BTC-USDT"]);
}

TEST_F(PlaybackOfHandover, ForgetsANextConnectionThatWasLost) {
  folder_.add(header(),
              {connected(0), trade(0, 1), connected(1, 0), trade(1, 2), closed(1), trade(0, 2),
               connected(2, 0), trade(2, 3), trade(0, 3), took_over(2), closed(0), trade(2, 4)});

  play();

  EXPECT_EQ(market_.trades, Trades({{"1", 0}, {"2", 0}, {"3", 0}, {"4", 0}}));
}

TEST_F(PlaybackOfHandover, TellsWhatNeitherConnectionBrought) {
  folder_.add(header(), {connected(0), quote(0, 1), trade(0, 1), connected(1, 0), closed(0),
                         trade(1, 4), took_over(1), trade(1, 5)});

  play();

  EXPECT_EQ(market_.trades, Trades({{"1", 0}, {"4", 2}, {"5", 0}}));
  EXPECT_FALSE(market_.stale["venue:BTC-USDT"]);
}

// The recording begins while the first connection is up.
TEST_F(PlaybackOfHandover, KnowsAConnectionWhoseBeginningIsMissing) {
  folder_.add(header(), {trade(5, 1), connected(6, 5), trade(6, 2), trade(5, 2), took_over(6),
                         closed(5), trade(6, 3)});

  play();

  EXPECT_EQ(market_.trades, Trades({{"1", 0}, {"2", 0}, {"3", 0}}));
}

TEST_F(PlaybackOfLoss, IsToldWhereIdsDoNotCount) {
  auto kraken = header({{"BTC-USD", "XBT/USD"}});
  kraken.adapter = "kraken-v1";
  folder_.add(kraken, {connected(0), kraken_trade(), {Kind::kLost, 0, "3"}, kraken_trade(),
                       kraken_trade()});

  play();

  ASSERT_EQ(market_.trades.size(), 3U);
  EXPECT_EQ(market_.trades[1].second, market::Trade::kUnknownMissed);
  EXPECT_EQ(market_.trades[2].second, 0);
}

TEST_F(PlaybackOfLoss, IsCountedWhereIdsDo) {
  folder_.add(header(), {connected(0), trade(0, 1), {Kind::kLost, 0, "9"}, trade(0, 4),
                         {Kind::kLost, 0, "9"}, trade(0, 5)});

  play();

  EXPECT_EQ(market_.trades, Trades({{"1", 0}, {"4", 2}, {"5", 0}}));
}

// Of a venue that says when nothing of it can be trusted.
class PlaybackOfMaintenance : public PlaybackTest {
 protected:
  static Header kraken() {
    auto kraken = header({{"BTC-USD", "XBT/USD"}});
    kraken.adapter = "kraken-v1";
    return kraken;
  }
  static Recorded status(std::uint32_t connection, const std::string& status) {
    return {Kind::kReceived, connection, R"({"event":"systemStatus","status":")" + status + "\"}"};
  }
  static Recorded kraken_quote(std::uint32_t connection, const std::string& bid) {
    return {Kind::kReceived, connection,
            R"([340,{"a":["9.5",0,"1"],"b":[")" + bid + R"(",0,"1"]},"ticker","XBT/USD"])"};
  }
  bool is_stale() { return market_.stale["venue:BTC-USD"]; }
  market::FeedState state() const { return market_.states.back(); }
};

// As live: its messages are taken, and end nothing.
TEST_F(PlaybackOfMaintenance, LeavesAllStaleUntilTheVenueSaysThatItIsOver) {
  folder_.add(kraken(), {connected(0), kraken_quote(0, "1.0"), status(0, "maintenance"),
                         kraken_quote(0, "2.0")});

  play();

  EXPECT_EQ(market_.bids["venue:BTC-USD"], Texts({"1.0", "2.0"}));
  EXPECT_TRUE(is_stale());
  EXPECT_EQ(state(), market::FeedState::kStale);
}

TEST_F(PlaybackOfMaintenance, IsOverWhenTheVenueSaysSo) {
  folder_.add(kraken(), {connected(0), kraken_quote(0, "1.0"), status(0, "maintenance"),
                         kraken_quote(0, "2.0"), status(0, "online")});
  play();
  EXPECT_TRUE(is_stale());
  EXPECT_EQ(state(), market::FeedState::kLive);

  market_ = Market();
  folder_.add(kraken(), {kraken_quote(0, "3.0")});
  play();
  EXPECT_FALSE(is_stale());
}

TEST_F(PlaybackOfMaintenance, IsOverForAConnectionMadeAnew) {
  folder_.add(kraken(), {connected(0), kraken_quote(0, "1.0"), status(0, "maintenance"), closed(0),
                         connected(1, 0), kraken_quote(1, "2.0")});

  play();

  EXPECT_FALSE(is_stale());
  EXPECT_EQ(state(), market::FeedState::kLive);
}

// What the next connection hears concerns the line when it takes over.
TEST_F(PlaybackOfMaintenance, ComesWithTheConnectionThatTakesOver) {
  folder_.add(kraken(), {connected(0), kraken_quote(0, "1.0"), connected(1, 0),
                         status(1, "maintenance"), kraken_quote(0, "2.0")});
  play();
  EXPECT_FALSE(is_stale());

  market_ = Market();
  folder_.add(kraken(), {took_over(1), closed(0), kraken_quote(1, "3.0")});
  play();
  EXPECT_TRUE(is_stale());
  EXPECT_EQ(state(), market::FeedState::kStale);
}

// A file is whatever somebody made it.
TEST_F(PlaybackTest, BoundsWhatARecordingOpens) {
  Records records;
  constexpr std::uint32_t kMost = Playback::kMostConnections;
  for (std::uint32_t number = 0; number < kMost + 5; ++number) {
    records.push_back(connected(number, number / 2));
  }
  records.push_back(quote(kMost - 1, 1));
  records.push_back(quote(kMost + 1, 2));
  folder_.add(header(), records);

  play();

  EXPECT_EQ(market_.refused, 1);
}

TEST_F(PlaybackTest, AllocatesNothingInTheSteadyState) {
  constexpr int kMessages = 20'000;
  Records records{connected(0)};
  for (int i = 1; i <= kMessages / 2; ++i) {
    records.push_back(quote(0, i));
    records.push_back(trade(0, i));
  }
  folder_.add(header(), records);
  market_.only_count();
  auto playback = Playback::open({{folder_.path(), {}, {}, {}}}, market_);
  ASSERT_TRUE(playback.ok());
  for (int warm_up = 0; warm_up < kMessages / 2; ++warm_up) {
    playback->play();
  }
  const auto before = allocations();
  const auto updates = market_.updates;
  for (int i = 0; i < kMessages / 3; ++i) {
    playback->play();
  }
  EXPECT_EQ(allocations(), before);
  EXPECT_EQ(market_.updates - updates, std::size_t{kMessages / 3});
}

}  // namespace
}  // namespace ticker::ingest
