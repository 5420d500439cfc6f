#include <ticker/protocol/request.hpp>

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace ticker::protocol {
namespace {

using namespace std::string_view_literals;

using market::Field;
using market::FieldSet;

Subscribe subscribe(std::string_view text) {
  const auto parsed = parse_request(text);
  if (const auto* error = std::get_if<RequestError>(&parsed)) {
    ADD_FAILURE() << text << ": " << error->message;
    return {};
  }
  return std::get<Subscribe>(std::get<Request>(parsed));
}

Unsubscribe unsubscribe(std::string_view text) {
  const auto parsed = parse_request(text);
  if (const auto* error = std::get_if<RequestError>(&parsed)) {
    ADD_FAILURE() << text << ": " << error->message;
    return {};
  }
  return std::get<Unsubscribe>(std::get<Request>(parsed));
}

RequestError refused(std::string_view text) {
  const auto parsed = parse_request(text);
  if (!std::holds_alternative<RequestError>(parsed)) {
    ADD_FAILURE() << "accepted: " << text;
    return {};
  }
  return std::get<RequestError>(parsed);
}

TEST(ParseRequest, ReadsEveryMemberOfASubscription) {
  const Subscribe read = subscribe(
      R"({"op":"subscribe","id":1,"channel":"ticker","symbols":["binance:BTC-USDT","kraken:*"],"lane":"watchlist",)"
      R"("fields":["bid","ask","last"],"interval_ms":100,"max_kbit_per_s":256,)"
      R"("since":{"epoch":"9f2c","version":18446744073709551615},"wait":true})");

  EXPECT_EQ(read.id.json, "1");
  EXPECT_EQ(read.channel, Channel::kTicker);
  EXPECT_EQ(read.symbols, (std::vector<std::string>{"binance:BTC-USDT", "kraken:*"}));
  EXPECT_EQ(read.lane, "watchlist");
  EXPECT_EQ(read.fields, FieldSet(Field::kBid) | Field::kAsk | Field::kLast);
  EXPECT_EQ(read.interval_ms, 100U);
  EXPECT_EQ(read.max_kbit_per_s, 256U);
  EXPECT_EQ(read.since, (Since{"9f2c", 18446744073709551615U}));
  EXPECT_TRUE(read.wait);
}

TEST(ParseRequest, LeavesOutWhatARequestLeavesOut) {
  const Subscribe read = subscribe(R"({"op":"subscribe","symbols":["*"]})");

  EXPECT_EQ(read.id, RequestId());
  EXPECT_EQ(read.channel, Channel::kTicker);
  EXPECT_EQ(read.lane, "");
  EXPECT_FALSE(read.fields || read.interval_ms || read.max_kbit_per_s || read.since);
  EXPECT_FALSE(read.wait);
}

TEST(ParseRequest, KeepsTheIdAsItWasWritten) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"op":"ping","id":4})", "4"},
      {R"({"op":"ping","id" : -0 })", "-0"},
      {R"({"id":1.50e+3,"op":"ping"})", "1.50e+3"},
      {R"({"id":123456789012345678901234567890,"op":"ping"})", "123456789012345678901234567890"},
      {R"({"op":"ping","id":"a\u0041\n"})", R"("a\u0041\n")"},
      {R"({"op":"ping","id"  :  ":, " })", R"(":, ")"},
      {R"({"op":"ping","id":""})", R"("")"},
  };
  for (const auto& [text, id] : cases) {
    const auto parsed = parse_request(text);
    ASSERT_TRUE(std::holds_alternative<Request>(parsed))
        << text << std::get<RequestError>(parsed).message;
    EXPECT_EQ(std::get<Ping>(std::get<Request>(parsed)).id.json, id);
  }
}

TEST(ParseRequest, TellsTheIdWithAnErrorWhereverItStands) {
  EXPECT_EQ(refused(R"({"op":"subscribe","symbols":5,"id":"x"})").id.json, R"("x")");
  EXPECT_EQ(refused(R"({"id":7,"op":"dance"})").id.json, "7");
  EXPECT_EQ(refused(R"({"id":7,"op":"subscribe")").id.json, "7");
}

