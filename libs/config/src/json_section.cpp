#include "json_section.hpp"

#include <algorithm>
#include <array>

#include "values.hpp"

namespace ticker::config {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPointerExpectation =
    "a JSON pointer such as /data/price, or ^/… from the message's beginning";

void read_pointer(Section& section, const std::string& key, std::string& pointer) {
  section.text(key, kPointerExpectation, [&pointer](const std::string& text) {
    pointer = text;
    return is_json_pointer(text);
  });
}

void read_words(Section& section, const std::string& key, std::string& word,
                const std::vector<std::string>& words) {
  std::string expectation = "one of ";
  for (const auto& each : words) {
    expectation += (&each == &words.front() ? "" : ", ") + each;
  }
  section.text(key, expectation, [&](const std::string& text) {
    word = text;
    return std::find(words.begin(), words.end(), text) != words.end();
  });
}

// Whatever it is, but not nothing.
void read_text(Section& section, const std::string& key, std::string& value) {
  section.text(key, "a text", [&value](const std::string& text) {
    value = text;
    return !text.empty();
  });
}

void read_form(Section& section, const std::string& key, std::string& form) {
  section.text(key, "a text with one * in it", [&form](const std::string& text) {
    form = text;
    return std::count(text.begin(), text.end(), '*') == 1;
  });
}

std::vector<JsonMatch> read_matches(Report& report, Section& section, const std::string& key) {
  std::vector<JsonMatch> matches;
  for (const auto& [name, value] : section.entries(key)) {
    const std::string path = section.path_of(key) + "." + name.text;
    if (!is_json_pointer(name.text)) {
      report.expected(name, path, kPointerExpectation);
    }
    const auto text = value.kind == Node::Kind::kScalar ? report.expand(value, path) : std::nullopt;
    if (value.kind != Node::Kind::kScalar ||
        (text && std::count(text->begin(), text->end(), '*') > 1)) {
      report.expected(value, path, "the text that stands there, in it at most one * for any text");
    }
    matches.push_back({name.text, text.value_or("")});
  }
  return matches;
}

std::vector<JsonField> read_fields(Report& report, Section& section, const LoadOptions& options) {
  std::vector<JsonField> fields;
  const auto& known = options.fields;
  for (const auto& [name, value] : section.entries("fields")) {
    const std::string path = section.path_of("fields") + "." + name.text;
    JsonField field;
    field.field = name.text;
    if (!known.empty() && std::find(known.begin(), known.end(), name.text) == known.end()) {
      const auto meant = closest(name.text, known);
      report.expected(name, path, "a field such as " + meant.value_or("bid, ask or last"));
    }
    if (value.kind == Node::Kind::kMap) {
      constexpr std::size_t kMostShift = 12;
      std::size_t shift = 0;
      Section inner(report, &value, path);
      read_pointer(inner, "at", field.at);
      inner.number("shift", shift, 0, kMostShift);
      inner.require("at", kPointerExpectation);
      inner.finish();
      field.shift = static_cast<int>(shift);
    } else if (value.kind == Node::Kind::kScalar && is_json_pointer(value.text)) {
      field.at = value.text;
    } else {
      report.expected(value, path, std::string{kPointerExpectation} + ", or {at: …, shift: …}");
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

JsonTrade read_trade(Section section) {
  JsonTrade trade;
  read_pointer(section, "price", trade.price);
  read_pointer(section, "size", trade.size);
  read_pointer(section, "side", trade.side);
  read_text(section, "buy", trade.buy);
  read_text(section, "sell", trade.sell);
  read_pointer(section, "id", trade.id);
  section.require("price", kPointerExpectation);
  section.require("size", kPointerExpectation);
  section.require("side",
                  std::string{kPointerExpectation} +
                      " (where a venue tells none: fields {last: …, last_size: …} instead)");
  section.finish();
  return trade;
}

JsonMessage read_message(Report& report, const Node& node, const std::string& path,
                         const LoadOptions& options) {
  JsonMessage message;
  Section section(report, &node, path);
  message.match = read_matches(report, section, "match");
  std::string each;
  read_pointer(section, "each", each);
  if (section.has("each")) {
    message.each = each;
  }
  message.where = read_matches(report, section, "where");
  read_words(section, "means", message.means,
             {"data", "ignored", "ready", "subscribed", "refused", "error"});
  section.text("symbol", std::string{kPointerExpectation} + ", or key",
               [&](const std::string& text) {
                 message.symbol = text;
                 return text == "key" || (!text.empty() && is_json_pointer(text));
               });
  read_form(section, "symbol_form", message.symbol_form);
  message.fields = read_fields(report, section, options);
  auto trade = read_trade(section.section("trade"));
  if (section.has("trade")) {
    message.trade = std::move(trade);
  }
  read_pointer(section, "time", message.time);
  read_words(section, "time_unit", message.time_unit, {"s", "ms", "us", "ns", "rfc3339"});
  section.boolean("zero_is_null", message.zero_is_null);
  read_pointer(section, "text", message.text);
  read_text(section, "answer", message.answer);
  if (message.fields.empty() && !message.trade && !section.has("means")) {
    message.means = "ignored";
    if (!section.has("answer")) {
      section.require("fields", "fields, trade, answer or means");
    }
  } else if (message.means != "data") {
    section.forbid("fields", "beside means");
    section.forbid("trade", "beside means");
  }
  section.finish();
  return message;
}

}  // namespace

void read_json(Report& report, Section& feed, const LoadOptions& options, JsonVenue& json) {
  constexpr std::size_t kMostSymbols = 100'000;
  constexpr std::size_t kMostRequests = 1'000;
  constexpr std::chrono::milliseconds kLongest = 1h;
  read_text(feed, "native_form", json.native_form);
  read_text(feed, "login", json.login);
  for (const Node* item : feed.list("subscribe")) {
    const std::string path =
        feed.path_of("subscribe") + "[" + std::to_string(json.subscribe.size()) + "]";
    const auto text = item->kind == Node::Kind::kScalar ? report.expand(*item, path) : std::nullopt;
    if (item->kind != Node::Kind::kScalar) {
      report.expected(*item, path, "a text with {symbol} or {symbols} in it");
    }
    json.subscribe.push_back(text.value_or(""));
  }
  feed.number("symbols_per_request", json.symbols_per_request, 1, kMostSymbols);
  feed.number("symbols_per_connection", json.symbols_per_connection, 0, kMostSymbols);
  feed.number("requests_per_s", json.requests_per_s, 0, kMostRequests);
  feed.duration("heartbeat_ms", json.heartbeat_interval, 0ms, kLongest);
  read_text(feed, "heartbeat", json.heartbeat);
  read_text(feed, "heartbeat_answer", json.heartbeat_answer);
  for (const Node* item : feed.list("messages")) {
    const std::string path =
        feed.path_of("messages") + "[" + std::to_string(json.messages.size()) + "]";
    json.messages.push_back(read_message(report, *item, path, options));
  }
  if (feed.has("messages") && json.messages.empty() &&
      feed.at("messages").kind == Node::Kind::kSequence) {
    report.expected(feed.at("messages"), feed.path_of("messages"), "one kind of message at least");
  }
}

void read_poll(Report& report, Section& feed, Poll& poll) {
  constexpr std::size_t kMostRequests = 100'000;
  constexpr std::size_t kLeastBytes = 1'024;
  constexpr std::size_t kMostBytes = std::size_t{64} << 20U;
  feed.duration("interval_ms", poll.interval, 10ms, 24h);
  feed.duration("timeout_ms", poll.timeout, 10ms, 1h);
  feed.number("requests_per_minute", poll.requests_per_minute, 0, kMostRequests);
  feed.number("max_bytes", poll.max_bytes, kLeastBytes, kMostBytes);
  for (const auto& [name, value] : feed.entries("headers")) {
    const std::string path = feed.path_of("headers") + "." + name.text;
    if (!is_header_name(name.text)) {
      report.expected(name, path, "a header's name");
    }
    const auto text = value.kind == Node::Kind::kScalar ? report.expand(value, path) : std::nullopt;
    if (value.kind != Node::Kind::kScalar || (text && !is_header_value(*text))) {
      report.expected(value, path, "a text of printable ASCII");
    }
    poll.headers.push_back(name.text + ": " + text.value_or(""));
  }
}

}  // namespace ticker::config
