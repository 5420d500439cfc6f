#include <ticker/config/fault_script.hpp>

#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ticker::config {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

FaultScriptOptions options() {
  FaultScriptOptions options;
  options.venues = {"okx", "binance-spot"};
  options.kinds = {{.name = "disconnect"},
                   {.name = "close", .takes_code = true},
                   {.name = "gap", .takes_messages = true},
                   {.name = "reorder", .takes_places = true},
                   {.name = "delay", .least = 1ms, .most = 600s},
                   {.name = "clock-skew", .least = -24h, .most = 24h},
                   {.name = "refuse", .holds = true, .needs_symbol = true},
                   {.name = "late-acks", .holds = true}};
  return options;
}

LoadedFaultScript load(std::string_view text) {
  return load_fault_script_text(text, "f.yaml", options());
}
// The errors of one entry.
std::vector<std::string> errors_of(const std::string& entry) {
  return load("faults: [{" + entry + "}]").errors;
}

TEST(FaultScript, IsReadAsItStands) {
  const auto loaded = load(R"(
seed: 42
faults:
  - {do: gap, venue: okx, symbol: BTC-USDT, channel: trades, from_ms: 1500, after: 20, every: 7, times: 0, messages: 3}
  - {do: clock-skew, ms: -5000}
  - {do: close, code: 4004, probability: 0.25}
  - {do: reorder, places: 2}
)");

  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.script.seed, 42U);
  ASSERT_EQ(loaded.script.faults.size(), 4U);
  const auto& gap = loaded.script.faults[0];
  EXPECT_EQ(gap.fault, "gap");
  EXPECT_EQ(gap.venue, "okx");
  EXPECT_EQ(gap.symbol, "BTC-USDT");
  EXPECT_EQ(gap.channel, "trades");
  EXPECT_EQ(gap.from, 1500ms);
  EXPECT_EQ(gap.after, 20U);
  EXPECT_EQ(gap.every, 7U);
  EXPECT_EQ(gap.times, 0U);
  EXPECT_EQ(gap.messages, 3U);
  EXPECT_EQ(loaded.script.faults[1].by, -5000ms);
  EXPECT_EQ(loaded.script.faults[1].times, std::nullopt);
  EXPECT_EQ(loaded.script.faults[1].messages, std::nullopt);
  EXPECT_EQ(loaded.script.faults[2].code, 4004);
  EXPECT_EQ(loaded.script.faults[2].probability, 0.25);
  EXPECT_EQ(loaded.script.faults[3].places, 2U);
}

TEST(FaultScript, ErrorsHaveTheirPlaceAndAllAreTold) {
  EXPECT_THAT(
      load("seed: x\nfaults:\n  - do: explode\n  - do: gap\n    afetr: 5\nfoo: 1\n").errors,
      ElementsAre(HasSubstr("f.yaml:1:7: seed: expected a whole number"),
                  HasSubstr("f.yaml:3:9: faults[0].do: expected one of disconnect, close, "),
                  HasSubstr("f.yaml:5:5: faults[1].\"afetr\": unknown key, did you mean after?"),
                  HasSubstr("f.yaml:6:1: \"foo\": unknown key")));
}

TEST(FaultScript, NumbersHaveBounds) {
  for (const auto* entry : {"do: gap, after: -1",
                            "do: gap, after: 1000000001",
                            "do: gap, after: 1.5",
                            "do: gap, every: 0",
                            "do: gap, messages: 0",
                            "do: reorder, places: 0",
                            "do: reorder, places: 1001",
                            "do: close, code: 999",
                            "do: close, code: 5000",
                            "do: delay, ms: 0",
                            "do: delay, ms: 600001",
                            "do: delay, ms: 1s",
                            "do: delay",
                            "do: clock-skew, ms: 86400001",
                            "do: clock-skew, ms: [1]",
                            "do: gap, from_ms: 86400001",
                            "do: gap, probability: 0",
                            "do: gap, probability: 1.01",
                            "do: gap, probability: nan",
                            "do: gap, probability: 0.5x",
                            "do: gap, times: -1"}) {
    EXPECT_THAT(errors_of(entry), ElementsAre(HasSubstr("expected "))) << entry;
  }
}

TEST(FaultScript, EachKindTakesItsOwnKeysOnly) {
  for (const auto* entry :
       {"do: disconnect, messages: 1", "do: disconnect, ms: 5", "do: gap, places: 1",
        "do: gap, code: 1001", "do: late-acks, after: 1", "do: late-acks, symbol: A",
        "do: refuse, symbol: A, channel: b", "do: gap, probability: 0.5, every: 2"}) {
    EXPECT_THAT(errors_of(entry), ElementsAre(HasSubstr("expected no such key "))) << entry;
  }
  EXPECT_THAT(errors_of("do: refuse"), ElementsAre(HasSubstr("got nothing")));
  EXPECT_THAT(errors_of("after: 1"), ElementsAre(HasSubstr("faults[0].do: expected one of")));
  EXPECT_THAT(errors_of("do: gap, venue: nyse"), ElementsAre(HasSubstr("expected one of okx, ")));
  EXPECT_THAT(errors_of("do: gap, symbol: \"A B\""), ElementsAre(HasSubstr("expected a name")));
}

TEST(FaultScript, FilesThatAreNoneAreRefused) {
  for (const auto* text : {"", "[]", "faults: []", "faults: {}", "faults: [1]", "seed: 1",
                           "a: b: c", "faults: &a [*a]"}) {
    EXPECT_FALSE(load(text).ok()) << text;
  }
  std::string many = "faults:\n";
  for (int i = 0; i < 1001; ++i) {
    many += "- {do: gap}\n";
  }
  EXPECT_THAT(load(many).errors, ElementsAre(HasSubstr("expected 1000 faults at most")));
  EXPECT_THAT(load_fault_script("/no/such/file", options()).errors,
              ElementsAre(HasSubstr("/no/such/file: expected a readable file")));
}

TEST(FaultScript, DamagedFilesNeverEscape) {
  const std::string whole =
      "seed: 1\nfaults:\n  - {do: gap, symbol: \"A\", after: 20, probability: 0.5, messages: 3}\n"
      "  - do: delay\n    ms: 100\n";
  ASSERT_TRUE(load(whole).ok());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    (void)load(whole.substr(0, i));
    for (const char c : {'\0', '"', ':', '{', '-', '\xff', '\n'}) {
      std::string damaged = whole;
      damaged[i] = c;
      (void)load(damaged);
    }
  }
}

TEST(FaultScript, ItsExampleShowsEveryKeyWithAComment) {
  std::ostringstream text;
  text << std::ifstream(std::string{TICKER_CONFIGS} + "/faults.yaml").rdbuf();

  for (const auto& key : known_fault_keys()) {
    EXPECT_THAT(text.str(), HasSubstr(key + ":"));
    const auto line = text.str().find(key + ":");
    const auto end = text.str().find('\n', line);
    EXPECT_THAT(text.str().substr(line, end - line),
                ::testing::AnyOf(HasSubstr(" # "), HasSubstr("faults:")));
  }
  EXPECT_GE(known_fault_keys().size(), 14U);
}

}  // namespace
}  // namespace ticker::config
