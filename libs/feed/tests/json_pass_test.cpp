// The pass beside RapidJSON's reader, which has read JSON for longer: the same texts are JSON to
// both, and mean the same.

#include "json_pass.hpp"

#include <gtest/gtest.h>
#include <rapidjson/reader.h>

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "message_bytes.hpp"
#include "venue_samples.hpp"

namespace ticker::feed {
namespace {

// What a pass met, as a text: `{`, `k` and `s` with what they say, `n`, `]`, …
class Events {
 public:
  bool key(std::string_view text) { return add('k', text); }
  bool scalar(std::string_view text) { return add('s', text); }
  bool null() { return add('n'); }
  bool open(bool is_array) {
    open_.push_back(is_array);
    return add(is_array ? '[' : '{');
  }
  bool close() {
    const bool was_array = open_.back();
    open_.pop_back();
    return add(was_array ? ']' : '}');
  }
  ParseOutcome reason() const { return ParseOutcome::kUnwanted; }

  const std::string& text() const { return text_; }

 private:
  bool add(char what, std::string_view text = {}) {
    text_.append(1, what).append(text).append(1, '\n');
    return true;
  }

  std::vector<bool> open_;
  std::string text_;
};

// RapidJSON's calls, as ours.
struct Oracle {
  bool Key(const char* text, rapidjson::SizeType size, bool) { return events.key({text, size}); }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return events.scalar({text, size});
  }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return events.scalar({text, size});
  }
  bool Bool(bool value) { return events.scalar(value ? "true" : "false"); }
  bool Null() { return events.null(); }
  bool StartObject() { return ++depth <= kMaxDepth && events.open(false); }
  bool StartArray() { return ++depth <= kMaxDepth && events.open(true); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool EndArray(rapidjson::SizeType) { return close(); }
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  bool close() {
    --depth;
    return events.close();
  }

  Events events;
  std::size_t depth = 0;
};

// The events of a complete message; nothing: it is none.
std::optional<std::string> pass(std::string_view message) {
  MessageBytes bytes(message);
  Events events;
  const auto outcome = JsonPass<Events>::run(bytes.data(), bytes.size(), events);
  EXPECT_TRUE(outcome == ParseOutcome::kComplete || outcome == ParseOutcome::kMalformed);
  return outcome == ParseOutcome::kComplete ? std::optional(events.text()) : std::nullopt;
}

// `too_big`: a number that RapidJSON does not take, though its form is right.
std::optional<std::string> oracle(std::string_view message, bool& too_big) {
  constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
  std::string copy(message);
  rapidjson::InsituStringStream stream(copy.data());
  rapidjson::Reader reader;
  Oracle oracle;
  const bool complete = reader.Parse<kFlags>(stream, oracle) && stream.Tell() == message.size();
  too_big = reader.GetParseErrorCode() == rapidjson::kParseErrorNumberTooBig;
  return complete ? std::optional(oracle.events.text()) : std::nullopt;
}

void expect_same(std::string_view message) {
  bool too_big = false;
  const auto expected = oracle(message, too_big);
  if (!too_big) {
    EXPECT_EQ(pass(message), expected) << message;
  }
}

// What JSON can look like, and what every venue sends.
const std::vector<std::string>& seeds() {
  static const auto all = [] {
    std::vector<std::string> texts{
        R"( [ -1.50e+3 , 0, -0, 0.0, 1E5, 12345678901234567890, [ ], { } , {"":""} ] )",
        R"(["\"\\\/\b\f\n\r\t","\u0041\u00e9\u20ac\ud83d\ude00\u0000","aaaaaaaaaaaaaaaa\nbbbbbbbbbbbbbbbb","\udc00"])",
        "{\"k\u00e9y of some length\" :\t[\"\u20ac and more of it\", \"\x7f\xff\x80\"]\r\n}",
        R"({"a":1,"a":"2","b":{"a":null,"a":{"a":3}},"a":false,"\u0061":[true]})",
        R"([[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]])",
        "17",
        "\"text\"",
        "null",
        "true",
        " false "};
    for (const auto& [kind, messages] : samples()) {
      texts.insert(texts.end(), messages.begin(), messages.end());
    }
    return texts;
  }();
  return all;
}

TEST(JsonPass, MeetsWhatRapidJsonMeets) {
  for (const auto& seed : seeds()) {
    EXPECT_TRUE(pass(seed)) << seed;
    expect_same(seed);
  }
}

TEST(JsonPass, TellsKeysTextsAndNumbersAsTheyAreMeant) {
  EXPECT_EQ(pass(R"({"a":[1.50,"x\ty",true,null]})"), "{\nka\n[\ns1.50\nsx\ty\nstrue\nn\n]\n}\n");
}

TEST(JsonPass, RefusesWhatRapidJsonRefuses) {
  for (const std::string_view bad :
       {"",
        " ",
        "{",
        "[",
        "]",
        "}",
        "{]",
        "[}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{1:2}",
        "{\"a\" 1}",
        "01",
        "-01",
        "00",
        "00.5",
        "-",
        "--1",
        "-a",
        "1.",
        ".5",
        "1e",
        "1e+",
        "1e+-5",
        "1e5.5",
        "1.e5",
        "+1",
        "1.5.",
        "0x1",
        "nul",
        "nulll",
        "tru",
        "truE",
        "falsey",
        "\"",
        "\"a",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\ud800\\n\"",
        "\"\\ud800\\u0041\"",
        "\"a\nb\"",
        "\"0123456789abcdef\x1f\"",
        "1 1",
        "{}x",
        "[]]",
        "'a'",
        "NaN",
        "Infinity",
        "/**/1",
        "\xef\xbb\xbf{}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"}) {
    EXPECT_EQ(pass(bad), std::nullopt) << bad;
    expect_same(bad);
  }
  EXPECT_EQ(pass(std::string_view("[1]\0", 4)), std::nullopt);
  EXPECT_EQ(pass(std::string_view("[\"a\0b\"]", 7)), std::nullopt);
}

