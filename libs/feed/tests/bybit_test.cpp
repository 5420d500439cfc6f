#include <ticker/feed/adapter.hpp>

#include <gtest/gtest.h>

#include "event_log.hpp"

namespace ticker::feed {
namespace {

using Lines = Decoded::Lines;

std::string ticker(const std::string& type, const std::string& members, std::uint64_t cross = 7) {
  return R"({"topic":"tickers.BTCUSDT","type":")" + type + R"(","data":{"symbol":"BTCUSDT")" +
         members + R"(},"cs":)" + std::to_string(cross) + R"(,"ts":1760325052630})";
}

std::string trade(const std::string& id, std::uint64_t sequence, const std::string& more = "") {
  return R"({"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":")" +
         id + R"(","BT":false,"seq":)" + std::to_string(sequence) + more + "}";
}
std::string trades(const std::string& entries) {
  return R"({"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[)" +
         entries + "]}";
}

std::string book(const std::string& bids, const std::string& asks, std::uint64_t update) {
  return R"({"topic":"orderbook.1.BTCUSDT","ts":1672304484978,"type":"snapshot","data":{"s":"BTCUSDT","b":)" +
         bids + R"(,"a":)" + asks + R"(,"u":)" + std::to_string(update) +
         R"(,"seq":7961638724},"cts":1672304484976})";
}

const std::string kSnapshot = ticker(
    "snapshot",
    R"(,"tickDirection":"MinusTick","price24hPcnt":"-0.158315","lastPrice":"66666.60","prevPrice24h":"79206.20","highPrice24h":"79266.30","lowPrice24h":"65076.90","prevPrice1h":"66666.60","turnover24h":"4936790807.6521","volume24h":"73191.3870","bid1Price":"66666.60","bid1Size":"23789.165","ask1Price":"66666.70","ask1Size":"23775.469","preOpenPrice":"","curPreListingPhase":"")");

TEST(BybitLinear, ReadsASnapshotAndTheChangesThatADeltaNames) {
  Decoded decode("bybit-linear");
  EXPECT_EQ(decode(kSnapshot),
            Lines{"ticker BTCUSDT bid=66666.60 bid_size=23789.165 ask=66666.70 ask_size=23775.469 "
                  "last=66666.60 open_24h=79206.20 high_24h=79266.30 low_24h=65076.90 "
                  "volume_24h=73191.3870 quote_volume_24h=4936790807.6521 "
                  "change_percent_24h=-15.8315 @1760325052630000"});
  EXPECT_EQ(decode(ticker("delta", R"(,"bid1Price":"79114.50","bid1Size":"1.496")")),
            Lines{"ticker BTCUSDT bid=79114.50 bid_size=1.496 @1760325052630000"});
}

TEST(BybitLinear, TellsUnchangedFromEmpty) {
  Decoded decode("bybit-linear");
  decode(kSnapshot);
  EXPECT_EQ(decode(ticker("delta", R"(,"ask1Price":"","ask1Size":"")")),
            Lines{"ticker BTCUSDT ask=null ask_size=null @1760325052630000"});
  // Nothing of ours changed, but the instrument lives.
  EXPECT_EQ(decode(ticker("delta", R"(,"markPrice":"1")")),
            Lines{"ticker BTCUSDT @1760325052630000"});
}

TEST(BybitLinear, TakesWhatASnapshotDoesNotNameForGone) {
  Decoded decode("bybit-linear");
  decode(kSnapshot);
  EXPECT_EQ(decode(ticker("snapshot", R"(,"bid1Price":"1","bid1Size":"2","lastPrice":"3")")),
            Lines{"ticker BTCUSDT bid=1 bid_size=2 ask=null ask_size=null last=3 open_24h=null "
                  "high_24h=null low_24h=null volume_24h=null quote_volume_24h=null "
                  "change_percent_24h=null @1760325052630000"});
}

TEST(BybitLinear, WaitsForTheSnapshotOfEachConnection) {
  Decoded decode("bybit-linear");
  const auto delta = ticker("delta", R"(,"bid1Price":"1")");
  EXPECT_EQ(decode(delta), Lines{"skipped before_snapshot"});
  decode(kSnapshot);
  EXPECT_EQ(decode(delta), Lines{"ticker BTCUSDT bid=1 @1760325052630000"});
  decode.adapter().reset();
  EXPECT_EQ(decode(delta), Lines{"skipped before_snapshot"});
}

