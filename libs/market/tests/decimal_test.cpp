#include <ticker/market/decimal.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace ticker::market {
namespace {

using Parse = Decimal::ParseResult;

Parse parse(std::string_view text) {
  Decimal ignored;
  return Decimal::parse(text, ignored);
}

std::string kept(std::string_view text) {
  const auto value = Decimal::from_text(text);
  return value ? value->text() : "refused";
}

Decimal decimal(std::string_view text) { return Decimal::from_text(text).value(); }

std::string difference(std::string_view a, std::string_view b) {
  const auto result = Decimal::difference(decimal(a), decimal(b));
  return result ? result->text() : "none";
}

std::string percent(std::string_view value, std::string_view base) {
  const auto result = Decimal::change_percent(decimal(value), decimal(base));
  return result ? result->text() : "none";
}

TEST(Decimal, KeepsTheDigitsThatItWasGiven) {
  for (const std::string_view text : {"0",
                                      "1",
                                      "7",
                                      "10",
                                      "100",
                                      "740",
                                      "61800.20",
                                      "0.0",
                                      "0.00",
                                      "1.0",
                                      "1.00",
                                      "100.0",
                                      "100.10",
                                      "0.006",
                                      "-1",
                                      "-0.5",
                                      "-740.00",
                                      "18446744073709551615",
                                      "18446744073709551616",
                                      "1234567890123456789012345678",
                                      "0.1234567890123456789012345678",
                                      "1000000000000000000000000000",
                                      "10000000000000000000000000000000000000000",
                                      "0.0000000000000000000000000000000000000001"}) {
    EXPECT_EQ(kept(text), text);
  }
}

TEST(Decimal, WritesPlainNotation) {
  const std::pair<std::string_view, std::string> cases[] = {
      {"1e-08", "0.00000001"},
      {"2.50e3", "2500"},
      {"2.50e1", "25.0"},
      {"2.50e2", "250"},
      {"1E3", "1000"},
      {"1e+3", "1000"},
      {"1e0", "1"},
      {"123e-2", "1.23"},
      {"100e-2", "1.00"},
      {"100e-1", "10.0"},
      {"100e-4", "0.0100"},
      {"5e-1", "0.5"},
      {"-1.5e-3", "-0.0015"},
      {"0e5", "0"},
      {"0e-5", "0.00000"},
      {"0.0e1", "0"},
      {"1e40", "1" + std::string(40, '0')},
      {"9.99e40", "999" + std::string(38, '0')},
      {"1e-40", "0." + std::string(39, '0') + "1"},
      {"100e38", "1" + std::string(40, '0')},
  };
  for (const auto& [text, plain] : cases) {
    EXPECT_EQ(kept(text), plain) << text;
  }
}

TEST(Decimal, KnowsNoNegativeZero) {
  EXPECT_EQ(kept("-0"), "0");
  EXPECT_EQ(kept("-0.00"), "0.00");
  EXPECT_EQ(kept("-0e-3"), "0.000");
  EXPECT_FALSE(decimal("-0").is_negative());
  EXPECT_EQ(decimal("-0"), decimal("0"));
}

TEST(Decimal, RefusesWhatIsNoJsonNumber) {
  for (const std::string_view text :
       {"",     " ",        "-",     "+1",   "--1", ".5",   "1.",   "-.5",   "1.e5",
        "1..2", "1.2.3",    "00",    "01",   "-01", "00.5", "0x10", "1e",    "1e+",
        "1e-",  "1e5.",     "1e5e5", "e5",   "1 ",  " 1",   "1,5",  "1_000", "NaN",
        "nan",  "Infinity", "-inf",  "null", "1f",  "١",    "\xFF", "1-2",   "1+2"}) {
    EXPECT_EQ(parse(text), Parse::kSyntax) << text;
  }
  EXPECT_EQ(parse(std::string_view("1\0", 2)), Parse::kSyntax);
  EXPECT_EQ(parse(std::string_view("\0", 1)), Parse::kSyntax);
  EXPECT_EQ(parse(std::string_view("1\0002", 3)), Parse::kSyntax);
  EXPECT_EQ(parse(std::string(129, '1')), Parse::kSyntax);
}

TEST(Decimal, RefusesMoreThanTwentyEightSignificantDigits) {
  const std::string digits28 = "1234567890123456789012345678";

  EXPECT_EQ(parse(digits28), Parse::kOk);
  EXPECT_EQ(parse(digits28 + "9"), Parse::kTooManyDigits);
  EXPECT_EQ(parse("0." + digits28), Parse::kOk);
  EXPECT_EQ(parse("0." + digits28 + "9"), Parse::kTooManyDigits);
  EXPECT_EQ(parse("0.0000" + digits28), Parse::kOk);
  EXPECT_EQ(parse("-" + digits28.substr(0, 20) + "." + digits28.substr(20)), Parse::kOk);
  EXPECT_EQ(parse("1." + std::string(27, '0')), Parse::kOk);
  EXPECT_EQ(parse("1." + std::string(28, '0')), Parse::kTooManyDigits);
  EXPECT_EQ(parse("1" + std::string(28, '0') + "1"), Parse::kTooManyDigits);
  // Zeros at the end of an integer are no significant digits.
  EXPECT_EQ(kept(digits28 + "000"), digits28 + "000");
}

TEST(Decimal, RefusesExponentsBeyondForty) {
  EXPECT_EQ(parse("1e40"), Parse::kOk);
  EXPECT_EQ(parse("1e41"), Parse::kExponentOutOfRange);
  EXPECT_EQ(parse("10e40"), Parse::kExponentOutOfRange);
  EXPECT_EQ(parse("1e-40"), Parse::kOk);
  EXPECT_EQ(parse("1e-41"), Parse::kExponentOutOfRange);
  EXPECT_EQ(parse("0.1e-40"), Parse::kExponentOutOfRange);
  EXPECT_EQ(parse("1" + std::string(40, '0')), Parse::kOk);
  EXPECT_EQ(parse("1" + std::string(41, '0')), Parse::kExponentOutOfRange);
  EXPECT_EQ(parse("0e99"), Parse::kExponentOutOfRange);
  EXPECT_EQ(parse("1e99999999999999999999"), Parse::kExponentOutOfRange);
  EXPECT_EQ(parse("1e-99999999999999999999"), Parse::kExponentOutOfRange);
  EXPECT_EQ(parse("0." + std::string(100, '0')), Parse::kExponentOutOfRange);
}

TEST(Decimal, LeavesItsTargetAloneWhenItRefuses) {
  Decimal value = decimal("1.5");
  EXPECT_EQ(Decimal::parse("1e99", value), Parse::kExponentOutOfRange);
  EXPECT_EQ(Decimal::parse("x", value), Parse::kSyntax);
  EXPECT_EQ(value.text(), "1.5");
}

TEST(Decimal, IsOneRepresentationAText) {
  EXPECT_EQ(decimal("1e3"), decimal("1000"));
  EXPECT_EQ(decimal("1e40"), decimal("1" + std::string(40, '0')));
  EXPECT_EQ(decimal("0.1e1"), decimal("1"));
  EXPECT_NE(decimal("1.0"), decimal("1.00"));
  EXPECT_NE(decimal("0"), decimal("0.0"));
}

// Any plain number within the limits comes back as it was; and fits the room that write() demands.
TEST(Decimal, GivesBackRandomPlainNumbers) {
  std::mt19937 random(28);
  for (int round = 0; round < 20'000; ++round) {
    const auto digits = random() % 28 + 1;
    std::string text = random() % 2 == 0 ? "-" : "";
    text += static_cast<char>('1' + random() % 9);
    for (auto digit = digits; digit > 1; --digit) {
      text += random() % 4 == 0 ? '0' : static_cast<char>('0' + random() % 10);
    }
    switch (random() % 3) {
      case 0:
        break;
      case 1:
        text.insert(text.size() - random() % digits, text.size() > 1 ? "." : "");
        break;
      default:
        text.insert(text[0] == '-' ? 1 : 0, "0." + std::string(random() % 12, '0'));
        break;
    }
    if (text.back() == '.') {
      text += '0';
    }
    if (text.find('.') == 0 || text.find("-.") == 0) {
      text.insert(text.find('.'), "0");
    }
    const auto value = Decimal::from_text(text);
    if (!value) {
      EXPECT_GT(
          std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }), 28)
          << text;
      continue;
    }
    EXPECT_EQ(value->text(), text);
    // Another way through the parser, the same value.
    EXPECT_EQ(Decimal::from_text(text + (text.find('.') == std::string::npos ? "e0" : "E+00")),
              value)
        << text;
    EXPECT_LE(value->text().size(), Decimal::kMaxText);
  }
}