TEST(ParseRequest, CountsTheCharactersOfAnId) {
  std::string sixty_four;
  for (int i = 0; i < 64; ++i) {
    sixty_four += "é";
  }

  EXPECT_TRUE(std::holds_alternative<Request>(
      parse_request(R"({"op":"ping","id":")" + sixty_four + "\"}")));
  const RequestError error = refused(R"({"op":"ping","id":")" + sixty_four + "x\"}");
  EXPECT_EQ(error.code, ErrorCode::kBadRequest);
  EXPECT_EQ(error.message, "id is longer than 64 characters");
  EXPECT_EQ(error.id, RequestId());
}

TEST(ParseRequest, ReadsTradesAndStatus) {
  const Subscribe trades = subscribe(
      R"({"op":"subscribe","channel":"trades","symbols":["a:*"],"since":{"epoch":"e","version":3}})");
  EXPECT_EQ(trades.channel, Channel::kTrades);
  EXPECT_EQ(trades.since, (Since{"e", 3}));

  const Subscribe status = subscribe(R"({"op":"subscribe","channel":"status"})");
  EXPECT_EQ(status.channel, Channel::kStatus);
  EXPECT_EQ(status.symbols, std::vector<std::string>{"*"});
}

TEST(ParseRequest, ReadsTheThreeScopesOfUnsubscribe) {
  const Unsubscribe symbols =
      unsubscribe(R"({"op":"unsubscribe","id":2,"channel":"trades","symbols":["kraken:*"]})");
  EXPECT_EQ(symbols.scope, Unsubscribe::Scope::kSymbols);
  EXPECT_EQ(symbols.channel, Channel::kTrades);
  EXPECT_EQ(symbols.symbols, std::vector<std::string>{"kraken:*"});

  const Unsubscribe lane = unsubscribe(R"({"op":"unsubscribe","lane":"watchlist"})");
  EXPECT_EQ(lane.scope, Unsubscribe::Scope::kLane);
  EXPECT_EQ(lane.channel, Channel::kTicker);
  EXPECT_EQ(lane.lane, "watchlist");

  const Unsubscribe all = unsubscribe(R"({"op":"unsubscribe","all":true})");
  EXPECT_EQ(all.scope, Unsubscribe::Scope::kAll);
  EXPECT_EQ(all.channel, std::nullopt);
}

TEST(ParseRequest, ReadsAuthAndPing) {
  const auto auth = parse_request(R"({"op":"auth","id":3,"token":"t"})");
  EXPECT_EQ(std::get<Request>(auth), Request(Auth{{"3"}, "t"}));
  EXPECT_EQ(op_name(std::get<Request>(auth)), "auth");
  EXPECT_EQ(std::get<Request>(parse_request(R"({"op":"ping"})")), Request(Ping{}));
}

