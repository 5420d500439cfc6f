#include "handover.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ticker::ingest {
namespace {

constexpr std::array<const char*, 2> kNatives{"BTCUSDT", "ETHUSDT"};

// What a venue says, in order: the bid of a quote and the id of a trade are the message's number.
std::string message(int number) {
  const std::string native = kNatives[static_cast<std::size_t>(number / 2 % 2)];
  const auto id = std::to_string(number);
  // Ids of trades count within the instrument.
  return number % 2 == 0
             ? R"({"stream":"s@bookTicker","data":{"u":)" + id + R"(,"s":")" + native +
                   R"(","b":")" + id + R"(","B":"1","a":"99999","A":"1"}})"
             : R"({"stream":"s@trade","data":{"e":"trade","E":1,"T":1,"s":")" + native +
                   R"(","t":)" + std::to_string(number / 4) + R"(,"p":"1","q":"1","m":false}})";
}

// Holds every instrument's trades and bids.
class Market : public feed::Sink {
 public:
  std::optional<market::InstrumentId> find(std::string_view native) override {
    const auto* found = std::find(kNatives.begin(), kNatives.end(), native);
    return found == kNatives.end()
               ? std::nullopt
               : std::optional(static_cast<market::InstrumentId>(found - kNatives.begin()));
  }
  void ticker(const market::Update& update) override {
    bids[update.instrument].push_back(std::stoi(update.values.decimal(market::Field::kBid).text()));
  }
  void trade(const market::Trade& trade, market::FieldSet) override {
    trades[trade.instrument].push_back(trade);
  }
  void notice(const feed::Notice&) override {}
  void rejected(feed::Rejected) override { ADD_FAILURE(); }
  void skipped(feed::Skipped) override {}

  std::map<market::InstrumentId, std::vector<int>> bids;
  std::map<market::InstrumentId, std::vector<market::Trade>> trades;
};

// Two connections of one venue, each as far behind it as the test has it.
class HandoverTest : public testing::Test {
 protected:
  static std::unique_ptr<feed::Adapter> make() {
    return feed::make_adapter("binance-spot", {.trades = "trade"}).value();
  }
  void old_gives(int number) {
    auto text = message(number);
    handover_.decode_old(*old_, text.data(), text.size(), kNoTime, market_);
  }
  void next_gives(int number) {
    auto text = message(number);
    handover_.decode_next(*next_, text.data(), text.size(), kNoTime, market_);
  }
  void finish(bool overlapped = true) { handover_.finish(*old_, *next_, overlapped, market_); }
  void next_goes_on(int number) { go_on(message(number), kNoTime); }
  void go_on(std::string text, Timestamp received) {
    if (handover_.is_over(received)) {
      next_->decode(text.data(), text.size(), received, market_);
    } else {
      handover_.decode_late(*next_, text.data(), text.size(), received, market_);
    }
  }
  // Ids of the first instrument's trades.
  std::vector<std::string> ids() {
    std::vector<std::string> texts;
    for (const auto& trade : market_.trades[0]) {
      texts.emplace_back(trade.id.text());
    }
    return texts;
  }

  Market market_;
  std::unique_ptr<feed::Adapter> old_ = make();
  std::unique_ptr<feed::Adapter> next_ = make();
  Handover handover_{kNatives.size()};
};

using Handovers = HandoverTest;
using Ids = std::vector<std::string>;

TEST_F(Handovers, LetTheOldConnectionLead) {
  old_gives(4);
  next_gives(4);
  next_gives(5);
  next_gives(8);

  EXPECT_EQ(market_.bids[0], std::vector<int>({4}));
  EXPECT_EQ(ids(), Ids());
}

TEST_F(Handovers, GiveWhatOnlyTheNextConnectionBrought) {
  old_gives(1);
  next_gives(5);
  old_gives(5);
  next_gives(8);
  next_gives(9);

  finish();

  EXPECT_EQ(ids(), Ids({"0", "1", "2"}));
  EXPECT_EQ(market_.trades[0].back().missed_before, 0);
  EXPECT_EQ(market_.bids[0], std::vector<int>({8}));
}

TEST_F(Handovers, DropWhatTheNextConnectionBringsLater) {
  next_gives(4);
  for (const int number : {4, 5, 8, 9, 12, 13}) {
    old_gives(number);
  }
  next_gives(5);
  next_gives(8);

  finish();
  for (const int number : {9, 12, 13, 16, 17}) {
    next_goes_on(number);
  }

  EXPECT_EQ(ids(), Ids({"1", "2", "3", "4"}));
  EXPECT_EQ(market_.bids[0], std::vector<int>({4, 8, 12, 16}));
}