// Of objects and arrays alike, whatever is in the one that is too deep.
TEST(JsonPass, OpensNothingInWhatIsAsDeepAsItGoes) {
  for (const auto& [open, close] : {std::pair("[", "]"), std::pair("{\"a\":", "}")}) {
    std::string text = "1";
    for (std::size_t depth = 1; depth <= kMaxDepth + 2; ++depth) {
      text = open + text + close;
      EXPECT_EQ(pass(text).has_value(), depth <= kMaxDepth) << text;
      // What was closed again does not count.
      EXPECT_EQ(pass("[" + text + "," + text + "]").has_value(), depth < kMaxDepth) << text;
    }
    std::string endless;
    for (int i = 0; i < 100'000; ++i) {
      endless += open;
    }
    EXPECT_EQ(pass(endless), std::nullopt);
  }
}

TEST(JsonPass, TakesNoMessageForWholeThatWasCut) {
  for (const auto& seed : seeds()) {
    for (std::size_t size = 0; size < seed.size(); ++size) {
      expect_same(std::string_view(seed).substr(0, size));
    }
  }
}

TEST(JsonPass, TakesNumbersOfAnySizeAsTheyAreWritten) {
  EXPECT_EQ(pass("[1e400]"), "[\ns1e400\n]\n");
  const std::string long_one(1000, '9');
  EXPECT_EQ(pass(long_one), "s" + long_one + "\n");
}

// Runs of text and digits of every length, at every distance from the message's end.
TEST(JsonPass, FindsTheEndOfTextsOfEveryLength) {
  for (std::size_t size = 0; size < 40; ++size) {
    for (const std::string_view behind : {"", " ", ",\"a\":1234567"}) {
      const std::string text(size, 'x');
      expect_same("{\"" + text + "\":\"" + text + "\"" + std::string(behind) + "}");
      expect_same("{\"a\":1" + std::string(size, '2') + std::string(behind) + "}");
      expect_same("{\"a\":\"" + text + "\\n" + text + "\"" + std::string(behind) + "}");
      expect_same("{\"a\":\"" + text + "\n" + text + "\"" + std::string(behind) + "}");
      expect_same("{\"a\":\"" + text + "\x80" + text + "\"" + std::string(behind) + "}");
    }
  }
}

TEST(JsonPass, AgreesWithRapidJsonOnMutatedMessages) {
  constexpr int kRounds = 30'000;
  static constexpr std::string_view kTokens[] = {
      "null",           "{",   "}",   "[", "]",        "\"",      "\\",   "\\u0041",
      "\\ud83d\\ude00", "\\n", "1e5", "-", "0.5",      "01",      "\x1f", "\xff",
      "true",           ",",   ":",   " ", "12345678", "abcdefgh"};
  std::mt19937 random(20'240'808);
  const auto below = [&](std::size_t bound) { return random() % bound; };
  int complete = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::string message = seeds()[below(seeds().size())];
    for (std::size_t change = 1 + below(3); change > 0 && !message.empty(); --change) {
      const auto at = below(message.size());
      switch (below(5)) {
        case 0:
          message[at] = static_cast<char>(below(256));
          break;
        case 1:
          message.erase(at, 1 + below(3));
          break;
        case 2:
          message.insert(at, kTokens[below(std::size(kTokens))]);
          break;
        case 3:
          message.resize(at);
          break;
        default:
          message.insert(at, message.substr(below(message.size()), below(20)));
      }
    }
    expect_same(message);
    complete += pass(message) ? 1 : 0;
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(complete, kRounds / 20);
}

// Stops once so many calls have been made.
class Stopping {
 public:
  explicit Stopping(int calls) : left_(calls) {}
  bool key(std::string_view) { return --left_ > 0; }
  bool scalar(std::string_view) { return --left_ > 0; }
  bool null() { return --left_ > 0; }
  bool open(bool) { return --left_ > 0; }
  bool close() { return --left_ > 0; }
  ParseOutcome reason() const { return ParseOutcome::kUnwanted; }
  int left() const { return left_; }

 private:
  int left_;
};

TEST(JsonPass, EndsAsSoonAsItsHandlerHasSeenEnough) {
  constexpr int kCalls = 12;
  for (int calls = 1; calls <= kCalls + 1; ++calls) {
    std::string message = R"({"a":[1,"2",null,true],"b":{}} )";
    Stopping stopping(calls);
    EXPECT_EQ(JsonPass<Stopping>::run(message.data(), message.size() - 1, stopping),
              calls <= kCalls ? ParseOutcome::kUnwanted : ParseOutcome::kComplete)
        << calls;
    EXPECT_EQ(stopping.left(), calls <= kCalls ? 0 : 1);
  }
}

}  // namespace
}  // namespace ticker::feed
