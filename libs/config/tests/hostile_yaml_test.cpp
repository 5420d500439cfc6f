#include <ticker/config/load.hpp>

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "load_fixture.hpp"

namespace ticker::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(HostileYaml, AnchorsAndAliasesAreRefused) {
  EXPECT_THAT(load("a: &a [x]\nb: [*a, *a]\n").errors,
              ElementsAre(HasSubstr("t.yaml:1:4: expected a value, got an anchor")));
}

// Each level names the one before ten times: a thousand million strings, were aliases followed.
TEST(HostileYaml, AnAliasBombEndsAtOnce) {
  std::string bomb = "a0: &a0 [x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + alias;
    for (int j = 1; j < 10; ++j) {
      bomb += ", " + alias;
    }
    bomb += "]\n";
  }

  EXPECT_THAT(load(bomb).errors, ElementsAre(HasSubstr("got an anchor")));
}

TEST(HostileYaml, TagsAreRefused) {
  EXPECT_THAT(load("server: !!python/object x\n").errors, ElementsAre(HasSubstr("got a tag")));
}

TEST(HostileYaml, SeveralDocumentsAreRefused) {
  EXPECT_THAT(load(std::string{kFeed} + "---\n" + kFeed).errors,
              ElementsAre(HasSubstr("expected one YAML document")));
}

TEST(HostileYaml, DepthIsBounded) {
  for (const char open : {'[', '{'}) {
    EXPECT_THAT(load("feeds: " + std::string(500'000, open)).errors,
                ElementsAre(HasSubstr("t.yaml:1:")));
  }
  EXPECT_THAT(load("a: " + std::string(16, '[') + std::string(16, ']')).errors,
              ElementsAre(HasSubstr("expected at most 16 levels, got more")));
}

TEST(HostileYaml, SizeIsBounded) {
  const std::string most =
      std::string{kFeed} + "#" + std::string((1 << 20) - std::string{kFeed}.size() - 1, 'x');

  EXPECT_TRUE(load(most).ok());
  EXPECT_THAT(load(most + "x").errors,
              ElementsAre("t.yaml: expected at most 1048576 bytes, got more"));
}

TEST(HostileYaml, AFileWithoutEndIsReadToItsBoundOnly) {
  EXPECT_THAT(load_file("/dev/zero", test_options()).errors,
              ElementsAre("/dev/zero: expected at most 1048576 bytes, got more"));
}

TEST(HostileYaml, BrokenSyntaxIsReportedWithItsPlace) {
  EXPECT_THAT(load("server: {listen: \"127.0.0.1:80\n").errors,
              ElementsAre(HasSubstr("t.yaml:2:1: not YAML: ")));
  EXPECT_THAT(load("a: b: c\n").errors, ElementsAre(HasSubstr("t.yaml:1:5: not YAML: ")));
}

TEST(HostileYaml, KeysThatAreNotNamesAreRefused) {
  EXPECT_THAT(load("? [a, b]\n: c\n").errors, ElementsAre(HasSubstr("expected a name as key")));
}

// Every cut and every changed byte of a real file: errors, perhaps, but always an answer.
TEST(HostileYaml, DamagedFilesNeverEscape) {
  const std::string whole =
      "server: {listen: \"127.0.0.1:80\", limits: {entries: 5}}\n"
      "feeds:\n  - name: a\n    adapter: kraken-v2\n    url: 'ws://h'\n    symbols: [A-B, {symbol: "
      "C-D, native: x}]\n";
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

}  // namespace
}  // namespace ticker::config