TEST(BybitLinear, DropsTickersThatAreLateButNoneOfTheSameMoment) {
  Decoded decode("bybit-linear");
  decode(kSnapshot);
  EXPECT_EQ(decode(ticker("delta", R"(,"bid1Price":"2")", 7)),
            Lines{"ticker BTCUSDT bid=2 @1760325052630000"});
  EXPECT_EQ(decode(ticker("delta", R"(,"bid1Price":"3")", 6)), Lines{"skipped duplicate"});
  // A snapshot begins anew, whatever its number.
  EXPECT_EQ(decode(ticker("snapshot", R"(,"bid1Price":"4")", 1)).size(), 1U);
  EXPECT_EQ(decode(ticker("delta", R"(,"bid1Price":"5")", 2)),
            Lines{"ticker BTCUSDT bid=5 @1760325052630000"});
}

// The old bid stood until it changed again.
TEST(BybitLinear, LosesNoChangeBesideOneThatCannotBeHeld) {
  Decoded decode("bybit-linear");
  decode(kSnapshot);
  EXPECT_EQ(decode(ticker("delta", R"(,"bid1Price":"2","turnover24h":"1e99","lastPrice":"x")")),
            (Lines{"ticker BTCUSDT bid=2 last=null quote_volume_24h=null @1760325052630000",
                   "rejected undecodable"}));
  // Nor beside a number or a time that makes no sense.
  EXPECT_EQ(
      decode(
          R"({"topic":"tickers.BTCUSDT","type":"delta","data":{"symbol":"BTCUSDT","bid1Price":"3"},"cs":"x","ts":7})"),
      (Lines{"rejected undecodable", "ticker BTCUSDT bid=3 @7000"}));
  EXPECT_EQ(
      decode(
          R"({"topic":"tickers.BTCUSDT","type":"delta","data":{"symbol":"BTCUSDT","bid1Price":"4"},"cs":8,"ts":"x"})"),
      (Lines{"rejected undecodable", "ticker BTCUSDT bid=4"}));
}

// What came after it built on the snapshot before.
TEST(BybitLinear, LosesNoSnapshotOverAValueThatCannotBeHeld) {
  Decoded decode("bybit-linear");
  decode(kSnapshot);
  EXPECT_EQ(decode(ticker("snapshot", R"(,"bid1Price":"1","bid1Size":"2","lastPrice":"x")")),
            (Lines{"ticker BTCUSDT bid=1 bid_size=2 ask=null ask_size=null last=null open_24h=null "
                   "high_24h=null low_24h=null volume_24h=null quote_volume_24h=null "
                   "change_percent_24h=null @1760325052630000",
                   "rejected undecodable"}));

  Decoded first("bybit-linear");
  first(ticker("snapshot", R"(,"bid1Price":"1","lastPrice":"x")"));
  EXPECT_EQ(first(ticker("delta", R"(,"bid1Price":"2")")),
            Lines{"ticker BTCUSDT bid=2 @1760325052630000"});
}

TEST(Bybit, IsNotSilencedByNumbersThatAreAbsurd) {
  constexpr auto kAbsurd = std::uint64_t{1} << 63U;
  Decoded linear("bybit-linear");
  linear(kSnapshot);
  linear(ticker("delta", R"(,"bid1Price":"2")", kAbsurd));
  EXPECT_EQ(linear(ticker("delta", R"(,"bid1Price":"3")", 8)),
            Lines{"ticker BTCUSDT bid=3 @1760325052630000"});
  linear(trades(trade("a", 5) + "," + trade("b", kAbsurd)));
  EXPECT_EQ(linear(trades(trade("c", 6))).front().substr(0, 16), "trade BTCUSDT #c");
  EXPECT_EQ(linear(trades(trade("c", 6) + "," + trade("a", 5))), Lines(2, "skipped duplicate"));

  Decoded spot("bybit-spot");
  const std::string level = R"([["1","2"]])";
  spot(book(level, level, kAbsurd));
  EXPECT_EQ(spot(book(level, level, 8)).front().substr(0, 6), "ticker");
  EXPECT_EQ(spot(book(level, level, 7)), Lines{"skipped duplicate"});
}

// What was refused has said nothing, its number neither.
TEST(Bybit, CountsNoNumberOfWhatItRefuses) {
  Decoded decode("bybit-linear");
  decode(trades(trade("a", 5)));
  decode(trades(R"({"s":"BTCUSDT","S":"Hold","v":"1","p":"1","i":"b","seq":9})"));

  EXPECT_EQ(decode(trades(trade("c", 6))).front().substr(0, 16), "trade BTCUSDT #c");
}