TEST(ParseRequest, ReadsReplays) {
  EXPECT_EQ(std::get<Request>(parse_request(
                R"({"op":"replay","id":1,"recording":"a.b-C_9","from_us":5,"to_us":5,"speed":0.1})")),
            Request(Replay{{"1"}, "a.b-C_9", from_us(5), from_us(5), 0.1}));
  EXPECT_EQ(std::get<Request>(parse_request(R"({"op":"replay","recording":"a","speed":"max"})")),
            Request(Replay{{}, "a", std::nullopt, std::nullopt, 0}));
  EXPECT_EQ(std::get<Request>(
                parse_request(R"({"op":"replay_control","action":"seek","to_us":7,"speed":2})")),
            Request(ReplayControl{{}, ReplayControl::Action::kSeek, from_us(7), 1}));
  EXPECT_EQ(std::get<Request>(
                parse_request(R"({"op":"replay_control","action":"speed","speed":1e3})")),
            Request(ReplayControl{{}, ReplayControl::Action::kSpeed, kNoTime, 1'000}));
}

// Whatever it says is one name in one folder.
TEST(ParseRequest, TakesNoPathForARecording) {
  for (const std::string name : {"", ".", "..", "../a", "a/b", "/a", "a\\\\b", ".a", "a b", "a\\u0000", "ä",
                                 "%2e%2e", "a*"}) {
    const auto read = parse_request(R"({"op":"replay","recording":")" + name + "\"}");
    ASSERT_TRUE(std::holds_alternative<RequestError>(read)) << name;
    EXPECT_EQ(std::get<RequestError>(read).code, ErrorCode::kBadRequest) << name;
  }
  EXPECT_EQ(recording_name_fault(std::string(128, 'a')), "");
  EXPECT_EQ(recording_name_fault(std::string(129, 'a')), "is longer than 128 characters");
}

TEST(ParseRequest, PassesOverMembersThatItDoesNotKnow) {
  const Subscribe read = subscribe(
      R"({"future":{"op":"ping","symbols":[[1,{"id":9}]]},"op":"subscribe","x":[1,[2,{"lane":3}]],"symbols":["*"],)"
      R"("since":{"epoch":"e","more":{"version":1},"version":2,"x":[]},"y":null})");

  EXPECT_EQ(read.id, RequestId());
  EXPECT_EQ(read.symbols, std::vector<std::string>{"*"});
  EXPECT_EQ(read.since, (Since{"e", 2}));
}

struct Refusal {
  std::string text;
  ErrorCode code;
  std::string_view message;
};

TEST(ParseRequest, RefusesInPlainWords) {
  constexpr auto kBad = ErrorCode::kBadRequest;
  const std::string x33(33, 'x');
  const Refusal cases[] = {
      {"", kBad, "the request is not JSON: The document is empty. At byte 0."},
      {"[]", kBad, "a request is a JSON object"},
      {"3", kBad, "a request is a JSON object"},
      {"[{\"op\":\"ping\"}]", kBad, "a request is a JSON object"},
      {"{}", kBad, "op is missing"},
      {R"({"op":"ping"}x)", kBad,
       "the request is not JSON: The document root must not be followed by other values. At byte "
       "13."},
      {std::string("{\"op\":\"ping\"}\0", 14), kBad,
       "the request is not JSON: it holds a NUL byte"},
      {R"({"op":7})", kBad, "op must be a text"},
      {R"({"op":"ping","op":"ping"})", kBad, "op is given twice"},
      {R"({"op":"ping","id":true})", kBad, "id must be a number or a text"},
      {R"({"op":"ping","id":null})", kBad, "id must be a number or a text"},
      {R"({"op":"ping","id":[1]})", kBad, "id must be a number or a text"},
      {R"({"op":"replay"})", kBad, "recording is missing"},
      {R"({"op":"replay","recording":7})", kBad, "recording must be a text"},
      {R"({"op":"replay","recording":"a","speed":0.09})", kBad,
       "speed must be a number from 0.1 to 1000, or \"max\""},
      {R"({"op":"replay","recording":"a","speed":1e300})", kBad,
       "speed must be a number from 0.1 to 1000, or \"max\""},
      {R"({"op":"replay","recording":"a","speed":"10"})", kBad,
       "speed must be a number or \"max\""},
      {R"({"op":"replay","recording":"a","from_us":-1})", kBad,
       "from_us must be a whole number, without sign, point or exponent, below 2^64"},
      {R"({"op":"replay","recording":"a","from_us":9000000000000001})", kBad,
       "from_us must be a number from 0 to 9000000000000000"},
      {R"({"op":"replay","recording":"a","from_us":2,"to_us":1})", kBad,
       "to_us lies before from_us"},
      {R"({"op":"replay_control"})", kBad,
       "action must be pause, resume, seek, speed or stop"},
      {R"({"op":"replay_control","action":"seek"})", kBad, "seek takes to_us"},
      {R"({"op":"replay_control","action":"speed"})", kBad, "speed takes speed"},
      {R"({"op":"dance"})", ErrorCode::kUnknownOp, "no op \"dance\""},
      {R"({"op":""})", ErrorCode::kUnknownOp, "no op \"\""},
      {R"({"op":"subscribe","channel":"books","symbols":["*"]})", ErrorCode::kUnknownChannel,
       "no channel \"books\""},
      {R"({"op":"unsubscribe","channel":"books","all":true})", ErrorCode::kUnknownChannel,
       "no channel \"books\""},
      {R"({"op":"subscribe","channel":5,"symbols":["*"]})", kBad, "channel must be a text"},
      {R"({"op":"subscribe"})", kBad, "symbols must name at least one symbol or pattern"},
      {R"({"op":"subscribe","symbols":[]})", kBad,
       "symbols must name at least one symbol or pattern"},
      {R"({"op":"subscribe","symbols":"*"})", kBad, "symbols must be a list of texts"},
      {R"({"op":"subscribe","symbols":{}})", kBad, "symbols must be a list of texts"},
      {R"({"op":"subscribe","symbols":["a",1]})", kBad, "symbols must be a list of texts"},
      {R"({"op":"subscribe","symbols":["a",["b"]]})", kBad, "symbols must be a list of texts"},
      {R"({"op":"subscribe","symbols":[""]})", kBad, "the symbol \"\" is empty"},
      {R"({"op":"subscribe","symbols":["*****"]})", kBad,
       "the symbol \"*****\" has more than 4 stars"},
      {R"({"op":"subscribe","symbols":["a\u0000b"]})", kBad,
       "the symbol \"a\0b\" has a control character"sv},
      {R"({"op":"subscribe","channel":"status","symbols":[]})", kBad,
       "symbols must name at least one symbol or pattern"},
      {R"({"op":"subscribe","symbols":["*"],"lane":1})", kBad, "lane must be a text"},
      {R"({"op":"subscribe","symbols":["*"],"lane":")" + x33 + "\"}", kBad,
       "lane is longer than 32 characters"},
      {R"({"op":"subscribe","symbols":["*"],"lane":"\n"})", kBad, "lane has a control character"},
      {R"({"op":"subscribe","symbols":["*"],"fields":[]})", kBad,
       "fields must name at least one field"},
      {R"({"op":"subscribe","symbols":["*"],"fields":["bid","mid"]})", ErrorCode::kUnknownField,
       "no field \"mid\""},
      {R"({"op":"subscribe","symbols":["*"],"fields":"bid"})", kBad,
       "fields must be a list of texts"},
      {R"({"op":"subscribe","symbols":["*"],"interval_ms":-1})", kBad,
       "interval_ms must be a whole number, without sign, point or exponent, below 2^64"},
      {R"({"op":"subscribe","symbols":["*"],"interval_ms":1.5})", kBad,
       "interval_ms must be a whole number, without sign, point or exponent, below 2^64"},
      {R"({"op":"subscribe","symbols":["*"],"interval_ms":"5"})", kBad,
       "interval_ms must be a whole number, without sign, point or exponent, below 2^64"},
      {R"({"op":"subscribe","symbols":["*"],"interval_ms":3600001})", kBad,
       "interval_ms must be a number from 0 to 3600000"},
      {R"({"op":"subscribe","symbols":["*"],"max_kbit_per_s":10000001})", kBad,
       "max_kbit_per_s must be a number from 0 to 10000000"},
      {R"({"op":"subscribe","symbols":["*"],"wait":1})", kBad, "wait must be true or false"},
      {R"({"op":"subscribe","symbols":["*"],"since":5})", kBad,
       "since must be an object of epoch and version"},
      {R"({"op":"subscribe","symbols":["*"],"since":[1]})", kBad,
       "since must be an object of epoch and version"},
      {R"({"op":"subscribe","symbols":["*"],"since":{"epoch":"e"}})", kBad,
       "since must have an epoch and a version"},
      {R"({"op":"subscribe","symbols":["*"],"since":{"version":1}})", kBad,
       "since must have an epoch and a version"},
      {R"({"op":"subscribe","symbols":["*"],"since":{"epoch":5,"version":1}})", kBad,
       "epoch must be a text"},
      {R"({"op":"subscribe","symbols":["*"],"since":{"epoch":"e","version":1e2}})", kBad,
       "version must be a whole number, without sign, point or exponent, below 2^64"},
      {R"({"op":"subscribe","symbols":["*"],"since":{"epoch":"e","version":18446744073709551616}})",
       kBad, "version must be a whole number, without sign, point or exponent, below 2^64"},
      {R"({"op":"subscribe","symbols":["*"],"since":{"epoch":{},"version":1}})", kBad,
       "epoch must be a text"},
      {R"({"op":"subscribe","symbols":["*"],"since":{"epoch":"e","epoch":"e","version":1}})", kBad,
       "epoch is given twice"},
      {R"({"op":"subscribe","channel":"trades","symbols":["*"],"lane":"x"})", kBad,
       "lane, fields, interval_ms and max_kbit_per_s belong to channel ticker"},
      {R"({"op":"subscribe","channel":"trades","symbols":["*"],"fields":["bid"]})", kBad,
       "lane, fields, interval_ms and max_kbit_per_s belong to channel ticker"},
      {R"({"op":"subscribe","channel":"status","interval_ms":5})", kBad,
       "lane, fields, interval_ms and max_kbit_per_s belong to channel ticker"},
      {R"({"op":"subscribe","channel":"status","max_kbit_per_s":5})", kBad,
       "lane, fields, interval_ms and max_kbit_per_s belong to channel ticker"},
      {R"({"op":"unsubscribe"})", kBad, "unsubscribe takes one of symbols, lane and all:true"},
      {R"({"op":"unsubscribe","all":false})", kBad,
       "unsubscribe takes one of symbols, lane and all:true"},
      {R"({"op":"unsubscribe","all":true,"lane":"x"})", kBad,
       "unsubscribe takes one of symbols, lane and all:true"},
      {R"({"op":"unsubscribe","symbols":["*"],"lane":"x"})", kBad,
       "unsubscribe takes one of symbols, lane and all:true"},
      {R"({"op":"unsubscribe","channel":"trades","lane":"x"})", kBad,
       "lane belongs to channel ticker"},
      {R"({"op":"auth"})", kBad, "token is missing"},
      {R"({"op":"auth","token":1})", kBad, "token must be a text"},
  };
  for (const Refusal& one : cases) {
    const RequestError error = refused(one.text);
    EXPECT_EQ(error_code_name(error.code), error_code_name(one.code)) << one.text;
    EXPECT_EQ(error.message, one.message) << one.text;
  }
}

TEST(ParseRequest, RefusesWhatIsNotUtf8) {
  for (const std::string_view bytes :
       {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    const std::string text = R"({"op":"ping","x":")" + std::string(bytes) + "\"}";
    EXPECT_EQ(refused(text).code, ErrorCode::kBadRequest);
  }
  EXPECT_EQ(refused(R"({"op":"ping","id":"\ud800"})").code, ErrorCode::kBadRequest);
}

TEST(ParseRequest, CutsALongTextInItsMessage) {
  const RequestError error = refused(R"({"op":")" + std::string(47, 'x') + "ééé\"}");

  EXPECT_EQ(error.message, "no op \"" + std::string(47, 'x') + "…\"");
}