TEST_F(Handovers, TellWhatNeitherConnectionBrought) {
  old_gives(1);
  next_gives(13);

  finish();

  EXPECT_EQ(ids(), Ids({"0", "3"}));
  EXPECT_EQ(market_.trades[0].back().missed_before, 2);
}

TEST_F(Handovers, AreCompleteWhenEveryInstrumentsTradesMeet) {
  next_gives(4);
  next_gives(6);
  next_gives(5);
  next_gives(7);
  EXPECT_FALSE(handover_.is_complete());
  old_gives(5);
  EXPECT_FALSE(handover_.is_complete());

  old_gives(7);

  EXPECT_TRUE(handover_.is_complete());
}

TEST_F(Handovers, ForgetANextConnectionThatWasLost) {
  old_gives(5);
  next_gives(4);
  next_gives(5);
  next_gives(9);
  next_ = make();

  handover_.restart();
  old_gives(9);
  next_gives(13);
  finish();

  EXPECT_EQ(ids(), Ids({"1", "2", "3"}));
}

// The old connection outdates the quotes; trades are all that has to be kept.
TEST_F(Handovers, AreNotFilledByQuotesThatTheOldConnectionGivesToo) {
  const auto padding = std::string(Handover::kMostKept / 8, ' ');
  for (int number = 4; number < 64 && !handover_.is_full(); number += 4) {
    auto text = message(number) + padding;
    handover_.decode_next(*next_, text.data(), text.size(), kNoTime, market_);
    old_gives(number);
  }
  EXPECT_FALSE(handover_.is_full());

  for (int number = 5; number < 64 && !handover_.is_full(); number += 4) {
    auto text = message(number) + padding;
    handover_.decode_next(*next_, text.data(), text.size(), kNoTime, market_);
  }
  EXPECT_TRUE(handover_.is_full());
}

// The old connection is behind: what it says last is older than what the next one said before.
TEST_F(Handovers, KeepAQuoteThatTheOldConnectionDidNotReach) {
  old_gives(4);
  next_gives(8);
  next_gives(12);
  old_gives(8);

  finish();

  EXPECT_EQ(market_.bids[0], std::vector<int>({4, 8, 12}));
}

TEST_F(Handovers, KeepAQuoteWhereNothingTellsWhichConnectionIsAhead) {
  next_gives(8);
  old_gives(4);

  finish();

  EXPECT_EQ(market_.bids[0], std::vector<int>({4, 8}));
}

// Two in one millisecond of the venue's: the first one was shown again, until the second came.
TEST_F(Handovers, TakeNoPriceBackWhereTheVenueGivesATime) {
  const auto ticker = [](const std::string& bid) {
    return R"({"arg":{"channel":"tickers","instId":"BTCUSDT"},"data":[{"instId":"BTCUSDT","bidPx":")" +
           bid + R"(","ts":"1652459224956"}]})";
  };
  old_ = feed::make_adapter("okx", {}).value();
  next_ = feed::make_adapter("okx", {}).value();
  for (const auto* const bid : {"1", "2"}) {
    auto text = ticker(bid);
    handover_.decode_old(*old_, text.data(), text.size(), kNoTime, market_);
  }
  auto text = ticker("1");
  handover_.decode_next(*next_, text.data(), text.size(), kNoTime, market_);

  finish();

  EXPECT_EQ(market_.bids[0], std::vector<int>({1, 2}));
}

// Holds the latest values of the one instrument that is spoken of.
class LatestValues final : public Market {
 public:
  void ticker(const market::Update& update) override {
    for (const auto field : update.values.present() - update.values.null()) {
      values[field] = update.values.decimal(field).text();
    }
  }
  void trade(const market::Trade& trade, market::FieldSet sets) override {
    if (sets.has(market::Field::kLast)) {
      values[market::Field::kLast] = trade.price.text();
    }
  }
  std::map<market::Field, std::string> values;
};

// An instrument that is new: its first message has all that there is, and comes once.
TEST_F(Handovers, ForgetNoValueThatTheOldConnectionDoesNotGive) {
  using market::Field;
  const auto ticker = [](const std::string& type, const std::string& fields) {
    return R"({"topic":"tickers.BTCUSDT","type":")" + type + R"(","data":{"symbol":"BTCUSDT",)" +
           fields + R"(},"cs":1,"ts":1760325052630})";
  };
  LatestValues quotes;
  old_ = feed::make_adapter("bybit-linear", {}).value();
  next_ = feed::make_adapter("bybit-linear", {}).value();
  auto text =
      ticker("snapshot", R"("bid1Price":"1","bid1Size":"2","ask1Price":"8","ask1Size":"3")");
  handover_.decode_next(*next_, text.data(), text.size(), kNoTime, quotes);
  text = ticker("delta", R"("bid1Price":"4")");
  handover_.decode_next(*next_, text.data(), text.size(), kNoTime, quotes);

  handover_.forget();
  handover_.finish(*old_, *next_, true, quotes);
  text = ticker("delta", R"("ask1Price":"9")");
  next_->decode(text.data(), text.size(), kNoTime, quotes);

  EXPECT_EQ(
      quotes.values,
      (std::map<Field, std::string>{
          {Field::kBid, "4"}, {Field::kBidSize, "2"}, {Field::kAsk, "9"}, {Field::kAskSize, "3"}}));
}