TEST(BybitLinear, MovesThePointOfTheChangeAndKeepsItsDigits) {
  Decoded decode("bybit-linear");
  decode(kSnapshot);
  for (const auto& [text, expected] :
       std::vector<std::pair<std::string, std::string>>{{"0.0196", "1.96"},
                                                        {"0.02", "2"},
                                                        {"-0.5", "-50"},
                                                        {"0", "0"},
                                                        {"1.5e-3", "0.15"},
                                                        {"", "null"}}) {
    EXPECT_EQ(decode(ticker("delta", R"(,"price24hPcnt":")" + text + "\"")),
              Lines{"ticker BTCUSDT change_percent_24h=" + expected + " @1760325052630000"})
        << text;
  }
  for (const auto& [text, why] :
       std::vector<std::pair<std::string, std::string>>{{"1e99", "out_of_range"},
                                                        {"1e99999999999", "undecodable"},
                                                        {"x", "undecodable"},
                                                        {"1e", "undecodable"},
                                                        {"1e2e3", "undecodable"},
                                                        {std::string(200, '1'), "out_of_range"}}) {
    EXPECT_EQ(decode(ticker("delta", R"(,"price24hPcnt":")" + text + "\"")),
              (Lines{"ticker BTCUSDT change_percent_24h=null @1760325052630000", "rejected " + why}))
        << text;
  }
}

TEST(BybitLinear, TakesKeysInAnotherOrder) {
  Decoded decode("bybit-linear");
  EXPECT_EQ(
      decode(
          R"({"ts":5,"cs":1,"data":{"x":{"lastPrice":"9"},"lastPrice":"1","symbol":"A","bid1Price":"2","bid1Size":"3","ask1Price":"4","ask1Size":"5","prevPrice24h":"6","highPrice24h":"7","lowPrice24h":"8","volume24h":"9","turnover24h":"10","price24hPcnt":"0"},"type":"snapshot","topic":"tickers.A"})"),
      Lines{"ticker A bid=2 bid_size=3 ask=4 ask_size=5 last=1 open_24h=6 high_24h=7 low_24h=8 "
            "volume_24h=9 quote_volume_24h=10 change_percent_24h=0 @5000"});
}

TEST(Bybit, ReadsAllTradesOfAMessage) {
  Decoded decode("bybit-linear");
  const auto line = [](const std::string& id, const std::string& more = "") {
    return "trade BTCUSDT #" + id + " 16578.50 x 0.001 buy sets=last_size,last_side" + more +
           " @1672304486865000";
  };
  EXPECT_EQ(decode(trades(trade("20f43950-d8dd-5b31-9112-a178eb6023af", 5) + "," + trade("b", 5))),
            (Lines{line("20f43950-d8dd-5b31-9112-a178eb6023af"), line("b")}));
  EXPECT_EQ(decode(trades(trade("b", 5))), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(trades(trade("a", 4))), Lines{"skipped duplicate"});
  decode.adapter().reset();
  EXPECT_EQ(decode(trades(trade("b", 5) + "," + trade("a", 4))), Lines(2, "skipped duplicate"));
  // Ids do not count: nobody knows what was missed meanwhile.
  EXPECT_EQ(decode(trades(trade("c", 9))), Lines{line("c", " missed=-1")});
  EXPECT_EQ(decode(trades(trade("d", 9, R"(,"RPI":true)"))), Lines{line("d")});
  EXPECT_EQ(decode(trades(trade("e", 9, R"(,"BT":true)"))), Lines{"skipped not_market_trade"});
}

// One order that takes from many: the recorded feed has up to 41 trades of one number.
TEST(Bybit, KnowsEveryTradeOfASequenceNumberAgain) {
  Decoded decode("bybit-linear");
  const auto all = trade("a", 5) + "," + trade("b", 5) + "," + trade("c", 5);
  EXPECT_EQ(decode(trades(all)).size(), 3U);

  EXPECT_EQ(decode(trades(all)), Lines(3, "skipped duplicate"));

  // As at a handover: the next connection begins in the middle of them.
  Decoded next("bybit-linear");
  next.adapter().take_over(decode.adapter(), true);
  EXPECT_EQ(next(trades(trade("b", 5) + "," + trade("c", 5))), Lines(2, "skipped duplicate"));
  EXPECT_EQ(next(trades(trade("d", 5) + "," + trade("a", 6))).size(), 2U);
  EXPECT_EQ(next(trades(trade("a", 6) + "," + trade("d", 5))), Lines(2, "skipped duplicate"));
}