TEST(ParseRequest, SurvivesEndlessNesting) {
  constexpr std::size_t kDeep = 6'000'000;

  EXPECT_EQ(refused(std::string(kDeep, '[')).message, "the request is nested too deeply");
  std::string objects;
  for (std::size_t i = 0; i < kDeep / 5; ++i) {
    objects += "{\"a\":";
  }
  EXPECT_EQ(refused(objects).message, "the request is nested too deeply");
}

TEST(ParseRequest, TakesNestingUpToItsBound) {
  const auto nested = [](std::size_t levels) {
    return R"({"op":"ping","x":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
  };

  EXPECT_TRUE(std::holds_alternative<Request>(parse_request(nested(31))));
  EXPECT_EQ(refused(nested(32)).message, "the request is nested too deeply");
}

// Whatever the bytes: an answer, no crash (the sanitizers watch), and an id that is JSON as it was.
TEST(ParseRequest, SurvivesMutatedRequests) {
  const std::string valid[] = {
      R"({"op":"subscribe","id":"a1","channel":"ticker","symbols":["binance:BTC-USDT","kraken:*"],"lane":"w","fields":["bid"],)"
      R"("interval_ms":100,"max_kbit_per_s":256,"since":{"epoch":"e","version":812345},"wait":true})",
      R"({"op":"unsubscribe","id":2,"channel":"ticker","symbols":["kraken:*"]})",
      R"({"op":"auth","id":3,"token":"t"})",
  };
  const std::string_view spice[] = {"{",   "}",    "[",    "]",     "\"", ":",    ",",      "\\",
                                    "\\u", "\xC3", "\xFF", "1e999", "-",  "null", "\"id\":"};
  std::mt19937 random(20260801);
  std::set<ErrorCode> met;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = valid[random() % std::size(valid)];
    for (auto change = random() % 4 + 1; change != 0; --change) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          text.erase(at, random() % 8 + 1);
          break;
        case 2:
          text.insert(at, spice[random() % std::size(spice)]);
          break;
        default:
          text.resize(at + 1);
          break;
      }
      text += text.empty() ? "{" : "";
    }
    const auto parsed = parse_request(text);
    if (const auto* error = std::get_if<RequestError>(&parsed)) {
      EXPECT_FALSE(error->message.empty()) << text;
      met.insert(error->code);
    }
  }
  EXPECT_TRUE(met.contains(ErrorCode::kBadRequest) && met.contains(ErrorCode::kUnknownOp));
}

