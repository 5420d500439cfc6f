#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>

#include <ticker/ingest/market_writer.hpp>
#include <ticker/net/timer.hpp>

#include "feed_bench.hpp"
#include "scripted_venue.hpp"
#include "venue_cases.hpp"

// More than the ingest side can take at once.
namespace ticker::tests {
namespace {

constexpr int kMessages = 20'000;
// What one socket's turn may read, in messages of this test: 1 MiB of 300 bytes each.
constexpr std::uint64_t kMessagesOfATurn = 3'500;

TEST(Burst, IsTakenInBatchesOfBoundedSizeAndLeavesOthersTheirTurn) {
  FeedBench bench("kraken-v2", {});
  ScriptedVenue venue(bench.loop());
  auto options = bench.feed({{"BTC-USD", ""}});
  options.url = venue.url();
  bench.start(options);
  ASSERT_TRUE(bench.wait([&] { return venue.subscribed("/") > 0; }));

  // Somebody's timer, and work that another thread posts, as a reload is.
  std::uint64_t most_before_timer = 0;
  std::uint64_t most_before_work = 0;
  const auto note = [&bench](std::uint64_t& most) {
    return [&bench, &most, last = bench.stats().messages.value()]() mutable {
      const auto now = bench.stats().messages.value();
      most = std::max(most, now - std::exchange(last, now));
    };
  };
  const std::function<void()> note_timer = note(most_before_timer);
  const std::function<void()> note_work = note(most_before_work);
  net::Timer timer(bench.loop(), [&] {
    note_timer();
    timer.start(std::chrono::milliseconds(1));
  });
  timer.start(std::chrono::milliseconds(1));
  bool is_over = false;
  const std::function<void()> work = [&] {
    note_work();
    if (!is_over) {
      bench.loop().post(work);
    }
  };
  bench.loop().post(work);

  int sent = 0;
  ASSERT_TRUE(bench.wait([&] {
    // Twice what the next turn reads, so that there always is more than enough.
    for (int i = 0; i < 8'000 && sent < kMessages; ++i) {
      const auto bid = std::to_string(10'000 + sent + 1);
      if (!venue.try_send("/", venue_case("kraken-v2").quote("BTC/USD", 1, bid))) {
        break;
      }
      ++sent;
    }
    return bench.value("venue:BTC-USD", market::Field::kBid) == std::to_string(10'000 + kMessages);
  }));
  is_over = true;
  bench.loop().run_one(std::chrono::milliseconds(0));

  EXPECT_LE(bench.longest_batch(), ingest::MarketWriter::kMostGathered);
  EXPECT_GE(bench.batches(), kMessages / ingest::MarketWriter::kMostGathered);
  EXPECT_LE(most_before_timer, 2 * kMessagesOfATurn);
  EXPECT_LE(most_before_work, 2 * kMessagesOfATurn);
}

}  // namespace
}  // namespace ticker::tests
