#include <ticker/ingest/recording_feed.hpp>

#include <gtest/gtest.h>

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/log.hpp>
#include <ticker/ingest/market_writer.hpp>

namespace ticker::ingest {
namespace {

using market::Field;

class Recordings {
 public:
  Recordings() : folder_((std::filesystem::temp_directory_path() / "feed_XXXXXX").string()) {
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
  }
  Recordings(const Recordings&) = delete;
  Recordings& operator=(const Recordings&) = delete;
  ~Recordings() { std::filesystem::remove_all(folder_); }

  std::string add(const std::string& name, const std::string& lines) {
    const auto path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << lines;
    return path;
  }

 private:
  std::string folder_;
};

std::string quote(int ms, const std::string& bid) {
  return std::to_string(1'000'000 + ms) + "000000 " +
         R"({"type":"ticker","product_id":"A-B","best_bid":")" + bid + "\"}\n";
}
std::string trade(int ms, int id) {
  return std::to_string(1'000'000 + ms) + "000000 " + R"({"type":"match","product_id":"A-B","trade_id":)" +
         std::to_string(id) +
         R"(,"price":"1","size":"1","side":"buy","time":"1970-01-01T00:16:39.000Z"})" + "\n";
}

// What one feed publishes, while its loop runs.
class Published final : public BatchSink {
 public:
  explicit Published(FeedOptions options)
      : market_(loop_, *this, "e1", {}), feed_(loop_, market_, std::move(options)) {}

  void publish(std::shared_ptr<const market::Batch> batch) override {
    for (const auto& change : batch->changes) {
      if (change.fields.has(Field::kBid)) {
        received.push_back(change.receive_time);
        late = late || batch->published < change.receive_time;
      }
    }
    for (const auto& made : batch->trades) {
      trades.push_back(made);
    }
    for (const auto& feed : batch->feeds) {
      states.push_back(feed.state);
      reason = feed.reason;
    }
  }
  template <typename Done>
  void run_until(Done&& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      loop_.run_one(std::chrono::milliseconds(100));
    }
    EXPECT_TRUE(done());
  }
  bool is_down() const { return !states.empty() && states.back() == market::FeedState::kDown; }
  const market::InstrumentState* find(std::string_view symbol) const {
    return market_.state().find(symbol);
  }
  RecordingFeed& feed() { return feed_; }

  std::vector<Timestamp> received;
  std::vector<market::Trade> trades;
  std::vector<market::FeedState> states;
  std::string reason;
  bool late = false;  // something was published before it was received

 private:
  net::EventLoop loop_;
  MarketWriter market_;
  RecordingFeed feed_;
};

FeedOptions options(const std::string& path) {
  FeedOptions options;
  options.name = "demo";
  options.adapter = RecordingFeed::kAdapter;
  options.recordings = {{path, "coinbase-exchange", {}}};
  return options;
}

