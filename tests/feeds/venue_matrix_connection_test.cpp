#include "venue_matrix.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/feed/adapter.hpp>
#include <ticker/recording/reader.hpp>
#include <ticker/testing/pace.hpp>

#include "temporary_folder.hpp"

// The matrix's rows of connections: how they live and end, and what is sent on them.
namespace ticker::tests {
namespace {

using market::FeedState;
using market::Field;
using std::chrono::milliseconds;

// For three timeouts. Venues that are pinged answer, all others send nothing else.
TEST_P(VenueMatrix, HeartbeatsStopAndDataGoesOn) {
  EXPECT_TRUE(testing::holds_at_some_pace(milliseconds(250), [&](milliseconds timeout) {
    const auto quotes = 3 * static_cast<int>(timeout.count());
    FeedBench bench(venue().kind, long_tape(quotes), {"no-heartbeats"}, kRecordedPace, timeout / 4);
    auto options = bench.feed(venue().symbols({"BTC"}));
    options.feed_timeout = timeout;
    bench.start(options);

    const auto last = std::to_string(61000 + quotes) + ".5";
    EXPECT_TRUE(bench.wait([&] {
      return bench.value(symbol("BTC"), Field::kBid) == last || bench.was(FeedState::kStale, "");
    }));

    return !bench.was(FeedState::kStale, "") && bench.stats().reconnects.value() == 0;
  }));
}

// For two timeouts: heartbeats, pings or the answers to ours prove that the connection works, and
// nothing about a price. (Answers to more than a few pings a second are more than Binance takes.)
TEST_P(VenueMatrix, DataStopsAndHeartbeatsGoOn) {
  EXPECT_TRUE(testing::holds_at_some_pace(milliseconds(1000), [&](milliseconds timeout) {
    FeedBench bench(venue().kind, long_tape(), {"no-data:20"}, kRecordedPace, timeout / 3);
    auto options = bench.feed(venue().symbols({"BTC"}));
    options.feed_timeout = timeout;
    options.instrument_timeout = timeout / 2;
    bench.start(options);
    EXPECT_TRUE(bench.wait([&] { return !bench.stale(symbol("BTC")); }));
    EXPECT_TRUE(bench.wait([&] { return bench.stale(symbol("BTC")); }));

    const auto until = std::chrono::steady_clock::now() + 3 * timeout / 2;
    bench.wait([&] { return std::chrono::steady_clock::now() > until; });

    return bench.stale(symbol("BTC")) && bench.is(FeedState::kLive) &&
           bench.stats().reconnects.value() == 0;
  }));
}

// Texts, frames or JSON, as each venue answers them: OKX's is the text `pong`.
TEST_P(VenueMatrix, NothingComesButAnswersToOurPings) {
  const auto rules = feed::make_adapter(venue().kind, {}).value()->rules();
  if (rules.keepalive_interval.count() == 0) {
    GTEST_SKIP() << "this venue is not pinged: it pings, or sends heartbeats";
  }
  EXPECT_TRUE(testing::holds_at_some_pace(milliseconds(800), [&](milliseconds timeout) {
    FeedBench bench(venue().kind, tape({"BTC"}), {"no-heartbeats"}, kSlowPace);
    auto options = bench.feed(venue().symbols({"BTC"}));
    options.feed_timeout = timeout;
    bench.start(options);
    const auto& stats = bench.stats();
    EXPECT_TRUE(
        bench.wait([&] { return bench.trades().size() == 2 || stats.reconnects.value() > 0; }));
    const auto before = stats.messages.value();

    const auto until = std::chrono::steady_clock::now() + 2 * timeout;
    bench.wait([&] { return std::chrono::steady_clock::now() > until; });

    if (!bench.is(FeedState::kLive) || stats.reconnects.value() > 0) {
      return false;
    }
    EXPECT_EQ(stats.messages.value() > before, !rules.keepalive_is_ping_frame);
    EXPECT_EQ(bench.rejected("undecodable"), 0U);
    EXPECT_EQ(bench.rejected("venue_error"), 0U);
    return true;
  }));
}

// Known at once: nothing has to be silent for that.
TEST_P(VenueMatrix, EveryWayToLoseAConnection) {
  for (const auto* fault :
       {"disconnect:20", "reset:20", "close:20:1000", "close:20:1001", "close:20:1008",
        "close:20:1009", "close:20:4004", "truncate:20", "oversized:20"}) {
    SCOPED_TRACE(fault);
    FeedBench bench(venue().kind, long_tape(10'000), {fault}, kRecordedPace);
    auto options = bench.feed(venue().symbols({"BTC"}));
    options.feed_timeout = std::chrono::minutes(2);  // longer than the bench waits
    bench.start(options);

    EXPECT_TRUE(bench.recovers(symbol("BTC")));
    EXPECT_FALSE(bench.was(FeedState::kStale, ""));
  }
}

TEST_P(VenueMatrix, AConnectionThatHangs) {
  for (const auto* fault : {"half-frame:20", "silent:20"}) {
    SCOPED_TRACE(fault);
    FeedBench bench(venue().kind, long_tape(10'000), {fault}, kRecordedPace);
    auto options = bench.feed(venue().symbols({"BTC"}));
    options.feed_timeout = milliseconds(100);
    bench.start(options);

    EXPECT_TRUE(bench.recovers(symbol("BTC")));
    EXPECT_TRUE(bench.was(FeedState::kStale, "no bytes for 100 ms"));
  }
}

TEST_P(VenueMatrix, PlannedCloseNotice) {
  if (!venue().tells_planned_close) {
    GTEST_SKIP() << "this venue does not tell";
  }
  FeedBench bench(venue().kind, numbered_tape(venue(), 8'000), {"planned-close:40"}, kRecordedPace);
  bench.set_handover({milliseconds(200), milliseconds(0)});
  bench.let_venue_wait();
  bench.start(bench.feed(venue().symbols({"BTC", "ETH"})));

  // Kraken's status tells no end, but that nothing can be trusted until then.
  const bool is_status = std::string_view(venue().kind).starts_with("kraken");
  const auto& stats = bench.stats();
  ASSERT_TRUE(bench.wait([&] {
    return is_status ? bench.was(FeedState::kStale, "unavailable")
                     : stats.handovers_done.value() == 1;
  }));

  EXPECT_TRUE(bench.moves(symbol("BTC")));
  EXPECT_EQ(bench.stale(symbol("BTC")), is_status);
  expect_each_trade_once(bench.trades());
  EXPECT_EQ(stats.reconnects.value(), 0U);
  EXPECT_EQ(stats.handover_gap_us.value(), 0U);
}

// A day, or as long as the venue lets it live, passes in a third of a second.
TEST_P(VenueMatrix, AConnectionOfItsGreatestAge) {
  const auto allowed = feed::make_adapter(venue().kind, {}).value()->rules().max_age;
  EXPECT_EQ(allowed.count() > 0, venue().longest_age.count() > 0);
  EXPECT_LE(allowed, venue().longest_age);

  FeedBench bench(venue().kind, numbered_tape(venue(), 8'000), {}, kRecordedPace);
  bench.set_handover({milliseconds(200), milliseconds(0), milliseconds(300)});
  bench.let_venue_wait();
  bench.start(bench.feed(venue().symbols({"BTC", "ETH"})));
  ASSERT_TRUE(bench.wait([&] { return bench.stats().handovers_done.value() >= 2; }));

  EXPECT_TRUE(bench.moves(symbol("BTC")));
  EXPECT_FALSE(bench.stale(symbol("BTC")));
  expect_each_trade_once(bench.trades());
  EXPECT_EQ(bench.stats().reconnects.value(), 0U);
  EXPECT_EQ(bench.stats().handover_gap_us.value(), 0U);
}

// When each connection sent something, in nanoseconds.
std::map<std::uint32_t, std::vector<std::int64_t>> sent_times(const std::string& recording) {
  std::map<std::uint32_t, std::vector<std::int64_t>> times;
  auto reader = recording::Reader::open(recording);
  EXPECT_TRUE(reader.ok());
  recording::Reader::Message message;
  while (reader->next(message) == recording::Reader::ReadResult::kMessage) {
    if (message.kind == recording::Kind::kSent) {
      times[message.connection].push_back(message.receive_ns);
    }
  }
  EXPECT_FALSE(times.empty());
  return times;
}

// In any second a connection sends no more than its venue takes or, where that names no number,
// than our rules say. Some simulated venues close who does.
TEST_P(VenueMatrix, SubscriptionsToManyInstrumentsArePaced) {
  std::vector<std::string> bases{"BTC"};
  for (int i = 0; i < 600; ++i) {
    bases.push_back("A" + std::to_string(i));
  }
  const TemporaryFolder folder;
  {
    FeedBench bench(venue().kind, {venue().quote(native("BTC"), 1, "61800.20")});
    auto options = bench.feed(venue().symbols(bases));
    options.record.emplace().folder = folder.path();
    bench.start(options);
    ASSERT_TRUE(
        bench.wait([&] { return bench.server().connections() > 0 && bench.batches() > 1; }));
    const auto until = std::chrono::steady_clock::now() + milliseconds(1600);
    bench.wait([&] { return std::chrono::steady_clock::now() > until; });
    EXPECT_EQ(bench.stats().reconnects.value(), 0U);
  }  // which ends the recording

  const auto rules = feed::make_adapter(venue().kind, {}).value()->rules();
  EXPECT_EQ(rules.request_window, std::chrono::seconds(1));
  const auto most = venue().requests_per_s > 0 ? venue().requests_per_s : rules.requests_per_window;
  EXPECT_LE(rules.requests_per_window, most);
  for (const auto& [connection, times] : sent_times(folder.path())) {
    for (std::size_t i = most; i < times.size(); ++i) {
      EXPECT_GT(times[i] - times[i - most], 1'000'000'000) << connection << ": request " << i;
    }
  }
}

}  // namespace
}  // namespace ticker::tests