TEST(Bybit, RemembersTheLatestTradesOfASequenceNumberThatNeverEnds) {
  Decoded decode("bybit-linear");
  for (int id = 0; id < 3000; ++id) {
    ASSERT_EQ(decode(trades(trade(std::to_string(id), 5))).front().substr(0, 5), "trade");
  }
  EXPECT_EQ(decode(trades(trade("2999", 5) + "," + trade("1976", 5))),
            Lines(2, "skipped duplicate"));
  EXPECT_EQ(decode(trades(trade("1975", 5))).front().substr(0, 5), "trade");
}

TEST(BybitSpot, TakesTheQuoteFromTheSmallestBook) {
  Decoded decode("bybit-spot");
  EXPECT_EQ(decode(book(R"([["16493.50","0.006"]])", R"([["16611.00","0.029"]])", 18521288)),
            Lines{"ticker BTCUSDT bid=16493.50 bid_size=0.006 ask=16611.00 ask_size=0.029 "
                  "@1672304484976000"});
  EXPECT_EQ(decode(book("[]", R"([["16612.00","1"],["16613.00","2"]])", 18521289)),
            Lines{"ticker BTCUSDT bid=null bid_size=null ask=16612.00 ask_size=1 "
                  "@1672304484976000"});
}

TEST(BybitSpot, DropsBooksThatAreLateUntilTheServiceStartsAnew) {
  Decoded decode("bybit-spot");
  const auto line = [](const std::string& bid) {
    return Lines{"ticker BTCUSDT bid=" + bid + " bid_size=2 @1672304484976000"};
  };
  const auto only_bid = [](const std::string& bid, int update) {
    return R"({"topic":"orderbook.1.BTCUSDT","data":{"s":"BTCUSDT","b":[[")" + bid +
           R"(","2"]],"u":)" + std::to_string(update) + R"(},"cts":1672304484976})";
  };
  EXPECT_EQ(decode(only_bid("1", 20)), line("1"));
  EXPECT_EQ(decode(only_bid("2", 19)), Lines{"skipped duplicate"});
  EXPECT_EQ(decode(only_bid("1", 20)), line("1"));  // the repetition of a quiet book
  EXPECT_EQ(decode(only_bid("3", 1)), line("3"));
  EXPECT_EQ(decode(only_bid("4", 2)), line("4"));
}

TEST(BybitSpot, TakesTheDayFromTickersWhichHaveNoQuote) {
  Decoded decode("bybit-spot");
  EXPECT_EQ(
      decode(
          R"({"topic":"tickers.BTCUSDT","ts":1673853746003,"type":"snapshot","cs":2588407389,"data":{"symbol":"BTCUSDT","lastPrice":"21109.77","highPrice24h":"21426.99","lowPrice24h":"20575","prevPrice24h":"20704.93","volume24h":"6780.866843","turnover24h":"141946527.22907118","price24hPcnt":"0.0196","usdIndexPrice":"21120.2400136"}})"),
      Lines{"ticker BTCUSDT last=21109.77 open_24h=20704.93 high_24h=21426.99 low_24h=20575 "
            "volume_24h=6780.866843 quote_volume_24h=141946527.22907118 change_percent_24h=1.96 "
            "@1673853746003000"});
}

TEST(Bybit, PassesOverOtherTopics) {
  Decoded decode("bybit-linear");
  EXPECT_EQ(
      decode(
          R"({"topic":"orderbook.200.BTCUSDT","type":"delta","ts":1,"data":{"s":"BTCUSDT","b":[["1","0"]],"a":[],"u":2,"seq":3},"cts":1})"),
      Lines{"skipped other_channel"});
  EXPECT_EQ(decode(R"({"data":[{"start":1,"close":"2"}],"topic":"kline.1.BTCUSDT","ts":1})"),
            Lines{"skipped other_channel"});
}

