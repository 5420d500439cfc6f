#include "descriptors.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ticker::tickerd {
namespace {

// What is left when clients and those who are being refused have all that they may.
std::size_t left(std::size_t descriptors, std::size_t shards, std::size_t own) {
  const DescriptorShares shares = share_descriptors(descriptors, shards, own);
  return descriptors - shares.connections - shards * shares.refused_at_once;
}

TEST(Descriptors, AreLeftForTheServiceHoweverManyShardsRefuseConnections) {
  for (const std::size_t shards : {1U, 4U, 8U, 64U, 1024U}) {
    for (const std::size_t own : {256U, 900U}) {
      EXPECT_EQ(left(200'000, shards, own), own + 8 * shards) << shards;
      EXPECT_EQ(share_descriptors(200'000, shards, own).refused_at_once, 64U) << shards;
    }
  }
}

TEST(Descriptors, AreSharedInHalvesWhereThereAreFew) {
  for (const std::size_t descriptors : {64U, 500U, 1000U}) {
    for (const std::size_t shards : {1U, 4U, 8U}) {
      EXPECT_GE(share_descriptors(descriptors, shards, 256).connections, descriptors / 2) << descriptors << " " << shards;
      EXPECT_GE(left(descriptors, shards, 256), descriptors / 4) << descriptors << " " << shards;
    }
  }
  EXPECT_EQ(share_descriptors(1'000, 8, 256).connections, 500U);
  EXPECT_EQ(share_descriptors(1'000, 8, 256).refused_at_once, 22U);
}

config::Feed feed_of(const std::string& adapter, std::size_t symbols) {
  config::Feed feed;
  feed.name = adapter;
  feed.adapter = adapter;
  feed.url = "wss://venue.example";
  for (std::size_t i = 0; i < symbols; ++i) {
    feed.symbols.push_back({"A" + std::to_string(i) + "-USD", ""});
  }
  return feed;
}

TEST(Descriptors, AreKeptForEachConnectionOfAVenueWhileAnotherTakesItsPlace) {
  config::Config config;
  const std::size_t least = own_descriptors(config);
  config.feeds.push_back(feed_of("bitfinex", 20));  // 12 on a connection
  EXPECT_EQ(own_descriptors(config), least) << "a few are reckoned with";

  config.feeds.push_back(feed_of("bitfinex", 1'200));
  const std::size_t many = own_descriptors(config);
  config.feeds.push_back(feed_of("bitfinex", 1'200));

  EXPECT_GT(many, least);
  EXPECT_EQ(own_descriptors(config), many + 2 * 100);
}

TEST(Descriptors, AreKeptForWhatPatternsMayFind) {
  config::Config config;
  config.feeds.push_back(feed_of("bitfinex", 1'200));
  const std::size_t before = own_descriptors(config);

  config.feeds.push_back(feed_of("bitfinex", 12));
  config.feeds.back().symbols.push_back({"*-USD", ""});
  config.feeds.back().discovery.emplace().max_symbols = 120;

  EXPECT_GE(own_descriptors(config), before + 2 * (1 + 10));
}

TEST(Descriptors, AreKeptForReplays) {
  config::Config config;
  const std::size_t least = own_descriptors(config);

  config.replay.max_replays = 1'000;

  EXPECT_GE(own_descriptors(config), least + 1'000);
}

}  // namespace
}  // namespace ticker::tickerd
