#include <ticker/config/load.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "load_fixture.hpp"

namespace ticker::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Environment, IsPutIntoTexts) {
  const Loaded loaded = load("server: {listen: \"127.0.0.1:${PORT}\"}\n" + std::string{kFeed});

  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.config.server.listen.port, 8443);
}

TEST(Environment, IsPutIntoNumbers) {
  const Loaded loaded = load(
      "server:\n  limits:\n    entries: ${PORT}\n  silent_ms: \"1${PORT}\"\n" + std::string{kFeed});

  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.config.server.limits.entries, 8443u);
  EXPECT_EQ(loaded.config.server.silent, std::chrono::milliseconds{18'443});
}

TEST(Environment, NeverShowsItsValuesInErrors) {
  const Loaded loaded = load(R"(
server:
  listen: ${SECRET}
  shards: ${SECRET}
  silent_ms: ${SECRET}
  allowed_origins: ["${SECRET}"]
  trusted_proxies: ["${SECRET}"]
feeds:
  - {name: "x${SECRET}", adapter: simulator}
  - {name: "x${SECRET}", adapter: "${SECRET}"}
  - {name: "A${SECRET}", adapter: kraken-v2, url: "${SECRET}", trades: "${SECRET}", ca_file: "${SECRET}",
     symbols: ["${SECRET}", "${SECRET}", {symbol: "${SECRET}", native: "${SECRET} "}]}
)");

  EXPECT_GE(loaded.errors.size(), 12u);
  for (const std::string& error : loaded.errors) {
    EXPECT_THAT(error, Not(HasSubstr("s3cr3t"))) << error;
  }
}

TEST(Environment, DoesNotBecomeYaml) {
  LoadOptions options = test_options();
  options.environment = [](const std::string&) { return std::string{"demo, adapter: x, y: ["}; };

  const Loaded loaded =
      load_text("feeds: [{name: \"${X}\", adapter: simulator}]", "t.yaml", options);

  EXPECT_THAT(loaded.errors, ElementsAre(HasSubstr("feeds[0].name: expected a name")));
}

TEST(Environment, IsAnErrorWhereAVariableIsNotSet) {
  const Loaded loaded = load("server: {listen: \"${NO_SUCH}:80\"}\n" + std::string{kFeed});

  EXPECT_THAT(
      loaded.errors,
      ElementsAre(
          "t.yaml:1:18: server.listen: expected the environment variable \"NO_SUCH\" to be set"));
}

TEST(Environment, IsAnErrorWhereItsBracesAreOpenOrEmpty) {
  EXPECT_THAT(load("server: {listen: \"${PORT\"}\n" + std::string{kFeed}).errors,
              ElementsAre(HasSubstr("expected ${NAME}")));
  EXPECT_THAT(load("server: {listen: \"${}\"}\n" + std::string{kFeed}).errors,
              ElementsAre(HasSubstr("expected ${NAME}")));
}

TEST(Environment, IsTheProcessesUnlessAnotherIsGiven) {
  LoadOptions options;
  ASSERT_EQ(::setenv("TICKER_TEST_NAME", "from-process", 1), 0);

  const Loaded loaded =
      load_text("feeds: [{name: \"${TICKER_TEST_NAME}\", adapter: simulator}]", "t.yaml", options);

  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.config.feeds[0].name, "from-process");
}

}  // namespace
}  // namespace ticker::config