TEST(Decimal, ReadsShortAndLongTextsToOneValue) {
  EXPECT_EQ(kept("9999999999999999999"), "9999999999999999999");
  EXPECT_EQ(kept("-9999999999999999999"), "-9999999999999999999");
  EXPECT_EQ(kept("99999999999999999999"), "99999999999999999999");
  EXPECT_EQ(kept("0.00000000000000000"), "0.00000000000000000");
  EXPECT_EQ(kept("0.000000000000000000"), "0.000000000000000000");
  EXPECT_EQ(decimal("100"), decimal("1e2"));
  EXPECT_EQ(decimal("0"), decimal("0e0"));
}

// An exponent of zero takes the long way.
TEST(Decimal, ReadsRandomTextsAlikeOnTheShortAndTheLongWay) {
  std::mt19937 random(19);
  constexpr std::string_view kAlphabet = "0123456789012345.-";
  int numbers = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (auto size = random() % 20 + 1; size > 0; --size) {
      text += kAlphabet[random() % (text.empty() ? kAlphabet.size() : kAlphabet.size() - 1)];
    }
    const auto quick = Decimal::from_text(text);
    ASSERT_EQ(quick, Decimal::from_text(text + "e0")) << text;
    numbers += quick ? 1 : 0;
  }
  EXPECT_GT(numbers, 5'000);
}