// A snapshot counted as a quote: what had come since of all else was taken back by it.
TEST_F(Handovers, TakeNoPriceBackByASnapshotWhoseQuoteIsStillRight) {
  using market::Field;
  const auto ticker = [](int number, const std::string& type, const std::string& fields) {
    return R"({"topic":"tickers.BTCUSDT","type":")" + type + R"(","data":{"symbol":"BTCUSDT",)" +
           fields + R"(},"cs":)" + std::to_string(number) + R"(,"ts":17603250526)" +
           std::to_string(number) + "}";
  };
  const auto snapshot = [&](int number, const std::string& last) {
    return ticker(number, "snapshot", R"("bid1Price":"1","ask1Price":"8","lastPrice":")" + last +
                                          R"(","volume24h":"7")");
  };
  LatestValues latest;
  old_ = feed::make_adapter("bybit-linear", {}).value();
  next_ = feed::make_adapter("bybit-linear", {}).value();
  const auto old = [&](std::string text) {
    handover_.decode_old(*old_, text.data(), text.size(), kNoTime, latest);
  };
  const auto next = [&](std::string text) {
    handover_.decode_next(*next_, text.data(), text.size(), kNoTime, latest);
  };
  const auto change = ticker(20, "delta", R"("lastPrice":"101")");
  old(snapshot(10, "99"));
  next(snapshot(15, "100"));
  old(change);
  next(change);
  next(ticker(21, "delta", R"("bid1Price":"2")"));

  handover_.finish(*old_, *next_, true, latest);

  EXPECT_EQ(latest.values, (std::map<Field, std::string>{{Field::kBid, "2"},
                                                         {Field::kAsk, "8"},
                                                         {Field::kLast, "101"},
                                                         {Field::kVolume24h, "7"}}));
}

// The ticker was taken for news, though a trade had come after it.
TEST_F(Handovers, TakeNoTradesPriceBackByATickerThatWasForgotten) {
  using market::Field;
  LatestValues latest;
  std::string text =
      R"({"stream":"s@miniTicker","data":{"e":"24hrMiniTicker","E":1,"s":"BTCUSDT","c":"5","o":"4","h":"9","l":"3","v":"1","q":"1"}})";
  handover_.decode_next(*next_, text.data(), text.size(), kNoTime, latest);
  text = message(1);  // at a price of 1
  handover_.decode_old(*old_, text.data(), text.size(), kNoTime, latest);

  handover_.forget();
  handover_.finish(*old_, *next_, true, latest);

  EXPECT_EQ(latest.values[Field::kLast], "1");
  EXPECT_EQ(latest.values[Field::kOpen24h], "4");
}

// Each message was copied with all that were kept before it.
TEST_F(Handovers, KeepNoMoreThanTheirBoundAndNotByCopyingItAgainAndAgain) {
  const auto padding = std::string(20'000, ' ');
  const auto give = [&](int number) {
    auto text = message(number) + padding;
    handover_.decode_next(*next_, text.data(), text.size(), kNoTime, market_);
  };
  int trade = 1;
  for (; !handover_.is_full(); ++trade) {
    give(4 * trade + 1);
    ASSERT_LT(handover_.kept_bytes(), Handover::kMostKept + 2 * padding.size());
  }

  handover_.forget();

  EXPECT_FALSE(handover_.is_full());
  EXPECT_EQ(handover_.kept_bytes(), 0U);
  // What the old connection did not give in time either is told.
  old_gives(1);
  next_gives(4 * trade + 1);
  finish();
  EXPECT_EQ(ids(), Ids({"0", std::to_string(trade)}));
  EXPECT_EQ(market_.trades[0].back().missed_before, trade - 1);
}

// Of a venue whose trades have no ids: only what they say tells which they are.
class HandoversWithoutIds : public HandoverTest {
 protected:
  HandoversWithoutIds() {
    old_ = feed::make_adapter("kraken-v1", {}).value();
    next_ = feed::make_adapter("kraken-v1", {}).value();
  }
  static std::string trade(int price) {
    return R"([993,[[")" + std::to_string(price) +
           R"(","0.9","1618678142.557535","s","l",""]],"trade","BTCUSDT"])";
  }
  void old_gives(int price) {
    auto text = trade(price);
    handover_.decode_old(*old_, text.data(), text.size(), kReceived, market_);
  }
  void next_gives(int price) {
    auto text = trade(price);
    handover_.decode_next(*next_, text.data(), text.size(), kReceived, market_);
  }
  void next_goes_on(int price, std::chrono::seconds later = std::chrono::seconds(1)) {
    go_on(trade(price), kReceived + later);
  }
  std::vector<int> prices() {
    std::vector<int> all;
    for (const auto& trade : market_.trades[0]) {
      all.push_back(std::stoi(trade.price.text()));
    }
    return all;
  }

  static constexpr Timestamp kReceived = from_us(1'618'678'143'000'000);
};

