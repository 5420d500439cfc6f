// The files of configs/: each loads, and together they show every key there is.
#include <ticker/config/load.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ticker::config {
namespace {

using ::testing::IsEmpty;

constexpr const char* kConfigs[] = {"alpaca.yaml", "demo.yaml",   "finnhub.yaml",
                                    "live.yaml",   "replay.yaml", "rest-quotes.yaml",
                                    "testing.yaml"};

// The adapters and environment variables that they use.
LoadOptions options() {
  LoadOptions options;
  options.adapters = {"binance-spot", "binance-usdm", "coinbase-advanced", "kraken-v2"};
  options.has_listing = [](const std::string&) { return true; };
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    return name.ends_with("_TOKEN") || name.starts_with("APCA_") ? std::optional("secret")
                                                                 : std::nullopt;
  };
  return options;
}

std::string path_of(const std::string& name) { return std::string{TICKER_CONFIGS} + "/" + name; }

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return std::move(text).str();
}

class ShippedConfig : public ::testing::TestWithParam<const char*> {};

TEST_P(ShippedConfig, Loads) {
  EXPECT_THAT(load_file(path_of(GetParam()), options()).errors, IsEmpty());
}

// A line that is a key has a comment on its right; `symbols` and `url` speak for themselves.
TEST_P(ShippedConfig, ExplainsItsKeys) {
  std::istringstream lines(text_of(path_of(GetParam())));
  std::string line;
  std::string explained;
  while (std::getline(lines, line)) {
    const std::size_t colon = line.find(": ");
    const bool is_key = colon != std::string::npos && line.find('#') != 0 &&
                        line.find("{symbol") == std::string::npos;
    const std::string key = line.substr(0, colon).substr(line.find_first_not_of(" -"));
    if (is_key && key != "symbols" && key != "url") {
      // Once in a file is enough: the second feed's name needs no words.
      EXPECT_TRUE(line.find('#') != std::string::npos ||
                  explained.find("|" + key + "|") != std::string::npos)
          << line;
      explained += "|" + key + "|";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Configs, ShippedConfig, ::testing::ValuesIn(kConfigs));

TEST(ShippedConfigs, ShowEveryKey) {
  std::string all;
  for (const char* name : kConfigs) {
    all += text_of(path_of(name));
  }

  for (const std::string& key : known_keys()) {
    const std::string name = key.substr(key.rfind('.') + 1);
    EXPECT_NE(all.find(name + ":"), std::string::npos) << key;
  }
  EXPECT_GT(known_keys().size(), 40u);
}

TEST(ShippedConfigs, OfDemoNeedNoNetwork) {
  const Loaded loaded = load_file(path_of("demo.yaml"), options());

  ASSERT_TRUE(loaded.ok());
  for (const Feed& feed : loaded.config.feeds) {
    EXPECT_EQ(feed.adapter, Feed::kSimulator);
  }
}

}  // namespace
}  // namespace ticker::config