TEST(ParseStreamQuery, SubscribesAsAFirstRequestWould) {
  const auto parsed =
      parse_stream_query("symbols=kraken:*&fields=bid,ask&interval_ms=100&token=secret");

  const auto& read = std::get<Subscribe>(parsed);
  EXPECT_EQ(read.id, RequestId());
  EXPECT_EQ(read.channel, Channel::kTicker);
  EXPECT_EQ(read.symbols, std::vector<std::string>{"kraken:*"});
  EXPECT_EQ(read.fields, FieldSet(Field::kBid) | Field::kAsk);
  EXPECT_EQ(read.interval_ms, 100U);
  EXPECT_EQ(read.max_kbit_per_s, std::nullopt);
}

TEST(ParseStreamQuery, DecodesAsUrlSearchParamsEncodes) {
  const auto parsed = parse_stream_query(
      "symbols=binance%3ABTC-USDT%2Ckraken%3A%2a&symbols=a+b&lane=%C3%A9&wait=true");

  const auto& read = std::get<Subscribe>(parsed);
  EXPECT_EQ(read.symbols, (std::vector<std::string>{"binance:BTC-USDT", "kraken:*", "a b"}));
  EXPECT_EQ(read.lane, "é");
  EXPECT_TRUE(read.wait);
}

