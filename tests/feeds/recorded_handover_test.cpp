#include <stdlib.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <ticker/ingest/played_market.hpp>

#include "feed_bench.hpp"

// What was recorded over handovers plays as it was served.
namespace ticker::tests {
namespace {

using market::Field;
using std::chrono::milliseconds;

using Told = std::vector<std::pair<std::string, std::int64_t>>;

// By instrument: the ids of its trades, and how many are missing before each.
std::map<market::InstrumentId, Told> told(const std::vector<market::Trade>& trades) {
  std::map<market::InstrumentId, Told> all;
  for (const auto& trade : trades) {
    all[trade.instrument].emplace_back(trade.id.text(), trade.missed_before);
  }
  return all;
}

class RecordedHandovers : public testing::TestWithParam<const char*> {
 protected:
  RecordedHandovers() : folder_((std::filesystem::temp_directory_path() / "handover_XXXXXX")) {
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
  }
  ~RecordedHandovers() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

TEST_P(RecordedHandovers, PlayAsTheyWereServed) {
  constexpr std::uint64_t kHandovers = 12;
  constexpr std::uint64_t kLeast = 3;  // on a machine that does not keep up with the tape
  const auto& venue = venue_case(GetParam());
  std::vector<std::string> tape;
  for (int i = 0; i < 40'000; ++i) {
    const auto native = venue.native(i / 2 % 2 == 0 ? "BTC" : "ETH");
    tape.push_back(i % 2 == 0 ? venue.quote(native, i + 1, std::to_string(10'000 + i) + ".5")
                              : venue.trade(native, i / 4 + 1, "61800.30"));
  }
  FeedBench bench(venue.kind, tape, {"short-lived:40"}, {1, false});
  bench.set_handover({milliseconds(10'000), milliseconds(0)}, 0);
  auto options = bench.feed(venue.symbols({"BTC", "ETH"}));
  options.record.emplace();
  options.record->folder = folder_;
  bench.start(options);
  const auto& stats = bench.stats();
  const auto handovers = [&] {
    return stats.handovers_done.value() + stats.handovers_late.value();
  };
  std::size_t struck = 1;
  ASSERT_TRUE(bench.wait([&] {
    // Of some, the next connection is lost.
    const auto newest = bench.server().opened();
    if (newest != struck && newest % 5 == 0 && bench.server().connections() == 2) {
      bench.server().cut(std::exchange(struck, newest));
    }
    return handovers() >= kHandovers || bench.server().timeline().at_end();
  }));
  EXPECT_GE(handovers(), kLeast);
  ASSERT_EQ(stats.recording->dropped.value(), 0U);
  bench.stop();
  // What it did last is published.
  int turns = 0;
  ASSERT_TRUE(bench.wait([&] { return ++turns > 10; }));

  auto played = ingest::PlayedMarket::open({{folder_, {}, {}, {}}}, "e1");

  ASSERT_TRUE(played.ok()) << played.error().message;
  std::vector<market::Trade> trades;
  while (played.value()->next()) {
    played.value()->play();
    const auto batch = played.value()->take_batch();
    trades.insert(trades.end(), batch.trades.begin(), batch.trades.end());
  }
  EXPECT_GT(trades.size(), 100U);
  EXPECT_EQ(told(trades), told(bench.trades()));
  for (const char* base : {"BTC", "ETH"}) {
    const auto* state = played.value()->state().find(venue.symbol(base));
    ASSERT_NE(state, nullptr);
    for (const auto field : {Field::kBid, Field::kAsk, Field::kLast}) {
      EXPECT_EQ(state->values.decimal(field).text(), bench.value(venue.symbol(base), field));
    }
  }
  EXPECT_EQ(played.value()->playback().damages(), 0U);
}

// Of the second one ids do not count.
INSTANTIATE_TEST_SUITE_P(Feeds, RecordedHandovers, testing::Values("binance-spot", "bitstamp"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace ticker::tests
