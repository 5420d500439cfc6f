#include <ticker/protocol/encoder.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace ticker::protocol {
namespace {

using market::Decimal;
using market::Field;
using market::FieldSet;
using market::InstrumentState;

Decimal decimal(std::string_view text) { return Decimal::from_text(text).value(); }

InstrumentState btc() {
  InstrumentState state;
  state.instrument.symbol = "binance:BTC-USDT";
  state.stale = false;
  state.values.set(Field::kBid, decimal("61800.20"));
  state.values.set(Field::kBidSize, decimal("2.507"));
  state.values.set_side(market::Side::kSell);
  state.values.set_null(Field::kOpen24h);
  state.exchange_time = from_us(1'723'161'255'088'000);
  state.exchange_time_given = true;
  state.receive_time = from_us(1'723'161'255'088'165);
  state.ticks = 3;
  return state;
}

std::string entry(const InstrumentState& state, FieldSet fields, bool as_new = false) {
  std::string out;
  json_encoder().append_entry(out, state, fields, as_new);
  return out;
}

std::string message(const Message& message) {
  std::string out;
  json_encoder().append_message(out, message);
  return out;
}

Subscribed subscribed_to_ticker() {
  Subscribed made;
  made.id = {"1"};
  made.settings = {"w", FieldSet(Field::kBid) | Field::kAsk, 100, 256};
  made.epoch = "9f2c";
  made.version = 812300;
  made.symbols = {"a", "k:*"};
  made.count = 37;
  made.rejected = {{"x:Y", ErrorCode::kUnknownSymbol}};
  return made;
}

Subscribed subscribed_to_trades() {
  Subscribed made;
  made.channel = Channel::kTrades;
  made.epoch = "9f2c";
  made.version = 812300;
  made.resumed = true;
  made.symbols = {"a"};
  made.count = 1;
  return made;
}

std::string head(FrameKind kind, std::string_view lane, std::optional<market::Version> version) {
  std::string out;
  json_encoder().append_head(out, kind, lane, version);
  return out;
}

TEST(JsonEncoder, WritesTheListedFieldsThatExist) {
  EXPECT_EQ(
      entry(btc(), FieldSet(Field::kBid) | Field::kBidSize | Field::kAsk | Field::kLastSide),
      R"({"symbol":"binance:BTC-USDT","bid":"61800.20","bid_size":"2.507","last_side":"sell"})");
}

TEST(JsonEncoder, WritesAllThatIsKnownInTheOrderOfTheFields) {
  EXPECT_EQ(
      entry(btc(), FieldSet::all()),
      R"({"symbol":"binance:BTC-USDT","bid":"61800.20","bid_size":"2.507","open_24h":null,"last_side":"sell",)"
      R"("stale":false,"exchange_time_us":1723161255088000,"receive_time_us":1723161255088165,"ticks":3})");
}

TEST(JsonEncoder, WritesWhichOfItsVenuesGivesASide) {
  InstrumentState state = btc();
  state.instrument.venues = {"binance", "kra\"ken"};
  state.values.set_venue(Field::kBidVenue, 1);
  state.values.set_null(Field::kAskVenue);

  EXPECT_EQ(
      entry(state, FieldSet(Field::kBid) | Field::kBidVenue | Field::kAskVenue | Field::kStale),
      R"({"symbol":"binance:BTC-USDT","bid":"61800.20","stale":false,"bid_venue":"kra\"ken","ask_venue":null})");
  EXPECT_EQ(entry(btc(), FieldSet(Field::kBid) | Field::kBidVenue),
            R"({"symbol":"binance:BTC-USDT","bid":"61800.20"})");
}

TEST(JsonEncoder, WritesAnInstrumentWithoutValues) {
  InstrumentState state;
  state.instrument.symbol = "kraken:BTC-USD";

  EXPECT_EQ(entry(state, FieldSet::all()), R"({"symbol":"kraken:BTC-USD","stale":true,"ticks":0})");
}

TEST(JsonEncoder, WritesNullForAVenueTimeThatTheLastChangeLacked) {
  InstrumentState state = btc();
  state.exchange_time = kNoTime;

  EXPECT_EQ(entry(state, Field::kExchangeTimeUs),
            R"({"symbol":"binance:BTC-USDT","exchange_time_us":null})");
}

TEST(JsonEncoder, MarksNewAndRemovedInstruments) {
  EXPECT_EQ(entry(btc(), Field::kBid, true),
            R"({"symbol":"binance:BTC-USDT","new":true,"bid":"61800.20"})");
  std::string out;
  json_encoder().append_removed(out, "binance:BTC-USDT");
  EXPECT_EQ(out, R"({"symbol":"binance:BTC-USDT","removed":true})");
}

TEST(JsonEncoder, AppendsToWhatTheBufferHolds) {
  std::string out = "before";
  json_encoder().append_removed(out, "a");
  EXPECT_EQ(out, R"(before{"symbol":"a","removed":true})");
}

// Every decimal at its longest: the buffer of an entry has room for all of them at once.
TEST(JsonEncoder, HasRoomForTheLongestEntry) {
  InstrumentState state = btc();
  const Decimal longest = decimal("-1.234567890123456789012345678e-40");
  for (const Field field : FieldSet::decimals()) {
    state.values.set(field, longest);
  }
  state.exchange_time = state.receive_time = Timestamp(std::chrono::microseconds::min());
  state.ticks = std::numeric_limits<std::uint64_t>::max();
  state.instrument.symbol = std::string(100'000, 's');

  const std::string out = entry(state, FieldSet::all(), true);

  EXPECT_GT(out.size(), 100'000 + 14 * longest.text().size());
  EXPECT_TRUE(out.ends_with(R"(,"ticks":18446744073709551615})"));
}

TEST(JsonEncoder, EscapesHostileSymbols) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"a\"b\\c", R"("a\"b\\c")"},
      {std::string_view("\0\x1f\n\r\t\x7f", 6), "\"\\u0000\\u001f\\n\\r\\t\x7f\""},
      {"日本-円 é 𝄞", "\"日本-円 é 𝄞\""},
      {"x\xFFy", "\"x\xEF\xBF\xBDy\""},
      {"\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
      {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
      {"\xE2\x82", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
      {"</script>", R"("</script>")"},
  };
  for (const auto& [symbol, quoted] : cases) {
    std::string out;
    json_encoder().append_removed(out, symbol);
    EXPECT_EQ(out, R"({"symbol":)" + std::string(quoted) + R"(,"removed":true})");
  }
}

TEST(JsonEncoder, WritesTrades) {
  market::Trade trade;
  trade.seq = 17;
  trade.id = market::TradeId("5266583935");
  trade.price = decimal("61800.30");
  trade.size = decimal("0.006");
  trade.side = market::Side::kBuy;
  trade.exchange_time = from_us(1'723'161'255'000'001);
  std::string out;
  json_encoder().append_trade(out, "binance:BTC-USDT", trade);
  EXPECT_EQ(
      out,
      R"({"symbol":"binance:BTC-USDT","seq":17,"id":"5266583935","price":"61800.30","size":"0.006",)"
      R"("side":"buy","exchange_time_us":1723161255000001})");

  trade.side = market::Side::kSell;
  trade.exchange_time = kNoTime;
  out.clear();
  json_encoder().append_trade(out, "a", trade);
  EXPECT_EQ(
      out,
      R"({"symbol":"a","seq":17,"id":"5266583935","price":"61800.30","size":"0.006","side":"sell"})");
}

TEST(JsonEncoder, WritesTheHeadsOfFrames) {
  EXPECT_EQ(head(FrameKind::kSnapshot, "watchlist", 812345),
            R"({"type":"snapshot","lane":"watchlist","version":812345,"data":[)");
  EXPECT_EQ(head(FrameKind::kDelta, "", 18446744073709551615U),
            R"({"type":"delta","lane":"","version":18446744073709551615,"data":[)");
  EXPECT_EQ(head(FrameKind::kSnapshot, "w", std::nullopt),
            R"({"type":"snapshot","lane":"w","more":true,"data":[)");
  EXPECT_EQ(head(FrameKind::kTrades, "", 9), R"({"type":"trades","version":9,"data":[)");
  EXPECT_EQ(head(FrameKind::kTrades, "", std::nullopt), R"({"type":"trades","more":true,"data":[)");
  EXPECT_EQ(json_encoder().tail(), "]}");
  EXPECT_EQ(json_encoder().separator(), ",");
}

TEST(JsonEncoder, KeepsHeadAndTailWithinTheirBound) {
  const std::string lane(32, '\x01');
  const std::string longest =
      head(FrameKind::kSnapshot, lane, std::numeric_limits<market::Version>::max());

  EXPECT_LE(longest.size() + json_encoder().tail().size(),
            Encoder::kMaxEnvelopeBytes + 6 * lane.size());
}

TEST(JsonEncoder, WritesEveryMessage) {
  const Timestamp time = from_us(1'723'161'255'088'000);
  const std::pair<Message, std::string_view> cases[] = {
      {Hello{"9f2c", time, 15000, false, {65536, 262144, 1000, 8, 0, 20}},
       R"({"type":"hello","protocol":"ticker.v1","epoch":"9f2c","time_us":1723161255088000,"heartbeat_ms":15000,"auth":"none",)"
       R"("limits":{"request_bytes":65536,"frame_bytes":262144,"entries":1000,"lanes":8,"min_interval_ms":0,"requests_per_s":20}})"},
      {subscribed_to_ticker(),
       R"({"type":"subscribed","id":1,"channel":"ticker","lane":"w","epoch":"9f2c","version":812300,"resumed":false,)"
       R"("fields":["bid","ask"],"interval_ms":100,"max_kbit_per_s":256,"symbols":["a","k:*"],"count":37,)"
       R"("rejected":[{"symbol":"x:Y","code":"unknown_symbol"}]})"},
      {subscribed_to_trades(),
       R"({"type":"subscribed","channel":"trades","epoch":"9f2c","version":812300,"resumed":true,"symbols":["a"],"count":1,"rejected":[]})"},
      {Unsubscribed{{"2"},
                    Unsubscribe::Scope::kSymbols,
                    Channel::kTicker,
                    "",
                    {"k:*"},
                    1,
                    {{"b", ErrorCode::kNotSubscribed}}},
       R"({"type":"unsubscribed","id":2,"channel":"ticker","symbols":["k:*"],"count":1,"rejected":[{"symbol":"b","code":"not_subscribed"}]})"},
      {Unsubscribed{{}, Unsubscribe::Scope::kLane, Channel::kTicker, "w", {}, 2, {}},
       R"({"type":"unsubscribed","channel":"ticker","lane":"w","count":2})"},
      {Unsubscribed{{}, Unsubscribe::Scope::kAll, std::nullopt, "", {}, 3, {}},
       R"({"type":"unsubscribed","all":true,"count":3})"},
      {Authenticated{{R"("x")"}, 60000},
       R"({"type":"authenticated","id":"x","expires_in_ms":60000})"},
      {Authenticated{{"3"}, std::nullopt}, R"({"type":"authenticated","id":3})"},
      {Pong{{"4"}, time}, R"({"type":"pong","id":4,"time_us":1723161255088000})"},
      {RequestError{{"1"}, ErrorCode::kUnknownChannel, "no channel \"x\""},
       R"({"type":"error","id":1,"code":"unknown_channel","message":"no channel \"x\""})"},
      {Gap{"a", 18, 17, Gap::Source::kClient},
       R"({"type":"gap","channel":"trades","symbol":"a","from_seq":18,"missed":17,"source":"client"})"},
      {Gap{"a", 18, std::nullopt, Gap::Source::kVenue},
       R"({"type":"gap","channel":"trades","symbol":"a","from_seq":18,"missed":null,"source":"venue"})"},
      {Status{"kraken", market::FeedState::kDown, time, "refused"},
       R"({"type":"status","feed":"kraken","state":"down","since_us":1723161255088000,"reason":"refused"})"},
      {Epoch{"9f2d"}, R"({"type":"epoch","epoch":"9f2d"})"},
      {Heartbeat{time}, R"({"type":"heartbeat","time_us":1723161255088000})"},
      {AuthExpiring{60000}, R"({"type":"auth_expiring","expires_in_ms":60000})"},
      {Goodbye{"restart", 2300}, R"({"type":"goodbye","reason":"restart","reconnect_in_ms":2300})"},
  };
  for (const auto& [given, text] : cases) {
    EXPECT_EQ(message(given), text);
  }
}

}  // namespace
}  // namespace ticker::protocol
