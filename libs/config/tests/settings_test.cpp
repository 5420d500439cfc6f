#include <ticker/config/settings.hpp>

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ticker/config/load.hpp>

#include "load_fixture.hpp"

namespace ticker::config {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// What the schema knows: a key that is added there only would go unnoticed by a reload.
TEST(Settings, AreAllKeysOutsideOfLists) {
  const std::vector<std::string> known = known_keys();
  std::vector<std::string> expected;
  for (const std::string& key : known) {
    const bool is_section = std::any_of(known.begin(), known.end(), [&](const std::string& other) {
      return other.starts_with(key + ".");
    });
    if (!is_section && !key.starts_with("feeds") && !key.starts_with("best")) {
      expected.push_back(key);
    }
  }

  std::vector<std::string> keys;
  for (const Setting& setting : settings({})) {
    keys.push_back(setting.key);
  }
  EXPECT_THAT(keys, ElementsAreArray(expected));
}

TEST(ChangedKeys, NameWhatDiffersAndNothingElse) {
  const Config before = load(kFeed).config;
  const Config after = load(
                           "server: {trusted_proxies: [10.0.0.0/8], limits: {lanes: 3}}\n"
                           "metrics: {listen: \"127.0.0.1:1\"}\n" +
                           std::string{kFeed})
                           .config;

  EXPECT_THAT(changed_keys(before, before), IsEmpty());
  EXPECT_THAT(changed_keys(before, after),
              ElementsAre("server.trusted_proxies", "server.limits.lanes", "metrics.listen"));
}

}  // namespace
}  // namespace ticker::config
