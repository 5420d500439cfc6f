// The golden messages of proto/examples, through the codec both ways: what a server sends is read
// and written again to the same bytes, what a client sends is read as what it is.

#include <ticker/protocol/encoder.hpp>
#include <ticker/protocol/http_body.hpp>
#include <ticker/protocol/push.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "json_value.hpp"

namespace ticker::protocol {
namespace {

using market::Field;
using market::FieldSet;

struct Example {
  std::string kind;
  std::string from;
  std::string text;
  std::string code;  // of a bad request
};

JsonValue parsed(std::string_view text) {
  std::string fault;
  auto value = parse_json(text, fault);
  EXPECT_TRUE(value) << fault << text;
  return std::move(value).value_or(JsonValue());
}

std::vector<Example> examples() {
  std::vector<Example> all;
  for (const auto& entry : std::filesystem::directory_iterator(TICKER_PROTO_DIR "/examples")) {
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const std::string bytes = text.str();
    const JsonValue file = parsed(bytes);
    EXPECT_EQ(file.find("kind")->text, entry.path().stem().string());
    for (const JsonValue& message : file.find("messages")->items) {
      const JsonValue* const code = message.find("code");
      EXPECT_FALSE(message.find("means")->text.empty());
      all.push_back({file.find("kind")->text, file.find("from")->text, message.find("text")->text,
                     code == nullptr ? "" : code->text});
    }
  }
  return all;
}

// The instrument of which the entry tells.
market::InstrumentState state_of(const Entry& entry) {
  market::InstrumentState state;
  state.instrument.symbol = entry.symbol;
  state.values = entry.values;
  state.instrument.venues.assign(entry.venues.begin(), entry.venues.end());
  state.stale = entry.stale;
  state.exchange_time = entry.exchange_time;
  state.exchange_time_given = entry.fields.has(Field::kExchangeTimeUs);
  state.receive_time = entry.receive_time;
  state.ticks = entry.ticks;
  return state;
}

void append(std::string& out, const Entry& entry) {
  if (entry.removed) {
    json_encoder().append_removed(out, entry.symbol);
  } else {
    json_encoder().append_entry(out, state_of(entry), entry.fields, entry.as_new);
  }
}

void append(std::string& out, const TradeEntry& entry) {
  json_encoder().append_trade(out, entry.symbol, entry.trade);
}

template <typename Data>
void append_all(std::string& out, const Data& data) {
  bool first = true;
  for (const auto& one : data) {
    out += std::exchange(first, false) ? std::string_view() : json_encoder().separator();
    append(out, one);
  }
}

std::string written(const Push& push) {
  std::string out;
  if (const auto* message = std::get_if<Message>(&push)) {
    json_encoder().append_message(out, *message);
  } else if (const auto* frame = std::get_if<EntryFrame>(&push)) {
    json_encoder().append_head(out, frame->kind, frame->lane, frame->version);
    append_all(out, frame->data);
    out += json_encoder().tail();
  } else {
    const auto& trades = std::get<TradesFrame>(push);
    json_encoder().append_head(out, FrameKind::kTrades, "", trades.version);
    append_all(out, trades.data);
    out += json_encoder().tail();
  }
  return out;
}

std::string read_and_written(std::string_view text) {
  const auto push = parse_push(text);
  if (const auto* error = std::get_if<PushError>(&push)) {
    return "not read: " + error->message;
  }
  return written(std::get<Push>(push));
}

std::string http_read_and_written(const std::string& kind, std::string_view text) {
  const JsonValue body = parsed(text);
  const auto number = [](const JsonValue& of, std::string_view name) {
    return std::stoull(of.find(name)->text);
  };
  if (kind == "http_error") {
    const JsonValue& error = *body.find("error");
    return error_body(error.find("code")->text, error.find("message")->text);
  }
  if (kind == "http_symbols") {
    std::vector<market::Instrument> instruments;
    for (const JsonValue& row : body.find("symbols")->items) {
      instruments.push_back({row.find("symbol")->text, row.find("venue")->text,
                             row.find("native")->text, row.find("base")->text,
                             row.find("quote")->text});
    }
    std::vector<const market::Instrument*> rows;
    for (const auto& instrument : instruments) {
      rows.push_back(&instrument);
    }
    return symbols_body(rows);
  }
  if (kind == "http_feeds") {
    std::vector<FeedInfo> feeds;
    for (const JsonValue& row : body.find("feeds")->items) {
      const std::string state = row.find("state")->text;
      const JsonValue& last = *row.find("last_message_us");
      feeds.push_back({{row.find("feed")->text, row.find("adapter")->text,
                        state == "live" ? market::FeedState::kLive : market::FeedState::kConnecting,
                        from_us(std::stoll(row.find("since_us")->text)), row.find("reason")->text},
                       last.is(JsonValue::Kind::kNull) ? kNoTime : from_us(std::stoll(last.text)),
                       number(row, "symbols"),
                       number(row, "stale")});
    }
    return feeds_body(feeds);
  }
  const auto read = parse_tickers(text);
  if (const auto* error = std::get_if<PushError>(&read)) {
    return "not read: " + error->message;
  }
  const auto& tickers = std::get<Tickers>(read);
  std::string out;
  append_tickers_head(out, tickers.epoch, tickers.version);
  append_all(out, tickers.data);
  append_tickers_tail(out, tickers.rejected);
  return out;
}

TEST(GoldenExamples, OfTheServerAreWrittenToTheSameBytes) {
  for (const Example& example : examples()) {
    if (example.from == "server") {
      EXPECT_EQ(read_and_written(example.text), example.text) << example.kind;
    } else if (example.from == "http") {
      EXPECT_EQ(http_read_and_written(example.kind, example.text), example.text) << example.kind;
    }
  }
}

TEST(GoldenExamples, OfClientsAreReadAsWhatTheyAre) {
  for (const Example& example : examples()) {
    if (example.from != "client") {
      continue;
    }
    const auto read = parse_request(example.text);
    if (const auto* error = std::get_if<RequestError>(&read)) {
      EXPECT_EQ(error_code_name(error->code), example.code)
          << example.text << ": " << error->message;
    } else {
      EXPECT_EQ(op_name(std::get<Request>(read)), example.kind) << example.text;
    }
  }
}

TEST(GoldenExamples, ShowEveryKindOfMessage) {
  std::set<std::size_t> messages;
  std::set<std::size_t> requests;
  std::map<std::string, int> codes;
  for (const Example& example : examples()) {
    if (example.from == "server") {
      const auto read = parse_push(example.text);
      const auto* const message = std::get_if<Message>(&std::get<Push>(read));
      messages.insert(message == nullptr
                          ? std::variant_size_v<Message> + std::get<Push>(read).index()
                          : message->index());
    } else if (example.from == "client") {
      const auto read = parse_request(example.text);
      if (const auto* request = std::get_if<Request>(&read)) {
        requests.insert(request->index());
      } else {
        ++codes[example.code];
      }
    }
  }
  EXPECT_EQ(messages.size(), std::variant_size_v<Message> + 2);
  EXPECT_EQ(requests.size(), std::variant_size_v<Request>);
  EXPECT_EQ(codes.size(), 4U);  // those that need nothing but the request's own text
}

TEST(Codes, AreThoseOfTheList) {
  std::ostringstream text;
  text << std::ifstream(TICKER_PROTO_DIR "/codes.json").rdbuf();
  const std::string bytes = text.str();
  const JsonValue list = parsed(bytes);

  const auto& close = list.find("close")->items;
  ASSERT_EQ(close.size(), kCloseCodes.size());
  for (std::size_t i = 0; i < close.size(); ++i) {
    EXPECT_EQ(std::to_string(static_cast<int>(kCloseCodes[i].code)), close[i].find("number")->text);
    EXPECT_EQ(kCloseCodes[i].name, close[i].find("name")->text);
    EXPECT_EQ(kCloseCodes[i].reconnect, close[i].find("reconnect")->truth);
    EXPECT_EQ(close_code_name(kCloseCodes[i].code), kCloseCodes[i].name);
  }
  const auto& errors = list.find("errors")->items;
  ASSERT_EQ(errors.size(), kErrorCodeNames.size());
  for (std::size_t i = 0; i < errors.size(); ++i) {
    EXPECT_EQ(kErrorCodeNames[i], errors[i].find("name")->text);
    EXPECT_EQ(error_code_from_name(kErrorCodeNames[i]), static_cast<ErrorCode>(i));
  }
}

// The number alone tells a client that does not know a code what to do.
TEST(Codes, SayByTheirRangeWhetherToReconnect) {
  for (const CloseCodeInfo& info : kCloseCodes) {
    const int number = static_cast<int>(info.code);
    if (number >= 4000) {
      EXPECT_EQ(info.reconnect, number < 4500) << info.name;
    }
  }
}

}  // namespace
}  // namespace ticker::protocol