TEST(Decimal, FillsTheRoomForItsTextAtMost) {
  EXPECT_LE(kept("-1.234567890123456789012345678e-40").size(), Decimal::kMaxText);
  EXPECT_LE(kept("-1.234567890123456789012345678e40").size(), Decimal::kMaxText);
  EXPECT_LE(kept("0e-40").size(), Decimal::kMaxText);
  EXPECT_LE(kept("0." + std::string(68, '0')).size(), Decimal::kMaxText);
}

TEST(Decimal, ComparesAmounts) {
  const std::string_view rising[] = {
      "-1e40", "-100.5", "-100", "-0.1", "-1e-40", "0",  "1e-40", "0.09",
      "0.1",   "0.11",   "1",    "9.99", "10",     "99", "100",   "1234567890123456789012345678",
      "1e40"};
  for (std::size_t i = 0; i < std::size(rising); ++i) {
    for (std::size_t j = 0; j < std::size(rising); ++j) {
      const int sign = Decimal::compare(decimal(rising[i]), decimal(rising[j]));
      EXPECT_EQ(sign < 0, i < j) << rising[i] << " " << rising[j];
      EXPECT_EQ(sign > 0, i > j) << rising[i] << " " << rising[j];
    }
  }
  EXPECT_EQ(Decimal::compare(decimal("1.0"), decimal("1.00")), 0);
  EXPECT_EQ(Decimal::compare(decimal("0"), decimal("0.000")), 0);
  EXPECT_EQ(Decimal::compare(decimal("1e3"), decimal("1000.000")), 0);
}

TEST(Decimal, SubtractsExactly) {
  EXPECT_EQ(difference("61800.20", "61000"), "800.20");
  EXPECT_EQ(difference("61000", "61800.20"), "-800.20");
  EXPECT_EQ(difference("1.5", "1.50"), "0.00");
  EXPECT_EQ(difference("1", "-1"), "2");
  EXPECT_EQ(difference("-1", "1"), "-2");
  EXPECT_EQ(difference("-1", "-3"), "2");
  EXPECT_EQ(difference("0", "0.5"), "-0.5");
  EXPECT_EQ(difference("1e20", "1e20"), "0");
}

TEST(Decimal, GivesNoDifferenceThatItCannotHold) {
  EXPECT_EQ(difference("1e40", "1e-40"), "none");
  EXPECT_EQ(difference("1e20", "1e-10"), "none");
  EXPECT_EQ(difference("9999999999999999999999999999", "-9999999999999999999999999999"), "none");
}

TEST(Decimal, ComputesChangeInPercentWithFourDecimals) {
  EXPECT_EQ(percent("110", "100"), "10.0000");
  EXPECT_EQ(percent("90", "100"), "-10.0000");
  EXPECT_EQ(percent("100", "100"), "0.0000");
  EXPECT_EQ(percent("4", "3"), "33.3333");
  EXPECT_EQ(percent("5", "3"), "66.6667");
  EXPECT_EQ(percent("1", "3"), "-66.6667");
  EXPECT_EQ(percent("0", "3"), "-100.0000");
  EXPECT_EQ(percent("61800.20", "60500.10"), "2.1489");
  EXPECT_EQ(percent("-5", "-10"), "-50.0000");
  EXPECT_EQ(percent("5", "-10"), "-150.0000");
}

TEST(Decimal, RoundsHalvesOfAPercentToEven) {
  // x / 2,000,000 in percent has five decimals, the fifth is 5 for odd x.
  EXPECT_EQ(percent("2000001", "2000000"), "0.0000");   // 0.00005
  EXPECT_EQ(percent("2000003", "2000000"), "0.0002");   // 0.00015
  EXPECT_EQ(percent("2000005", "2000000"), "0.0002");   // 0.00025
  EXPECT_EQ(percent("1999999", "2000000"), "0.0000");   // -0.00005: no negative zero
  EXPECT_EQ(percent("1999997", "2000000"), "-0.0002");  // -0.00015
  EXPECT_EQ(percent("1999995", "2000000"), "-0.0002");  // -0.00025
  EXPECT_EQ(percent("2000005.1", "2000000"), "0.0003");
}

TEST(Decimal, GivesNoPercentOfNothingOrBeyondItsLimits) {
  EXPECT_EQ(percent("1", "0"), "none");
  EXPECT_EQ(percent("1", "0.00"), "none");
  EXPECT_EQ(percent("1e40", "1e-40"), "none");
  EXPECT_EQ(percent("1e30", "1e-1"), "none");
}

}  // namespace
}  // namespace ticker::market
