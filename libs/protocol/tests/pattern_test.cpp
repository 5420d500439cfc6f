#include <ticker/protocol/pattern.hpp>

#include <gtest/gtest.h>

namespace ticker::protocol {
namespace {

struct Case {
  std::string_view pattern;
  std::string_view symbol;
  bool matches;
};

TEST(Pattern, LetsAStarStandForAnyRunOfCharacters) {
  const Case cases[] = {
      {"kraken:BTC-USD", "kraken:BTC-USD", true},
      {"kraken:BTC-USD", "kraken:BTC-USDT", false},
      {"*", "kraken:BTC-USD", true},
      {"*", "", true},
      {"kraken:*", "kraken:BTC-USD", true},
      {"kraken:*", "kraken:", true},
      {"kraken:*", "kraken", false},
      {"*:BTC-*", "kraken:BTC-USD", true},
      {"*:BTC-*", "kraken:ETH-USD", false},
      {"*-USD", "kraken:BTC-USDT", false},
      {"*-USD", "kraken:BTC-USD", true},
      {"a*b*c", "abbc", true},
      {"a*b*c", "acb", false},
      {"ab*ba", "aba", false},
      {"ab*ba", "abba", true},
      {"**", "x", true},
      {"*a*a*", "a", false},
      {"*a*a*", "aa", true},
      {"*ab*ab*x", "ababab", false},
      {"k*:*-U*D", "kraken:BTC-USD", true},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(Pattern(one.pattern).matches(one.symbol), one.matches)
        << one.pattern << " ~ " << one.symbol;
  }
}

TEST(Pattern, IsPlainWithoutAStar) {
  EXPECT_TRUE(Pattern("kraken:BTC-USD").is_plain());
  EXPECT_FALSE(Pattern("kraken:*").is_plain());
}

TEST(SymbolTextFault, PassesNamesAndPatterns) {
  EXPECT_EQ(symbol_text_fault("kraken:BTC-USD"), "");
  EXPECT_EQ(symbol_text_fault("*a*b*c*"), "");
  EXPECT_EQ(symbol_text_fault("venue:日本-円"), "");
  EXPECT_EQ(symbol_text_fault(std::string(Pattern::kMaxText, 'x')), "");
}

TEST(SymbolTextFault, NamesWhatIsWrong) {
  EXPECT_EQ(symbol_text_fault(""), "is empty");
  EXPECT_EQ(symbol_text_fault(std::string(Pattern::kMaxText + 1, 'x')), "is longer than 128 bytes");
  EXPECT_EQ(symbol_text_fault("*****"), "has more than 4 stars");
  EXPECT_EQ(symbol_text_fault("a\nb"), "has a control character");
  EXPECT_EQ(symbol_text_fault("a\x7f"), "has a control character");
  EXPECT_EQ(symbol_text_fault("a\xC2\x85"), "has a control character");
  EXPECT_EQ(symbol_text_fault("a\xFF"), "is not UTF-8");
  EXPECT_EQ(symbol_text_fault("a\xED\xA0\x80"), "is not UTF-8");
}

}  // namespace
}  // namespace ticker::protocol
