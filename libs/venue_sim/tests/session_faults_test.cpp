#include <ticker/venue_sim/connection_faults.hpp>

#include <algorithm>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "test_venue.hpp"

// What a client of the venue sees of each fault, and of which messages.
namespace ticker::venue_sim {
namespace {

struct FaultCase {
  const char* fault;
  Texts expected;  // of four recorded messages a, b, c, d

  // What test names show of it.
  friend void PrintTo(const FaultCase& one, std::ostream* out) { *out << one.fault; }
};

class SessionFault : public testing::TestWithParam<FaultCase> {};

TEST_P(SessionFault, StrikesAfterItsNumberOfMessages) {
  const auto quote = [](int id) {
    return R"({"stream":"x@bookTicker","data":)" + std::to_string(id) + "}";
  };
  Venue venue("binance-spot", {quote(1), quote(2), quote(3), quote(4)},
              {parse_fault(GetParam().fault).value()}, {Timeline::kMax, false});
  const auto session = venue.connect("/stream?streams=x@bookTicker");
  venue.request(*session, R"({"method":"LIST_SUBSCRIPTIONS","id":1})");

  Texts got = venue.after(*session, seconds(0));
  for (auto& text : got) {
    for (int id = 1; id <= 4; ++id) {
      text = text == quote(id) ? std::to_string(id) : text;
    }
    text = text.starts_with("[[[") ? "[[[" + std::to_string(text.size()) : text;
  }
  EXPECT_EQ(got, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, SessionFault,
    testing::Values(
        FaultCase{"disconnect:2", {"1", "2", "<cut>", "3", "4"}},
        FaultCase{"close:2:1013", {"1", "2", "<close 1013>", "3", "4"}},
        FaultCase{"silent:2", {"1", "2", "<hush>"}}, FaultCase{"no-data:3", {"1", "2", "3"}},
        FaultCase{"truncate:1", {"1", "<half>", "<cut>", "2", "3", "4"}},
        FaultCase{"half-frame:1", {"1", "<half>", "<hush>"}},
        FaultCase{"reset:1", {"1", "<reset>", "2", "3", "4"}}, FaultCase{"gap:1", {"1", "3", "4"}},
        FaultCase{"gap:1:2", {"1", "4"}}, FaultCase{"duplicate:1", {"1", "2", "2", "3", "4"}},
        FaultCase{"duplicate:1:2", {"1", "2", "2", "3", "3", "4"}},
        FaultCase{"reorder:1", {"1", "3", "2", "4"}},
        FaultCase{"reorder:0:2", {"2", "3", "1", "4"}},
        FaultCase{"reorder:3", {"1", "2", "3", "4"}},
        FaultCase{"garbage:3",
                  {"1", "2", "3", "]not json{", R"({"stream":"x@book)", "[[[10000", "4"}}),
    [](const auto& one) {
      std::string name = one.param.fault;
      std::replace_if(
          name.begin(), name.end(), [](char c) { return c == ':' || c == '-'; }, '_');
      return name;
    });

TEST(SessionFaults, StrikeOnce) {
  Venue venue("binance-spot", {kQuote, kQuote2}, {parse_fault("disconnect:0").value()});
  const auto first = venue.connect("/stream");
  EXPECT_EQ(venue.request(*first, kSubscribeQuotes), Texts({R"({"result":null,"id":7})", "<cut>"}));

  const auto second = venue.connect("/stream");
  EXPECT_EQ(venue.request(*second, kSubscribeQuotes), Texts({R"({"result":null,"id":7})"}));
}

TEST(SessionFaults, GiveThePlannedCloseNoticeAndCloseFiveSecondsLater) {
  Venue venue("binance-spot", {kQuote}, {parse_fault("planned-close:1").value()});
  const auto session = venue.connect("/stream");
  venue.request(*session, kSubscribeQuotes);

  EXPECT_EQ(
      venue.after(*session, seconds(0)),
      Texts({kQuote,
             R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1700000000000}})"}));
  EXPECT_EQ(venue.after(*session, milliseconds(4999)), Texts());
  EXPECT_EQ(venue.after(*session, milliseconds(1)), Texts({"<close 1001>"}));
}

TEST(SessionFaults, GiveEveryConnectionAShortLife) {
  Venue venue("binance-spot", {kQuote, kQuote2}, {parse_fault("short-lived:1").value()});
  const std::string notice =
      R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1700000000000}})";
  const auto first = venue.connect("/stream");
  const auto second = venue.connect("/stream");
  venue.request(*first, kSubscribeQuotes);
  venue.request(*second, kSubscribeQuotes);

  EXPECT_EQ(venue.after(*first, seconds(0)), Texts({kQuote, notice}));
  EXPECT_EQ(venue.after(*second, seconds(0)), Texts({kQuote, notice}));
  EXPECT_EQ(venue.after(*first, seconds(1)), Texts({kQuote2}));
}

TEST(SessionFaults, HoldAcknowledgementsBackUntilDataWasSent) {
  Venue venue("binance-spot", {kQuote, kQuote2}, {parse_fault("late-acks").value()});
  const auto session = venue.connect("/stream");

  EXPECT_EQ(venue.request(*session, kSubscribeQuotes), Texts());
  EXPECT_EQ(venue.after(*session, seconds(0)), Texts({kQuote, R"({"result":null,"id":7})"}));
}

TEST(SessionFaults, SendNeitherHeartbeatsNorPings) {
  const std::vector<Fault> faults{parse_fault("no-heartbeats").value()};
  Venue coinbase("coinbase-exchange", {}, faults);
  const auto beating = coinbase.connect();
  coinbase.request(
      *beating, R"({"type":"subscribe","channels":[{"name":"heartbeat","product_ids":["A-B"]}]})");
  EXPECT_EQ(coinbase.after(*beating, seconds(5)), Texts());

  Venue binance("binance-spot", {}, faults);
  EXPECT_EQ(binance.connect()->ping_interval(), seconds(0));
}

// Messages of two instruments in turn, a second apart: x1 y1 x2 y2 … x5 y5.
Texts tape(std::size_t messages = 10) {
  Texts texts;
  for (std::size_t i = 0; i < messages; ++i) {
    const std::string instrument = i % 2 == 0 ? "x" : "y";
    texts.push_back(R"({"stream":")" + instrument + R"(@trade","data":")" + instrument +
                    std::to_string(i / 2 + 1) + "\"}");
  }
  return texts;
}

std::unique_ptr<Session> connect(Venue& venue) {
  auto session = venue.connect("/stream?streams=x@trade/y@trade");
  venue.request(*session, R"({"method":"LIST_SUBSCRIPTIONS","id":1})");
  return session;
}

// What the client gets, as "x1 y1 <cut>".
std::string names(const Texts& texts) {
  std::string out;
  for (const auto& text : texts) {
    const auto data = text.find(R"("data":")");
    const auto name = data == std::string::npos ? text : text.substr(data + 8);
    out += (out.empty() ? "" : " ") + name.substr(0, name.find('"'));
  }
  return out;
}

// … of the whole tape, as fast as it goes.
std::string played(std::vector<Fault> faults, std::uint64_t seed = 0, std::size_t messages = 10) {
  Venue venue("binance-spot", tape(messages), std::move(faults), {Timeline::kMax, false}, seed);
  const auto session = connect(venue);
  return names(venue.after(*session, seconds(0)));
}

Fault fault(const char* text) { return parse_fault(text).value(); }

TEST(ScriptedFaults, CoverASymbolOrAChannelAndCountOnlyThat) {
  auto gap = fault("gap:1:2");
  gap.symbol = "Y";
  EXPECT_EQ(played({gap}), "x1 y1 x2 x3 x4 y4 x5 y5");
  gap.channel = "trade";
  EXPECT_EQ(played({gap}), "x1 y1 x2 x3 x4 y4 x5 y5");
  gap.channel = "bookTicker";
  EXPECT_EQ(played({gap}), "x1 y1 x2 y2 x3 y3 x4 y4 x5 y5");
}

TEST(ScriptedFaults, KnowHowEachVenueNamesItsStreams) {
  Fault of_symbol = fault("gap:1");
  Fault of_channel = of_symbol;
  for (const auto& [topic, channel, symbol] :
       {std::tuple{"btcusdt@bookTicker", "bookTicker", "BTCUSDT"},
        {"ticker:BTC-USD", "ticker", "BTC-USD"},
        {"orderbook.1.BTCUSDT", "orderbook.1", "BTCUSDT"},
        {"live_trades_btcusd", "live_trades", "btcusd"},
        {"trades:tTESTBTC:TESTUSD", "trades", "tTESTBTC:TESTUSD"}}) {
    of_symbol.symbol = symbol;
    of_channel.channel = channel;
    EXPECT_TRUE(of_symbol.covers({"other:OTHER", topic})) << topic;
    EXPECT_TRUE(of_channel.covers({"other:OTHER", topic})) << topic;
    EXPECT_FALSE(of_symbol.covers({"other:OTHER"})) << topic;
    EXPECT_FALSE(of_channel.covers({})) << topic;
  }
}

TEST(ScriptedFaults, ComeAgainEverySoManyMessages) {
  auto gap = fault("gap:1");
  gap.every = 3;
  gap.times = 0;
  EXPECT_EQ(played({gap}), "x1 x2 y2 y3 x4 x5 y5");
  gap.times = 2;
  EXPECT_EQ(played({gap}), "x1 x2 y2 y3 x4 y4 x5 y5");
}

TEST(ScriptedFaults, BeginAtATimeOfTheRecording) {
  auto gap = fault("gap:1");
  gap.from = milliseconds(4001);
  auto cut = fault("disconnect:0");
  cut.from = milliseconds(8000);

  EXPECT_EQ(played({gap, cut}), "x1 y1 x2 y2 x3 y3 y4 <cut> x5 y5");
}

TEST(ScriptedFaults, StrikeOtherConnectionsUntilTheyHaveStruckOften) {
  auto cut = fault("disconnect:1");
  cut.times = 2;
  Venue venue("binance-spot", tape(2), {cut}, {Timeline::kMax, false});
  const auto first = connect(venue);
  const auto second = connect(venue);
  const auto third = connect(venue);

  EXPECT_EQ(names(venue.after(*first, seconds(0))), "x1 <cut> y1");
  EXPECT_EQ(names(venue.drain(*second)), "x1 <cut> y1");
  EXPECT_EQ(names(venue.drain(*third)), "x1 y1");
}

TEST(ScriptedFaults, OfChanceStrikeTheSameMessagesForASeed) {
  auto gap = fault("gap:0");
  gap.times = 0;
  gap.probability = 0.3;
  constexpr std::size_t kMessages = 200;
  Venue venue("binance-spot", tape(kMessages), {gap}, {Timeline::kMax, false}, 7);
  const auto first = connect(venue);
  const auto second = connect(venue);

  const auto texts = venue.after(*first, seconds(0));

  EXPECT_GT(texts.size(), 120U);
  EXPECT_LT(texts.size(), 160U);
  EXPECT_EQ(venue.drain(*second), texts) << "whatever the connection";
  EXPECT_EQ(played({gap}, 7, kMessages), names(texts)) << "in every run";
  EXPECT_NE(played({gap}, 8, kMessages), names(texts));
}

TEST(ScriptedFaults, OfChanceAndOfOneRuleDoNotMoveAnothers) {
  auto gap = fault("gap:0");
  gap.times = 0;
  gap.probability = 0.5;
  const auto alone = played({gap}, 1);

  const auto beside = played({gap, fault("duplicate:3"), fault("garbage:5")}, 1);

  EXPECT_NE(beside, alone);
  for (const auto* name : {"x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4", "x5", "y5"}) {
    EXPECT_EQ(beside.find(name) == std::string::npos, alone.find(name) == std::string::npos)
        << name;
  }
}

TEST(ScriptedFaults, DelayWhatTheyCoverInOrderAndNothingElse) {
  auto delay = fault("delay:1:2000");
  delay.symbol = "x";
  Venue venue("binance-spot", tape(), {delay}, {1, false});
  const auto session = connect(venue);

  EXPECT_EQ(names(venue.after(*session, milliseconds(2000))), "x1 y1");
  EXPECT_EQ(names(venue.after(*session, milliseconds(1500))), "y2");
  EXPECT_EQ(session->next_tick(), kStart + seconds(4));
  EXPECT_EQ(names(venue.after(*session, milliseconds(500))), "x2 x3");
  EXPECT_EQ(names(venue.after(*session, seconds(6))), "y3 x4 y4 x5 y5");
}

TEST(ScriptedFaults, DelayTheTapeTooAtFullSpeed) {
  Venue venue("binance-spot", tape(Timeline::kSlice + 1), {fault("delay:255:1000")},
              {Timeline::kMax, false});
  const auto session = connect(venue);

  EXPECT_EQ(venue.after(*session, seconds(0)).size(), 255U);
  EXPECT_EQ(venue.after(*session, milliseconds(999)).size(), 0U);
  EXPECT_EQ(venue.after(*session, milliseconds(1)).size(), 1U);
  EXPECT_EQ(venue.after(*session, milliseconds(0)).size(), 1U);
}

TEST(ScriptedFaults, SkewTheVenuesClockFromOneMessageToAnother) {
  const auto trade = [](int second) {
    const auto ms = std::to_string(1'700'000'000'000 + 1000 * second);
    return R"({"stream":"x@trade","data":{"E":)" + ms + R"(,"t":)" + ms + R"(,"T":)" + ms + "}}";
  };
  auto skewed = trade(61);
  skewed.replace(skewed.find("\"t\":") + 4, 13, "1700000001000");
  Venue venue("binance-spot", {trade(0), trade(1), trade(2)},
              {fault("clock-skew:1:60000"), fault("clock-skew:2:-60000")}, {Timeline::kMax, false});
  const auto session = connect(venue);

  EXPECT_EQ(venue.after(*session, seconds(0)), Texts({trade(0), skewed, trade(2)}));
}

TEST(ParseFault, NamesTheFaultsThatThereAre) {
  for (const auto* text :
       {"disconnect", "disconnect:x", "close:1:70000", "refuse:", "wrong-path:1", "nonsense:1",
        "delay:1", "delay:1:0", "clock-skew:1", "gap:1:0", "reorder:1:x", "silent:1:1", ""}) {
    EXPECT_FALSE(parse_fault(text).ok()) << text;
  }
  EXPECT_NE(parse_fault("nonsense:1").error().message.find("'nonsense:1'"), std::string::npos);
  EXPECT_NE(parse_fault("").error().message.find("close:N[:CODE], "), std::string::npos);
}

}  // namespace
}  // namespace ticker::venue_sim