TEST(Bybit, TellsOfAcknowledgementsRefusalsAndPongs) {
  Decoded decode("bybit-spot");
  const Lines control{"skipped control"};
  EXPECT_EQ(
      decode(
          R"({"success":true,"ret_msg":"subscribe","conn_id":"2324d924","req_id":"BTCUSDT","op":"subscribe"})"),
      (Lines{"notice subscribed BTCUSDT", "skipped control"}));
  EXPECT_EQ(
      decode(R"({"success":true,"ret_msg":"","conn_id":"3cd8","req_id":"","op":"subscribe"})"),
      (Lines{"notice subscribed", "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"success":false,"ret_msg":"error:handler not found,topic:publicTrade.NOTASYMBOL","conn_id":"d","req_id":"10001","op":"subscribe"})"),
      (Lines{"notice refused NOTASYMBOL: error:handler not found,topic:publicTrade.NOTASYMBOL",
             "skipped control"}));
  EXPECT_EQ(
      decode(
          R"({"success":false,"ret_msg":"error:already subscribed,topic:tickers.BTCUSDT","conn_id":"d","req_id":"10001","op":"subscribe"})"),
      (Lines{"notice subscribed 10001", "skipped control"}));
  EXPECT_EQ(decode(R"({"success":false,"ret_msg":"args size >10","conn_id":"d","op":"subscribe"})"),
            (Lines{"notice error: args size >10", "skipped control"}));
  EXPECT_EQ(decode(R"({"success":true,"ret_msg":"pong","conn_id":"0970e817","op":"ping"})"),
            control);
  EXPECT_EQ(decode(R"({"success":true,"ret_msg":"pong","conn_id":"4","req_id":"","op":"ping"})"),
            control);
  EXPECT_EQ(decode(R"({"args":["1672916271846"],"op":"pong"})"), control);
  EXPECT_EQ(
      decode(
          R"({"success":true,"conn_id":"aa01","data":{"failTopics":[],"successTopics":["orderbook.100.BTC"]},"type":"COMMAND_RESP"})"),
      control);
}

TEST(Bybit, RefusesWhatMakesNoSense) {
  const Lines undecodable{"rejected undecodable"};
  for (const auto* const kind : {"bybit-spot", "bybit-linear"}) {
    Decoded decode(kind, {}, {"BTCUSDT"});
    EXPECT_EQ(decode("{}"), undecodable);
    EXPECT_EQ(decode("[]"), undecodable);
    EXPECT_EQ(decode(R"({"topic":"tickers.BTCUSDT","type":"snapshot"})"), undecodable);
    EXPECT_EQ(decode(R"({"topic":"tickers.BTCUSDT","data":[]})"), undecodable);
    EXPECT_EQ(decode(R"({"topic":"tickers.BTCUSDT","data":{"lastPrice":"1"}})"), undecodable);
    EXPECT_EQ(decode(ticker("snapshot", "")), undecodable);
    EXPECT_EQ(decode(ticker("snapshot", R"(,"lastPrice":"x")")).back(), undecodable[0]);
    EXPECT_EQ(
        decode(
            R"({"topic":"tickers.BTCUSDT","cs":"x","data":{"symbol":"BTCUSDT","lastPrice":"1"}})")
            .front(),
        undecodable[0]);
    EXPECT_EQ(decode(trades("")), undecodable);
    EXPECT_EQ(decode(trades(R"({"s":"BTCUSDT","S":"Hold","v":"1","p":"1","i":"1"})")), undecodable);
    EXPECT_EQ(decode(trades(R"({"s":"ETHUSDT","S":"Buy","v":"1","p":"1","i":"1"})")),
              Lines{"rejected unknown_instrument"});
  }
}

TEST(Bybit, NamesInstrumentsAsItsVenueDoes) {
  Decoded spot("bybit-spot");
  Decoded linear("bybit-linear");
  EXPECT_EQ(spot.adapter().native_name("BTC-USDT"), "BTCUSDT");
  EXPECT_EQ(spot.adapter().native_name("BTC-USDT-PERP"), std::nullopt);
  EXPECT_EQ(linear.adapter().native_name("BTC-USDT-PERP"), "BTCUSDT");
  EXPECT_EQ(linear.adapter().native_name("BTC-USDT-26DEC25"), "BTCUSDT-26DEC25");
  EXPECT_EQ(linear.adapter().native_name("BTC-USDT"), std::nullopt);
}

TEST(Bybit, SubscribesEachInstrumentApartWithinTheVenuesLimitOfAConnection) {
  Decoded spot("bybit-spot");
  Decoded linear("bybit-linear");
  EXPECT_EQ(
      spot.adapter().plan("ws://h", {"BTCUSDT"})[0].requests,
      Lines{
          R"({"req_id":"BTCUSDT","op":"subscribe","args":["orderbook.1.BTCUSDT","tickers.BTCUSDT","publicTrade.BTCUSDT"]})"});
  EXPECT_EQ(
      linear.adapter().plan("ws://h", {"BTCUSDT"})[0].requests,
      Lines{
          R"({"req_id":"BTCUSDT","op":"subscribe","args":["tickers.BTCUSDT","publicTrade.BTCUSDT"]})"});
  const auto plan = spot.adapter().plan("ws://h", Lines(401, "1000000BABYDOGEUSDT"));
  ASSERT_EQ(plan.size(), 3U);
  std::size_t characters = 0;
  for (const auto& request : plan[0].requests) {
    characters += request.size() - request.find('[');
  }
  EXPECT_LE(characters, 21'000U);
}

}  // namespace
}  // namespace ticker::feed
