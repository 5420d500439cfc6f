// What holds for every adapter: hostile bytes change nothing, the order of keys does not matter.

#include <ticker/feed/adapter.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "event_log.hpp"
#include "message_bytes.hpp"
#include "venue_samples.hpp"

namespace ticker::feed {
namespace {

TEST(Adapters, AreMadeByTheNamesThatTheConfigurationHas) {
  EXPECT_EQ(adapter_kinds().size() + 1, samples().size()) << "and the one that is described";
  for (const auto kind : adapter_kinds()) {
    EXPECT_TRUE(make_adapter(kind, {}).ok()) << kind;
    EXPECT_TRUE(samples().contains(kind)) << kind;
  }
  const auto unknown = make_adapter("binance", {});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().message,
            "unknown adapter `binance`; known are: binance-spot, binance-usdm, binance-coinm, "
            "coinbase-exchange, "
            "coinbase-advanced, kraken-v1, kraken-v2, bitstamp, okx, bybit-spot, bybit-linear, bitfinex");
}

TEST(Adapters, HaveRulesThatCanBeKept) {
  for (const auto kind : adapter_kinds()) {
    const auto adapter = std::move(make_adapter(kind, {}).value());
    const VenueRules& rules = adapter->rules();
    EXPECT_GE(rules.feed_timeout, std::chrono::seconds(10)) << kind;
    EXPECT_LT(rules.keepalive_interval, std::chrono::minutes(1)) << kind;
    EXPECT_GE(rules.keepalive_interval.count(), 0) << kind;
    const bool has_keepalive = rules.keepalive_interval.count() > 0;
    EXPECT_EQ(has_keepalive, rules.keepalive_is_ping_frame || !rules.keepalive_text.empty())
        << kind;
    EXPECT_GT(rules.request_window.count(), 0) << kind;
    EXPECT_LE(rules.first_retry, rules.max_retry) << kind;
  }
}

// The members of an object, or the elements of an array, as they are written.
std::vector<std::string_view> inside(std::string_view json) {
  std::vector<std::string_view> parts;
  json = json.substr(1, json.size() - 2);
  std::size_t begin = 0;
  int depth = 0;
  bool in_text = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (in_text) {
      at += c == '\\' ? 1U : 0U;
      in_text = c != '"';
    } else if (c == ',' && depth == 0) {
      parts.push_back(json.substr(begin, at - begin));
      begin = at + 1;
    } else {
      in_text = c == '"';
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
    }
  }
  if (begin < json.size()) {
    parts.push_back(json.substr(begin));
  }
  return parts;
}

// The same message with the members of each object turned round, or with each text and number given
// twice. Requires: no space, no colon in a key.
std::string rewritten(std::string_view json, bool turned, bool doubled) {
  if (json[0] != '{' && json[0] != '[') {
    return std::string(json);
  }
  std::vector<std::string> parts;
  for (const auto part : inside(json)) {
    const auto value_at = json[0] == '{' ? part.find(':') + 1 : 0;
    const auto value = part.substr(value_at);
    parts.push_back(std::string(part.substr(0, value_at)) + rewritten(value, turned, doubled));
    if (doubled && json[0] == '{' && value[0] != '{' && value[0] != '[') {
      parts.push_back(parts.back());
    }
  }
  if (turned && json[0] == '{') {
    std::reverse(parts.begin(), parts.end());
  }
  std::string text(1, json[0]);
  for (const auto& part : parts) {
    text.append(text.size() > 1 ? "," : "").append(part);
  }
  return text + json.back();
}

