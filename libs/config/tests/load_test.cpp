#include <ticker/config/load.hpp>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "load_fixture.hpp"

namespace ticker::config {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Load, LeavesDefaultsWhereKeysAreMissing) {
  const Loaded loaded = load(kFeed);

  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.config.server.listen.host, "127.0.0.1");
  EXPECT_EQ(loaded.config.server.listen.port, 8080);
  EXPECT_EQ(loaded.config.server.default_interval, 100ms);
  EXPECT_EQ(loaded.config.server.heartbeat, 15s);
  EXPECT_EQ(loaded.config.server.no_progress, 60s);
  EXPECT_EQ(loaded.config.server.silent, 60s);
  EXPECT_EQ(loaded.config.server.limits.entries, 1000u);
  EXPECT_EQ(loaded.config.server.limits.request_bytes, 65'536u);
  EXPECT_EQ(loaded.config.server.limits.frame_bytes, 262'144u);
  EXPECT_EQ(loaded.config.server.limits.handshake, 5s);
  EXPECT_FALSE(loaded.config.metrics.listen.has_value());
  EXPECT_FALSE(loaded.config.feeds.at(0).feed_timeout.has_value());
  EXPECT_EQ(loaded.config.feeds.at(0).trades, "");
}

TEST(Load, TakesEveryKeyOfTheRecording) {
  const Loaded loaded = load_text(
      "recording: {folder: tapes, segment_bytes: 100000, segment_ms: 60000, keep_bytes: 200000, "
      "buffer_bytes: 2000000}\nfeeds: [{name: k, adapter: kraken-v2, url: \"ws://h\", symbols: "
      "[A-B], record: true}]",
      "/etc/ticker/t.yaml", test_options());

  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.config.recording.folder, "/etc/ticker/tapes");
  EXPECT_EQ(loaded.config.recording.segment_bytes, 100'000u);
  EXPECT_EQ(loaded.config.recording.segment, 1min);
  EXPECT_EQ(loaded.config.recording.keep_bytes, 200'000u);
  EXPECT_EQ(loaded.config.recording.buffer_bytes, 2'000'000u);
  EXPECT_TRUE(loaded.config.feeds.at(0).record);
  EXPECT_EQ(load(kFeed).config.recording.folder, "recordings");
}

TEST(Load, WantsRoomForTwoSegments) {
  const std::string expected = "expected keep_bytes at least twice segment_bytes, or 0";
  for (const std::string wrong : {"{segment_bytes: 100000, keep_bytes: 199999}",
                                  "{segment_bytes: 10000000000}", "{keep_bytes: 1}"}) {
    EXPECT_THAT(load("recording: " + wrong + "\n" + kFeed).errors,
                ElementsAre(HasSubstr(expected)))
        << wrong;
  }
  EXPECT_THAT(load("recording: {keep_bytes: 0}\n" + std::string(kFeed)).errors, IsEmpty());
}

TEST(Load, RecordsOnlyWhatComesAsMessages) {
  EXPECT_THAT(
      load("feeds: [{name: a, adapter: simulator, record: false}]").errors,
      ElementsAre(HasSubstr("feeds[0].record: expected no such key with adapter: simulator")));
  EXPECT_THAT(load("feeds: [{name: a, adapter: http-poll, record: true}]").errors,
              Not(Contains(HasSubstr("record"))));
}

TEST(Load, TakesEveryKeyOfTheServer) {
  const Loaded loaded = load(R"(
server:
  listen: "[::]:9000"
  allow_anonymous: true
  shards: 3
  write_path: sendmsg
  default_interval_ms: 0
  heartbeat_ms: 1000
  silent_ms: 2000
  no_progress_ms: 3000
  start_timeout_ms: 4000
  drain_delay_ms: 5000
  allowed_origins: ["https://desk.example.org", "http://localhost:3000"]
  trusted_proxies: [10.0.0.0/8, "::1"]
  limits: {connections: 1, connections_per_address: 2, entries: 3, lanes: 4, request_bytes: 5000, requests_per_s: 6,
           frame_bytes: 7000, handshake_ms: 8000, http_requests_per_s_per_address: 9, tls_handshakes_per_s_per_address: 13, token_failures_per_s_per_address: 14, http_reply_bytes: 90000, trades_ring: 10,
           shard_inbox_bytes: 110000, removals: 12}
metrics: {listen: "127.0.0.1:9464"}
feeds: [{name: demo, adapter: simulator}]
)");

  ASSERT_THAT(loaded.errors, IsEmpty());
  const Server& server = loaded.config.server;
  EXPECT_EQ(server.listen.host, "::");
  EXPECT_EQ(server.listen.port, 9000);
  EXPECT_TRUE(server.allow_anonymous);
  EXPECT_EQ(server.shards, 3u);
  EXPECT_EQ(server.write_path, "sendmsg");
  EXPECT_EQ(server.default_interval, 0ms);
  EXPECT_EQ(server.heartbeat, 1s);
  EXPECT_EQ(server.silent, 2s);
  EXPECT_EQ(server.no_progress, 3s);
  EXPECT_EQ(server.start_timeout, 4s);
  EXPECT_EQ(server.drain_delay, 5s);
  EXPECT_THAT(server.allowed_origins,
              ElementsAre("https://desk.example.org", "http://localhost:3000"));
  ASSERT_EQ(server.trusted_proxies.size(), 2u);
  EXPECT_EQ(server.trusted_proxies[0].prefix_bits, 8u);
  EXPECT_TRUE(server.trusted_proxies[1].is_ipv6);
  EXPECT_EQ(server.limits.connections, 1u);
  EXPECT_EQ(server.limits.connections_per_address, 2u);
  EXPECT_EQ(server.limits.entries, 3u);
  EXPECT_EQ(server.limits.lanes, 4u);
  EXPECT_EQ(server.limits.request_bytes, 5000u);
  EXPECT_EQ(server.limits.requests_per_s, 6u);
  EXPECT_EQ(server.limits.frame_bytes, 7000u);
  EXPECT_EQ(server.limits.handshake, 8s);
  EXPECT_EQ(server.limits.http_requests_per_s_per_address, 9u);
  EXPECT_EQ(server.limits.tls_handshakes_per_s_per_address, 13u);
  EXPECT_EQ(server.limits.token_failures_per_s_per_address, 14u);
  EXPECT_EQ(server.limits.http_reply_bytes, 90'000u);
  EXPECT_EQ(server.limits.trades_ring, 10u);
  EXPECT_EQ(server.limits.shard_inbox_bytes, 110'000u);
  EXPECT_EQ(server.limits.removals, 12u);
  ASSERT_TRUE(loaded.config.metrics.listen.has_value());
  EXPECT_EQ(loaded.config.metrics.listen->port, 9464);
}

TEST(Load, ReportsAllErrorsAtOnceInTheOrderOfTheFile) {
  const Loaded loaded = load(
      "server:\n"
      "  limits: {entries: many, lanes: 0}\n"
      "  heartbeat_ms: -5\n"
      "feeds:\n"
      "  - {name: Demo, adapter: simulator}\n");

  EXPECT_THAT(
      loaded.errors,
      ElementsAre(
          "t.yaml:2:21: server.limits.entries: expected a whole number from 1 to 1000000, got "
          "\"many\"",
          "t.yaml:2:34: server.limits.lanes: expected a whole number from 1 to 250, got \"0\"",
          "t.yaml:3:17: server.heartbeat_ms: expected a whole number of milliseconds from 10 to "
          "86400000, got "
          "\"-5\"",
          "t.yaml:5:12: feeds[0].name: expected a name of lower-case letters, digits, - and _, "
          "32 at most, got \"Demo\""));
}

// A ring of 1,000,000,000 trades ended the process: it is made at once.
TEST(Load, RefusesMoreTradesAndRemovalsThanAProcessCanHold) {
  const Loaded loaded =
      load("server: {limits: {trades_ring: 1000001, removals: 1000001}}\n" + std::string{kFeed});

  EXPECT_THAT(loaded.errors,
              ElementsAre("t.yaml:1:32: server.limits.trades_ring: expected a whole number from 0 "
                          "to 1000000, got \"1000001\"",
                          "t.yaml:1:51: server.limits.removals: expected a whole number from 0 to "
                          "1000000, got \"1000001\""));
}

TEST(Load, NamesTheKeyThatAnUnknownOneProbablyMeant) {
  const Loaded loaded = load("server: {limits: {entires: 5}}\n" + std::string{kFeed});

  EXPECT_THAT(
      loaded.errors,
      ElementsAre("t.yaml:1:19: server.limits.\"entires\": unknown key, did you mean entries?"));
}

TEST(Load, ListsTheKeysWhereAnUnknownOneIsLikeNone) {
  const Loaded loaded = load("metrics: {password: x}\n" + std::string{kFeed});

  EXPECT_THAT(
      loaded.errors,
      ElementsAre("t.yaml:1:11: metrics.\"password\": unknown key, expected one of listen"));
}

TEST(Load, RefusesAKeyGivenTwice) {
  const Loaded loaded = load("server: {shards: 1, shards: 2}\n" + std::string{kFeed});

  EXPECT_THAT(
      loaded.errors,
      ElementsAre("t.yaml:1:21: shards: expected each key once, got it again (first in line 1)"));
}

TEST(Load, RefusesWrongTypes) {
  const Loaded loaded = load(
      "server: {shards: [1], allow_anonymous: yes, silent_ms: \"5\", limits: 7, trusted_proxies: "
      "::1}\n"
      "metrics:\n"
      "feeds: [[]]\n");

  EXPECT_THAT(
      loaded.errors,
      ElementsAre(
          "t.yaml:1:18: server.shards: expected auto or a whole number from 1 to 256, got a list",
          "t.yaml:1:40: server.allow_anonymous: expected true or false, got \"yes\"",
          "t.yaml:1:56: server.silent_ms: expected a whole number of milliseconds from 10 to "
          "86400000, got \"5\"",
          "t.yaml:1:69: server.limits: expected a mapping, got \"7\"",
          "t.yaml:1:89: server.trusted_proxies: expected a list, got \"::1\"",
          "t.yaml:2:1: metrics: expected a mapping, got nothing",
          "t.yaml:3:9: feeds[0]: expected a mapping, got a list"));
}

TEST(Load, SaysThatTabsDoNotIndent) {
  for (const char* text : {"server:\n\tlisten: x\n", "server:\n  limits:\n  \tlanes: 1\n"}) {
    const Loaded loaded = load(text);
    ASSERT_EQ(loaded.errors.size(), 1u) << text;
    EXPECT_THAT(loaded.errors[0], HasSubstr("indent by spaces, not by tabs")) << text;
  }
  EXPECT_THAT(load("server: {listen: \"\t").errors, ElementsAre(Not(HasSubstr("tabs"))));
}

TEST(Load, RefusesAnonymousClientsFromOtherMachinesUnlessToldSo) {
  const Loaded loaded = load("server: {listen: \"0.0.0.0:80\"}\n" + std::string{kFeed});

  ASSERT_EQ(loaded.errors.size(), 1u);
  EXPECT_THAT(loaded.errors[0],
              HasSubstr("t.yaml:1:18: server.listen: expected a loopback address"));
  EXPECT_THAT(loaded.errors[0], HasSubstr("allow_anonymous: true"));
}

TEST(Load, TakesOtherAddressesWithTokens) {
  const std::string key = ::testing::TempDir() + "load_test_secret";
  std::ofstream(key) << "secret";
  const Loaded loaded = load("server: {listen: \"0.0.0.0:80\", auth: {secret_file: " + key +
                             "}}\n" + std::string{kFeed});
  EXPECT_THAT(loaded.errors, IsEmpty());
  ASSERT_TRUE(loaded.config.server.auth.has_value());
  EXPECT_EQ(loaded.config.server.auth->secret_file, key);
  EXPECT_EQ(loaded.config.server.auth->skew, 30s);
  std::filesystem::remove(key);
}

TEST(Load, WantsAKeyAndNoAnonymousClientsWithTokens) {
  const Loaded loaded =
      load("server: {allow_anonymous: true, auth: {key_files: [missing.pem], issuer: ''}}\n" +
           std::string{kFeed});
  ASSERT_EQ(loaded.errors.size(), 3U);
  EXPECT_THAT(loaded.errors[0], HasSubstr("server.allow_anonymous: expected false"));
  EXPECT_THAT(loaded.errors[1],
              HasSubstr("server.auth.key_files[0]: expected a readable file of keys"));
  EXPECT_THAT(loaded.errors[2], HasSubstr("server.auth.issuer: expected a text"));
  EXPECT_THAT(load("server: {auth: {skew_ms: 5}}\n" + std::string{kFeed}).errors[0],
              HasSubstr("server.auth: expected key_files or secret_file in it"));
}

TEST(Load, WantsBothFilesOfTls) {
  const Loaded loaded = load("server: {tls: {min_version: \"1.1\", key: missing.key}}\n" + std::string{kFeed});
  ASSERT_EQ(loaded.errors.size(), 3U);
  EXPECT_THAT(loaded.errors[0], HasSubstr("certificate"));
  EXPECT_THAT(loaded.errors[1], HasSubstr("server.tls.min_version: expected \"1.2\" or \"1.3\""));
  EXPECT_THAT(loaded.errors[2], HasSubstr("server.tls.key: expected a readable file with a key"));
}

TEST(Load, TakesOtherAddressesWithAllowAnonymous) {
  EXPECT_TRUE(
      load("server: {listen: \"0.0.0.0:80\", allow_anonymous: true}\n" + std::string{kFeed}).ok());
}

TEST(Load, RefusesOriginsThatNoBrowserSends) {
  const Loaded loaded = load("server: {allowed_origins: [\"https://a/\", \"*\", \"https://b\"]}\n" +
                             std::string{kFeed});

  EXPECT_THAT(loaded.errors,
              ElementsAre(HasSubstr("server.allowed_origins[0]: expected an origin"),
                          HasSubstr("server.allowed_origins[1]: expected an origin")));
}

TEST(Load, RefusesKeysOfWorkNotDoneYet) {
  const Loaded loaded = load("recordings: x\n" + std::string{kFeed});

  EXPECT_THAT(loaded.errors, ElementsAre(HasSubstr("\"recordings\": unknown key")));
}

TEST(Load, ShortensAndCleansWhatItQuotes) {
  const Loaded loaded =
      load("server: {shards: \"\\e[31m" + std::string(500, 'x') + "\"}\n" + std::string{kFeed});

  ASSERT_EQ(loaded.errors.size(), 1u);
  EXPECT_LT(loaded.errors[0].size(), 200u);
  EXPECT_EQ(loaded.errors[0].find('\x1b'), std::string::npos);
}

TEST(Load, SaysWhyAFileCannotBeRead) {
  EXPECT_THAT(
      load_file("/does/not/exist.yaml", test_options()).errors,
      ElementsAre("/does/not/exist.yaml: expected a readable file: No such file or directory"));
  EXPECT_THAT(load_file("/", test_options()).errors, ElementsAre(HasSubstr("it is a folder")));
}

TEST(Load, RefusesAnEmptyFile) {
  EXPECT_THAT(load("").errors, ElementsAre("t.yaml: expected a mapping, got nothing"));
}

}  // namespace
}  // namespace ticker::config
