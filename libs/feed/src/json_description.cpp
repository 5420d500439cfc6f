#include <ticker/feed/json_description.hpp>

#include <charconv>
#include <functional>
#include <utility>
#include <vector>

#include "json_text.hpp"
#include "venues.hpp"

namespace ticker::feed {
namespace {

using Match = JsonMessage::Match;

constexpr int kMostShift = 12;
constexpr std::size_t kMostValues = 8'192;  // a mapping with 200 kinds of messages has 4,000

std::string quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ') {
      json.append("\\u00").append({kHex[byte >> 4U], kHex[byte & 0xFU]});
    } else {
      json.append(c == '"' || c == '\\' ? "\\" : "") += c;
    }
  }
  return json += '"';
}

// A JSON object that grows.
class Object {
 public:
  void add(std::string_view key, const std::string& json) {
    text_.append(text_.size() == 1 ? "" : ",").append(quoted(key)).append(":").append(json);
  }
  // Left out when it is as if it were not said.
  void add_text(std::string_view key, std::string_view value, std::string_view usual = {}) {
    if (value != usual) {
      add(key, quoted(value));
    }
  }
  bool empty() const { return text_.size() == 1; }
  std::string text() const { return text_ + '}'; }

 private:
  std::string text_ = "{";
};

void add_matches(Object& object, std::string_view key, const std::vector<Match>& matches) {
  Object values;
  for (const auto& match : matches) {
    values.add(match.pointer, quoted(match.value));
  }
  if (!values.empty()) {
    object.add(key, values.text());
  }
}

template <typename Words, typename Value>
std::string_view word_of(const Words& words, Value value) {
  for (const auto& [word, meant] : words) {
    if (meant == value) {
      return word;
    }
  }
  return {};
}

std::string text_of(const JsonMessage::Value& value) {
  if (value.shift == 0) {
    return quoted(value.pointer);
  }
  Object object;
  object.add("at", quoted(value.pointer));
  object.add("shift", std::to_string(value.shift));
  return object.text();
}

std::string text_of(const JsonMessage::Trade& trade) {
  Object object;
  object.add("price", quoted(trade.price));
  object.add("size", quoted(trade.size));
  object.add("side", quoted(trade.side));
  object.add_text("buy", trade.buy, "buy");
  object.add_text("sell", trade.sell, "sell");
  object.add_text("id", trade.id);
  return object.text();
}

// `{/ts}` of `{"op":"pong","ts":{/ts}}`: a message without it is refused.
std::string places_in(std::string_view answer) {
  std::string places;
  for (auto at = answer.find("{/"); at != std::string_view::npos; at = answer.find("{/", at + 1)) {
    const auto end = answer.find('}', at);
    places += end == std::string_view::npos ? "" : answer.substr(at, end + 1 - at);
  }
  return places;
}

std::string text_of(const JsonMessage& message) {
  Object object;
  add_matches(object, "match", message.match);
  if (message.each) {
    object.add("each", quoted(*message.each));
  }
  add_matches(object, "where", message.where);
  object.add_text("means", word_of(kMeansWords, message.means), "data");
  object.add_text("symbol", message.symbol);
  object.add_text("symbol_form", message.symbol_form, "*");
  Object fields;
  for (const auto& value : message.fields) {
    fields.add(market::field_name(value.field), text_of(value));
  }
  if (!fields.empty()) {
    object.add("fields", fields.text());
  }
  if (message.trade) {
    object.add("trade", text_of(*message.trade));
  }
  object.add_text("time", message.time);
  object.add_text("time_unit", word_of(kTimeUnitWords, message.time_unit), "ms");
  if (message.zero_is_null) {
    object.add("zero_is_null", "true");
  }
  object.add_text("text", message.text);
  object.add_text("answer", places_in(message.answer));
  return object.text();
}

// Takes a text apart; what is wrong first is what is told.
class DescriptionReader {
 public:
  // Of an object's keys: whether the value makes sense.
  using Read = std::function<bool(JsonText::Place)>;
  using Keys = std::vector<std::pair<std::string_view, Read>>;

  bool parse(std::string& text) {
    return text_.parse(text.data(), text.size()) == ParseOutcome::kComplete ||
           fail("no JSON, or too much of it");
  }

  bool read(JsonDescription& into) {
    return object(JsonText::kRoot, {{"native_form", to(into.json.native_form)},
                                    {"heartbeat_answer", to(into.heartbeat_answer)},
                                    {"messages", [&](JsonText::Place list) {
                                       return messages(list, into.json.messages);
                                     }}});
  }

  const std::string& error() const { return error_; }

 private:
  using Place = JsonText::Place;
  using Kind = JsonText::Kind;

  bool fail(std::string why) {
    if (error_.empty()) {
      error_ = std::move(why);
    }
    return false;
  }

  // Calls `fn` for each value in the one at `place`, as long as it gives true.
  bool all_in(Place place, const std::function<bool(Place)>& fn) {
    bool is_good = true;
    text_.for_each_in(place, [&](Place inside) { is_good = is_good && fn(inside); });
    return is_good;
  }