TEST(Adapters, ReadTheSameWhateverTheOrderOfKeysAndHoweverOftenOneIsGiven) {
  EXPECT_EQ(rewritten(R"({"a":[1,{"b":"x,]","c":2}],"d":null})", true, true),
            R"({"d":null,"d":null,"a":[1,{"c":2,"c":2,"b":"x,]","b":"x,]"}]})");
  for (const auto& [kind, messages] : samples()) {
    Decoded as_sent(kind, options_of(kind));
    Decoded turned(kind, options_of(kind));
    Decoded doubled(kind, options_of(kind));
    Decoded both(kind, options_of(kind));
    for (const auto& message : messages) {
      const auto lines = as_sent(message);
      EXPECT_EQ(turned(rewritten(message, true, false)), lines) << kind << ": " << message;
      EXPECT_EQ(doubled(rewritten(message, false, true)), lines) << kind << ": " << message;
      EXPECT_EQ(both(rewritten(message, true, true)), lines) << kind << ": " << message;
    }
  }
}

TEST(Adapters, SayOfEachCutMessageThatItIsUndecodableAndTakeNothingFromIt) {
  for (const auto& [kind, messages] : samples()) {
    for (const auto& message : messages) {
      for (std::size_t size = 0; size < message.size(); ++size) {
        Decoded whole(kind, options_of(kind));
        const auto lines = whole(message.substr(0, size));
        // What is known early to be of no use is not read on.
        const bool skipped = lines == Decoded::Lines{"skipped other_channel"};
        EXPECT_TRUE(skipped || lines == Decoded::Lines{"rejected undecodable"})
            << kind << ": " << message.substr(0, size);
      }
    }
  }
}

TEST(Adapters, RefuseWhatIsNestedTooDeep) {
  const std::string deep(1'000'000, '[');
  std::string objects;
  for (int depth = 0; depth < 100'000; ++depth) {
    objects += R"({"data":)";
  }
  for (const auto kind : adapter_kinds()) {
    Decoded decode_deep(kind);
    EXPECT_EQ(decode_deep(deep), Decoded::Lines{"rejected undecodable"}) << kind;
    EXPECT_EQ(decode_deep(objects), Decoded::Lines{"rejected undecodable"}) << kind;
  }
}

TEST(Adapters, RefuseWhatFollowsTheMessage) {
  for (const auto& [kind, messages] : samples()) {
    Decoded decode_more(kind, options_of(kind));
    EXPECT_EQ(decode_more(messages[0] + "x"), Decoded::Lines{"rejected undecodable"}) << kind;
    EXPECT_EQ(decode_more(messages[0] + std::string("\0x", 2)),
              Decoded::Lines{"rejected undecodable"})
        << kind;
  }
}

// Each message leads to something that is counted, whatever its bytes; sanitizers watch over the
// rest.
TEST(Adapters, SurviveMutatedMessages) {
  constexpr int kRounds = 3'000;
  for (const auto& [kind, messages] : samples()) {
    const auto adapter = std::move(make_adapter(kind, options_of(kind)).value());
    std::mt19937 random(20'240'808);
    const auto below = [&](std::size_t bound) {
      return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
    };
    static constexpr std::string_view kTokens[] = {"null",    "{",     "}",     "[",   "]",
                                                   "\"",      "1e400", "-",     ",",   ":",
                                                   "\\u0000", "\xff",  "\"e\"", "true"};
    for (int round = 0; round < kRounds; ++round) {
      std::string message = messages[below(messages.size())];
      for (std::size_t change = 1 + below(4); change > 0 && !message.empty(); --change) {
        const std::size_t at = below(message.size());
        switch (below(5)) {
          case 0:
            message[at] = static_cast<char>(below(256));
            break;
          case 1:
            message.erase(at, 1 + below(8));
            break;
          case 2:
            message.insert(at, kTokens[below(std::size(kTokens))]);
            break;
          case 3:
            message.insert(at, message.substr(below(message.size()), below(40)));
            break;
          default: {
            const auto& other = messages[below(messages.size())];
            message = message.substr(0, at) + other.substr(below(other.size()));
          }
        }
      }
      CountingSink sink;
      MessageBytes bytes(message);
      adapter->decode(bytes.data(), bytes.size(), kNoTime, sink);
      EXPECT_GT(sink.events + sink.outcomes, 0U) << kind << ": " << message;
      if (round % 100 == 0) {
        adapter->reset();
      }
    }
  }
}

}  // namespace
}  // namespace ticker::feed