TEST(RecordingFeed, IsStaleAndDownWhenTheRecordingHasEnded) {
  Recordings recordings;
  auto asked = options(recordings.add("a.raw", quote(0, "1") + quote(60'000, "2")));
  asked.speed = 0;
  Published published(asked);
  published.feed().start();
  published.run_until([&] { return published.is_down(); });

  const auto* instrument = published.find("demo:A-B");
  ASSERT_NE(instrument, nullptr);
  EXPECT_EQ(instrument->values.decimal(Field::kBid).text(), "2");
  EXPECT_TRUE(instrument->stale);
  EXPECT_EQ(published.reason, "the recording has ended");
  EXPECT_EQ(published.feed().stats()->messages.value(), 2u);
}

TEST(RecordingFeed, KeepsTheRecordedDistancesAtItsSpeed) {
  Recordings recordings;
  auto asked = options(recordings.add("a.raw", quote(0, "1") + quote(200, "2") + quote(500, "3")));
  asked.speed = 10;
  Published published(asked);
  published.feed().start();
  published.run_until([&] { return published.is_down(); });

  ASSERT_EQ(published.received.size(), 3u);
  EXPECT_EQ(published.received[1] - published.received[0], std::chrono::milliseconds(20));
  EXPECT_EQ(published.received[2] - published.received[0], std::chrono::milliseconds(50));
  EXPECT_FALSE(published.late);
}

TEST(RecordingFeed, GoesOnInTimeWhenItBeginsAgain) {
  Recordings recordings;
  auto asked = options(recordings.add("a.raw", quote(0, "1") + trade(5, 7) + quote(10, "2")));
  asked.speed = 10;
  asked.loop = true;
  Published published(asked);
  published.feed().start();
  published.run_until([&] { return published.trades.size() >= 3; });

  // The same trade again is no duplicate, and its time is that of its own round.
  EXPECT_EQ(published.trades[2].seq, 3u);
  EXPECT_TRUE(std::is_sorted(published.received.begin(), published.received.end()));
  EXPECT_GT(published.trades[1].exchange_time, published.trades[0].exchange_time);
  EXPECT_EQ(published.trades[1].receive_time - published.trades[1].exchange_time,
            published.trades[0].receive_time - published.trades[0].exchange_time);
  EXPECT_EQ(std::count(published.states.begin(), published.states.end(), market::FeedState::kDown),
            0);
}

// Of one moment: there is nothing to wait for between its messages, nor between its rounds.
TEST(RecordingFeed, TakesItsTimeBetweenTheRoundsOfAShortRecording) {
  Recordings recordings;
  auto asked = options(recordings.add("a.raw", quote(0, "1")));
  asked.loop = true;
  Published published(asked);
  const auto begun = std::chrono::steady_clock::now();
  published.feed().start();
  published.run_until([&] { return published.feed().stats()->messages.value() >= 4; });

  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(300));
}

// Each round told it anew.
TEST(RecordingFeed, TellsOfDamageOnceHoweverManyRounds) {
  std::vector<std::string> lines;
  log::set_sink([&](log::Level, std::string_view line) { lines.emplace_back(line); });
  Recordings recordings;
  auto asked = options(recordings.add("a.raw", quote(0, "1") + "damaged\n"));
  asked.loop = true;
  {
    Published published(asked);
    published.feed().start();
    published.run_until([&] { return published.feed().stats()->messages.value() >= 3; });
  }
  log::set_sink(nullptr);

  const auto told = std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
    return line.find("a.raw: damaged at byte") != std::string::npos;
  });
  EXPECT_EQ(told, 1);
}

TEST(RecordingFeed, IsStaleAndDownWhenTheNextRoundCannotBegin) {
  Recordings recordings;
  const auto path = recordings.add("a.raw", quote(0, "1"));
  auto asked = options(path);
  asked.loop = true;
  Published published(asked);
  published.feed().start();
  published.run_until([&] { return published.find("demo:A-B") != nullptr; });
  std::filesystem::remove(path);
  published.run_until([&] { return published.is_down(); });

  EXPECT_TRUE(published.find("demo:A-B")->stale);
  EXPECT_NE(published.reason.find("a.raw"), std::string::npos) << published.reason;
}

TEST(RecordingFeed, MergesRecordingsByReceiveTime) {
  Recordings recordings;
  auto asked = options(recordings.add("a.raw", quote(0, "1") + quote(20, "3")));
  asked.recordings.push_back(
      {recordings.add("b.raw", quote(10, "2") + quote(30, "4")), "coinbase-exchange", "other"});
  asked.recordings.push_back(
      {recordings.add("c.raw", quote(15, "2.5")), "coinbase-exchange", "demo"});
  asked.speed = 0;
  Published published(asked);
  published.feed().start();
  published.run_until([&] { return published.is_down(); });

  EXPECT_EQ(published.find("demo:A-B")->values.decimal(Field::kBid).text(), "3");
  EXPECT_EQ(published.find("demo:A-B")->ticks, 3u);
  EXPECT_EQ(published.find("other:A-B")->values.decimal(Field::kBid).text(), "4");
}

TEST(RecordingFeed, RefusesWhatItCannotPlay) {
  Recordings recordings;
  EXPECT_FALSE(RecordingFeed::check(options("/does/not/exist.raw")).ok());
  auto unknown = options(recordings.add("a.raw", quote(0, "1")));
  EXPECT_TRUE(RecordingFeed::check(unknown).ok());
  unknown.recordings[0].adapter.clear();
  EXPECT_NE(RecordingFeed::check(unknown).error().message.find("name its adapter"),
            std::string::npos);
}

}  // namespace
}  // namespace ticker::ingest