TEST(ParseStreamQuery, AsksForNothingWithoutItsParameters) {
  EXPECT_TRUE(std::holds_alternative<std::monostate>(parse_stream_query("")));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(parse_stream_query("token=x&&=&a")));
}

TEST(ParseStreamQuery, RefusesInPlainWords) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"fields=bid", "symbols must name at least one symbol or pattern"},
      {"symbols=", "symbols must name at least one symbol or pattern"},
      {"symbols=a,,b", "the symbol \"\" is empty"},
      {"symbols=%4", "a % in the query is not followed by two hexadecimal digits"},
      {"symbols=%zz", "a % in the query is not followed by two hexadecimal digits"},
      {"symbols=%00", "the symbol \"\0\" has a control character"sv},
      {"symbols=%FF", "the symbol \"\xFF\" is not UTF-8"},
      {"symbols=a&interval_ms=fast", "interval_ms must be a whole number"},
      {"symbols=a&interval_ms=1&interval_ms=2", "interval_ms is given twice"},
      {"symbols=a&interval_ms=9999999", "interval_ms must be a number from 0 to 3600000"},
      {"symbols=a&wait=yes", "wait must be true or false"},
      {"symbols=a&fields=mid", "no field \"mid\""},
      {"symbols=a&channel=books", "no channel \"books\""},
  };
  for (const auto& [query, message] : cases) {
    const auto parsed = parse_stream_query(query);
    ASSERT_TRUE(std::holds_alternative<RequestError>(parsed)) << query;
    EXPECT_EQ(std::get<RequestError>(parsed).message, message) << query;
  }
}

TEST(ParseTickersQuery, ReadsSymbolsAndFields) {
  const auto parsed = parse_tickers_query("symbols=a,b*&fields=bid,ask");

  EXPECT_EQ(std::get<TickersQuery>(parsed),
            (TickersQuery{{"a", "b*"}, FieldSet(Field::kBid) | Field::kAsk}));
}

TEST(ParseTickersQuery, AsksForAllByDefault) {
  EXPECT_EQ(std::get<TickersQuery>(parse_tickers_query("")),
            (TickersQuery{{"*"}, FieldSet::all()}));
}

TEST(ParseTickersQuery, RefusesUnknownFieldsAndFaultySymbols) {
  EXPECT_EQ(std::get<RequestError>(parse_tickers_query("fields=mid")).code,
            ErrorCode::kUnknownField);
  EXPECT_EQ(std::get<RequestError>(parse_tickers_query("symbols=")).code, ErrorCode::kBadRequest);
  EXPECT_EQ(std::get<RequestError>(parse_tickers_query("symbols=*****")).code,
            ErrorCode::kBadRequest);
}

}  // namespace
}  // namespace ticker::protocol