TEST_F(HandoversWithoutIds, GiveATradeThatBothGaveOnce) {
  old_gives(1);
  next_gives(2);
  old_gives(2);
  next_gives(3);
  next_gives(4);
  old_gives(3);

  finish();
  next_goes_on(5);

  EXPECT_EQ(prices(), std::vector<int>({1, 2, 3, 4, 5}));
}

TEST_F(HandoversWithoutIds, LeaveOutWhatTheOldConnectionGaveWhereTheNextOneIsBehind) {
  next_gives(1);
  for (const int price : {1, 2, 3}) {
    old_gives(price);
  }

  finish();
  for (const int price : {2, 3, 4}) {
    next_goes_on(price);
  }

  EXPECT_EQ(prices(), std::vector<int>({1, 2, 3, 4}));
}

TEST_F(HandoversWithoutIds, GiveAsManyEqualTradesAsThereWere) {
  old_gives(7);
  old_gives(7);
  next_gives(7);

  finish();
  next_goes_on(7);
  next_goes_on(7);

  EXPECT_EQ(prices(), std::vector<int>({7, 7, 7}));
}

TEST_F(HandoversWithoutIds, AreOverSomeTimeAfterTheOldConnectionsLastWord) {
  next_gives(1);
  old_gives(2);
  finish();

  next_goes_on(2, std::chrono::seconds(31));

  EXPECT_EQ(prices(), std::vector<int>({2, 1, 2}));
}

TEST(GivenTrades, ForgetRatherThanGrowPastTheirBound) {
  GivenTrades given;
  market::Trade trade;
  for (std::size_t i = 0; i < GivenTrades::kMost + 3; ++i) {
    trade.exchange_time = from_us(static_cast<std::int64_t>(i));
    given.add(trade);
    ASSERT_LE(given.size(), GivenTrades::kMost);
  }
  EXPECT_TRUE(given.take(trade));
  EXPECT_FALSE(given.take(trade));
}

// Whichever connection is ahead, and whenever the old one goes: a trade comes once and in order,
// what is missing is told, and nothing is when the handover was complete.
TEST_F(Handovers, LoseAndDoubleNothingWhateverTheOrder) {
  constexpr int kMessages = 400;
  int completed = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto chance = [&](unsigned in) { return random() % in == 0; };
    market_ = Market();
    old_ = make();
    next_ = make();
    handover_.restart();
    int venue = 0;  // messages so far; each connection has given those before its own number
    int old = 0;
    int next = -1;
    const bool dies_early = chance(2);
    while (venue < kMessages / 2 && !handover_.is_complete() && !(dies_early && chance(100))) {
      venue += chance(2) ? 1 : 0;
      next = next < 0 && venue > 20 && chance(10) ? venue : next;
      for (; old < venue && !chance(3); ++old) {
        old_gives(old);
      }
      for (; next >= 0 && next < venue && !chance(3); ++next) {
        next_gives(next);
      }
    }
    const bool is_complete = handover_.is_complete();
    completed += is_complete ? 1 : 0;

    finish(next >= 0);
    for (next = next < 0 ? venue : next; next < kMessages; ++next) {
      next_goes_on(next);
    }

    for (const auto& [instrument, trades] : market_.trades) {
      // Of what came before the first, nobody can tell.
      std::int64_t expected = std::stoll(std::string(trades.front().id.text()));
      for (const auto& trade : trades) {
        const auto id = std::stoll(std::string(trade.id.text()));
        expected += trade.missed_before;
        ASSERT_EQ(id, expected++);
        ASSERT_TRUE(trade.missed_before == 0 || !is_complete);
      }
      ASSERT_EQ(expected, kMessages / 4);
    }
    for (const auto& [instrument, bids] : market_.bids) {
      ASSERT_TRUE(std::is_sorted(bids.begin(), bids.end()));
      ASSERT_EQ(bids.back() / 2 % 2, static_cast<int>(instrument));
      ASSERT_GE(bids.back(), kMessages - 4);
    }
  }
  EXPECT_GT(completed, 100);
}

}  // namespace
}  // namespace ticker::ingest
