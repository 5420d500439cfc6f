#include <ticker/ingest/simulator_feed.hpp>

#include <gtest/gtest.h>

#include <ticker/ingest/market_writer.hpp>

namespace ticker::ingest {
namespace {

class NoSink final : public BatchSink {
 public:
  void publish(std::shared_ptr<const market::Batch>) override {}
};

// Ten times what any machine makes: each turn took longer than the one before it, until the ingest
// thread heard nothing else for minutes, not even that it was to stop.
TEST(SimulatorFeed, GivesOthersTheirTurnWhenItCannotKeepUp) {
  net::EventLoop loop;
  NoSink sink;
  MarketWriter market(loop, sink, "e1", {});
  FeedOptions options;
  options.name = "demo";
  options.adapter = "simulator";
  options.instruments = 1;
  options.updates_per_second = 100'000'000;
  SimulatorFeed feed(loop, market, options);
  const auto stats = feed.stats();
  feed.start();

  std::uint64_t most_in_a_turn = 0;
  for (int turn = 0; turn < 50; ++turn) {
    const std::uint64_t before = stats->messages.value();
    loop.run_one(std::chrono::seconds(1));
    most_in_a_turn = std::max(most_in_a_turn, stats->messages.value() - before);
  }

  EXPECT_GT(most_in_a_turn, 1'000);  // it does what it can
  EXPECT_LT(most_in_a_turn, 5'000);  // an update and at times a trade for each change of a turn
}

}  // namespace
}  // namespace ticker::ingest