  bool object(Place place, const Keys& keys) {
    if (text_.at(place).kind != Kind::kObject) {
      return fail("expected an object");
    }
    return all_in(place, [&](Place inside) {
      for (const auto& [key, read] : keys) {
        if (key == text_.at(inside).key) {
          return read(inside) || fail("'" + std::string(key) + "' makes no sense");
        }
      }
      return fail("a key that is not known here");
    });
  }

  bool messages(Place list, std::vector<JsonMessage>& into) {
    return text_.at(list).kind == Kind::kArray && all_in(list, [&](Place place) {
             into.emplace_back();
             if (!message(place, into.back())) {
               error_ = "messages[" + std::to_string(into.size() - 1) + "]: " + error_;
               return false;
             }
             return true;
           });
  }

  bool message(Place place, JsonMessage& into) {
    return object(
        place,
        {{"match", matches(into.match)},
         {"each", [&](Place each) { return to(into.each.emplace())(each); }},
         {"where", matches(into.where)},
         {"means", word(kMeansWords, into.means)},
         {"symbol", to(into.symbol)},
         {"symbol_form", to(into.symbol_form)},
         {"fields", [&](Place fields) { return read_fields(fields, into.fields); }},
         {"trade", [&](Place trade) { return read_trade(trade, into.trade.emplace()); }},
         {"time", to(into.time)},
         {"time_unit", word(kTimeUnitWords, into.time_unit)},
         {"zero_is_null",
          [&](Place value) { return into.zero_is_null = text_.at(value).text == "true"; }},
         {"text", to(into.text)},
         {"answer", to(into.answer)}});
  }

  Read to(std::string& into) {
    return [this, &into](Place place) {
      into = text_.at(place).text;
      return text_.at(place).kind == Kind::kScalar;
    };
  }

  template <typename Words, typename Value>
  Read word(const Words& words, Value& into) {
    return [this, &words, &into](Place place) {
      for (const auto& [name, value] : words) {
        if (name == text_.at(place).text) {
          into = value;
          return true;
        }
      }
      return false;
    };
  }

  Read matches(std::vector<Match>& into) {
    return [this, &into](Place place) {
      return text_.at(place).kind == Kind::kObject && all_in(place, [&](Place inside) {
               into.push_back({std::string(text_.at(inside).key), {}});
               return to(into.back().value)(inside);
             });
    };
  }

  bool read_fields(Place place, std::vector<JsonMessage::Value>& into) {
    return text_.at(place).kind == Kind::kObject && all_in(place, [&](Place inside) {
             const auto field = market::field_from_name(text_.at(inside).key);
             if (!field) {
               return fail("fields: a field that is not known");
             }
             auto& value = into.emplace_back(JsonMessage::Value{*field, {}});
             if (text_.at(inside).kind == Kind::kScalar) {
               return to(value.pointer)(inside);
             }
             return object(inside, {{"at", to(value.pointer)}, {"shift", [&](Place shift) {
                                       return read_shift(text_.at(shift).text, value.shift);
                                     }}});
           });
  }

  static bool read_shift(std::string_view text, int& into) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), into);
    return read.ec == std::errc() && into >= 0 && into <= kMostShift;
  }

  bool read_trade(Place place, JsonMessage::Trade& into) {
    return object(place, {{"price", to(into.price)},
                          {"size", to(into.size)},
                          {"side", to(into.side)},
                          {"buy", to(into.buy)},
                          {"sell", to(into.sell)},
                          {"id", to(into.id)}});
  }

  JsonText text_{kMostValues};
  std::string error_;
};

std::string too_long(std::size_t bytes) {
  return "the description of its messages has " + std::to_string(bytes) + " bytes, of " +
         std::to_string(JsonDescription::kMostBytes) + " at most";
}

}  // namespace

Result<std::string> to_text(const JsonDescription& description) {
  std::string messages;
  for (const auto& message : description.json.messages) {
    messages.append(messages.empty() ? "" : ",").append(text_of(message));
  }
  Object object;
  object.add_text("native_form", description.json.native_form);
  object.add_text("heartbeat_answer", description.heartbeat_answer);
  object.add("messages", '[' + messages + ']');
  auto text = object.text();
  if (text.size() > JsonDescription::kMostBytes) {
    return Error{too_long(text.size())};
  }
  return text;
}

Result<JsonDescription> parse_description(std::string text) {
  if (text.size() > JsonDescription::kMostBytes) {
    return Error{too_long(text.size())};
  }
  DescriptionReader reader;
  JsonDescription description;
  if (!reader.parse(text) || !reader.read(description)) {
    return Error{"the description of its messages can't be read: " + reader.error()};
  }
  return description;
}

Result<std::unique_ptr<Adapter>> make_recorded_adapter(std::string_view kind,
                                                       const std::string& trades,
                                                       const std::string& description) {
  Adapter::Options options;
  options.trades = trades;
  if (kind == kJsonWebSocket || kind == kHttpPoll) {
    if (description.empty()) {
      return Error{"the recording does not say what its messages mean: an older version made it"};
    }
    auto parsed = parse_description(description);
    if (!parsed) {
      return parsed.error();
    }
    options.json = std::move(parsed->json);
    options.socket.heartbeat_answer = std::move(parsed->heartbeat_answer);
  }
  return kind == kHttpPoll ? make_polled_answers(options.json) : make_adapter(kind, options);
}

}  // namespace ticker::feed
