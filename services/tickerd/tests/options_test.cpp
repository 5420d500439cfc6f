#include "options.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <tuple>

#include <gtest/gtest.h>

namespace ticker::tickerd {
namespace {

TEST(Options, AdmitNoMoreConnectionsThanThereIsRoomFor) {
  config::Limits limits;
  limits.connections = 0;
  EXPECT_EQ(admission_limits(limits, 20'000).connections, 20'000U);
  limits.connections = 100'000;
  EXPECT_EQ(admission_limits(limits, 20'000).connections, 20'000U);
  limits.connections = 1'000;
  EXPECT_EQ(admission_limits(limits, 20'000).connections, 1'000U);
}

using Values = std::pair<std::string, std::string>;

// Of a JSON venue's messages, one with this member.
Values messages(const std::string& before, const std::string& after) {
  const auto with = [](const std::string& member) { return "messages: [{fields: {bid: /b}, " + member + "}]"; };
  return {with(before), with(after)};
}

// Of a trade in them; the members that it must have, but for that one.
Values trades(const std::string& before, const std::string& after) {
  const auto with = [](const std::string& member) {
    std::string trade = "messages: [{trade: {" + member;
    for (const std::string key : {"price", "size", "side"}) {
      trade += member.starts_with(key) ? "" : ", " + key + ": /" + key;
    }
    return trade + "}}]";
  };
  return {with(before), with(after)};
}

// Two values of every key there is. Of feeds: members of one feed.
const std::map<std::string, std::pair<std::string, std::string>> kValues = {
    {"server.listen", {"'127.0.0.1:1'", "'127.0.0.1:2'"}},
    {"server.shards", {"1", "2"}},
    {"server.write_path", {"auto", "sendmsg"}},
    {"server.default_interval_ms", {"10", "20"}},
    {"server.heartbeat_ms", {"10", "20"}},
    {"server.no_progress_ms", {"10", "20"}},
    {"server.silent_ms", {"10", "20"}},
    {"server.start_timeout_ms", {"10", "20"}},
    {"server.drain_delay_ms", {"10", "20"}},
    {"server.allow_anonymous", {"true", "false"}},
    {"server.allowed_origins", {"['https://a']", "['https://b']"}},
    {"server.trusted_proxies", {"[10.0.0.0/8]", "[10.0.0.0/9]"}},
    {"server.auth.key_files", {"[a.pem]", "[b.pem]"}},
    {"server.auth.secret_file", {"a.pem", "b.pem"}},
    {"server.auth.issuer", {"a", "b"}},
    {"server.auth.audience", {"a", "b"}},
    {"server.auth.skew_ms", {"10", "20"}},
    {"server.auth.timeout_ms", {"10", "20"}},
    {"server.auth.request_bytes", {"2000", "3000"}},
    {"server.auth.notice_ms", {"10", "20"}},
    {"server.tls.certificate", {"a.pem", "b.pem"}},
    {"server.tls.key", {"a.pem", "b.pem"}},
    {"server.tls.min_version", {"'1.2'", "'1.3'"}},
    {"server.limits.connections", {"1", "2"}},
    {"server.limits.connections_per_address", {"1", "2"}},
    {"server.limits.entries", {"1", "2"}},
    {"server.limits.lanes", {"1", "2"}},
    {"server.limits.request_bytes", {"2000", "3000"}},
    {"server.limits.requests_per_s", {"1", "2"}},
    {"server.limits.frame_bytes", {"5000", "6000"}},
    {"server.limits.handshake_ms", {"10", "20"}},
    {"server.limits.http_requests_per_s_per_address", {"1", "2"}},
    {"server.limits.tls_handshakes_per_s_per_address", {"1", "2"}},
    {"server.limits.token_failures_per_s_per_address", {"1", "2"}},
    {"server.limits.http_reply_bytes", {"70000", "80000"}},
    {"server.limits.trades_ring", {"10", "20"}},
    {"server.limits.shard_inbox_bytes", {"70000", "80000"}},
    {"server.limits.removals", {"1", "2"}},
    {"metrics.listen", {"'127.0.0.1:1'", "'127.0.0.1:2'"}},
    {"recording.folder", {"a", "b"}},
    {"recording.segment_bytes", {"70000", "80000"}},
    {"recording.segment_ms", {"1000", "2000"}},
    {"recording.keep_bytes", {"0", "1099511627776"}},
    {"recording.buffer_bytes", {"2000000", "3000000"}},
    {"replay.folder", {"a", "b"}},
    {"replay.max_replays", {"1", "2"}},
    {"replay.max_replays_per_address", {"1", "2"}},
    {"replay.changes_per_s", {"0", "1"}},
    {"replay.idle_ms", {"1000", "2000"}},
    {"replay.longest_ms", {"1000", "2000"}},
    {"feeds[].record", {"record: true", "record: false"}},
    {"feeds[].name", {"name: a", "name: b"}},
    {"feeds[].adapter", {"adapter: kraken-v1", "adapter: kraken-v2"}},
    {"feeds[].required", {"required: true", "required: false"}},
    {"feeds[].feed_timeout_ms", {"feed_timeout_ms: 10", "feed_timeout_ms: 20"}},
    {"feeds[].instrument_timeout_ms", {"instrument_timeout_ms: 10", "instrument_timeout_ms: 20"}},
    {"feeds[].url", {"url: 'ws://a'", "url: 'ws://b'"}},
    {"feeds[].ca_file", {"ca_file: a.pem", "ca_file: b.pem"}},
    {"feeds[].trades", {"trades: trade", "trades: aggTrade"}},
    {"feeds[].symbols", {"symbols: [A-B]", "symbols: [A-B, C-D]"}},
    {"feeds[].symbols[].symbol", {"symbols: [{symbol: A-B, native: n}]", "symbols: [{symbol: A-C, native: n}]"}},
    {"feeds[].symbols[].native", {"symbols: [{symbol: A-B, native: n}]", "symbols: [{symbol: A-B, native: m}]"}},
    {"feeds[].native_form", {"native_form: '{base}'", "native_form: '{quote}'"}},
    {"feeds[].login", {"login: a", "login: b"}},
    {"feeds[].subscribe", {"subscribe: [a]", "subscribe: [b]"}},
    {"feeds[].symbols_per_request", {"symbols_per_request: 1", "symbols_per_request: 2"}},
    {"feeds[].symbols_per_connection", {"symbols_per_connection: 1", "symbols_per_connection: 2"}},
    {"feeds[].requests_per_s", {"requests_per_s: 1", "requests_per_s: 2"}},
    {"feeds[].heartbeat_ms", {"heartbeat_ms: 1", "heartbeat_ms: 2"}},
    {"feeds[].heartbeat", {"heartbeat: a", "heartbeat: b"}},
    {"feeds[].heartbeat_answer", {"heartbeat_answer: a", "heartbeat_answer: b"}},
    {"feeds[].discovery", {"discovery: {}", "discovery: {max_symbols: 7}"}},
    {"feeds[].discovery.url", {"discovery: {url: 'http://a'}", "discovery: {url: 'http://b'}"}},
    {"feeds[].discovery.cache_folder", {"discovery: {cache_folder: a}", "discovery: {cache_folder: b}"}},
    {"feeds[].discovery.timeout_ms", {"discovery: {timeout_ms: 10}", "discovery: {timeout_ms: 20}"}},
    {"feeds[].discovery.max_symbols", {"discovery: {max_symbols: 1}", "discovery: {max_symbols: 2}"}},
    {"feeds[].interval_ms", {"interval_ms: 10", "interval_ms: 20"}},
    {"feeds[].timeout_ms", {"timeout_ms: 10", "timeout_ms: 20"}},
    {"feeds[].requests_per_minute", {"requests_per_minute: 1", "requests_per_minute: 2"}},
    {"feeds[].max_bytes", {"max_bytes: 2000", "max_bytes: 3000"}},
    {"feeds[].headers", {"headers: {a: b}", "headers: {a: c}"}},
    {"feeds[].messages", {"messages: [{means: error}]", "messages: [{means: ready}]"}},
    {"feeds[].messages[].match", messages("match: {/a: x}", "match: {/a: y}")},
    {"feeds[].messages[].each", messages("each: ''", "each: /a")},
    {"feeds[].messages[].where", messages("where: {/a: x}", "where: {/a: y}")},
    {"feeds[].messages[].means", {"messages: [{means: error}]", "messages: [{means: refused}]"}},
    {"feeds[].messages[].symbol", messages("symbol: /a", "symbol: key")},
    {"feeds[].messages[].symbol_form", messages("symbol_form: 'a*'", "symbol_form: 'b*'")},
    {"feeds[].messages[].fields", {"messages: [{fields: {bid: /a}}]", "messages: [{fields: {ask: /a}}]"}},
    {"feeds[].messages[].fields{}", {"messages: [{fields: {bid: /a}}]", "messages: [{fields: {bid: /b}}]"}},
    {"feeds[].messages[].fields{}.at", {"messages: [{fields: {bid: {at: /a}}}]", "messages: [{fields: {bid: {at: /b}}}]"}},
    {"feeds[].messages[].fields{}.shift",
     {"messages: [{fields: {bid: {at: /a, shift: 1}}}]", "messages: [{fields: {bid: {at: /a, shift: 2}}}]"}},
    {"feeds[].messages[].trade", {"messages: [{fields: {bid: /a}}]", "messages: [{trade: {price: /a, size: /b, side: /c}}]"}},
    {"feeds[].messages[].trade.price", trades("price: /d", "price: /e")},
    {"feeds[].messages[].trade.size", trades("size: /d", "size: /e")},
    {"feeds[].messages[].trade.side", trades("side: /d", "side: /e")},
    {"feeds[].messages[].trade.buy", trades("buy: d", "buy: e")},
    {"feeds[].messages[].trade.sell", trades("sell: d", "sell: e")},
    {"feeds[].messages[].trade.id", trades("id: /d", "id: /e")},
    {"feeds[].messages[].time", messages("time: /a", "time: /b")},
    {"feeds[].messages[].time_unit", messages("time_unit: s", "time_unit: ns")},
    {"feeds[].messages[].zero_is_null", messages("zero_is_null: true", "zero_is_null: false")},
    {"feeds[].messages[].text", messages("text: /a", "text: /b")},
    {"feeds[].messages[].answer", messages("answer: a", "answer: b")},
    {"feeds[].seed", {"seed: 1", "seed: 2"}},
    {"feeds[].instruments", {"instruments: 1", "instruments: 2"}},
    {"feeds[].updates_per_second", {"updates_per_second: 1", "updates_per_second: 2"}},
    {"feeds[].recordings", {"recordings: [{path: a}]", "recordings: [{path: a}, {path: b}]"}},
    {"feeds[].recordings[].path", {"recordings: [{path: a}]", "recordings: [{path: b}]"}},
    {"feeds[].recordings[].venue", {"recordings: [{path: a, venue: kraken-v1}]", "recordings: [{path: a, venue: kraken-v2}]"}},
    {"feeds[].recordings[].feed", {"recordings: [{path: a, feed: a}]", "recordings: [{path: a, feed: b}]"}},
    {"feeds[].speed", {"speed: 1", "speed: max"}},
    {"feeds[].loop", {"loop: true", "loop: false"}},
    {"best[].symbol", {"symbol: A-B", "symbol: C-D"}},
    {"best[].from", {"from: ['x:A', 'x:B']", "from: ['x:B', 'x:A']"}},
    {"best[].crossed_ms", {"crossed_ms: 1", "crossed_ms: 2"}},
};

const std::vector<std::string> kJson = {"native_form", "login", "subscribe", "symbols_per_request", "symbols_per_connection",
                                        "requests_per_s", "heartbeat_ms", "heartbeat", "heartbeat_answer"};

const std::vector<std::string> kPoll = {"interval_ms", "timeout_ms", "requests_per_minute", "max_bytes", "headers"};

const std::vector<std::string> kRecorded = {"recordings", "speed", "loop"};

// What a reload hands on to those who run.
auto live(const config::Config& config) {
  const Admission::Limits admission = admission_limits(config.server.limits, 20'000);
  const Shard::Options shard = shard_options(config.server, 0, 0);
  const hub::ClientLimits& client = shard.hub.limits;
  const auth::Verifier::Options verifier = verifier_options(config.server.auth.value_or(config::Auth{}));
  const config::Tls tls = config.server.tls.value_or(config::Tls{});
  const Replays::Limits replay = replay_limits(config.replay);
  return std::tuple(replay.folder, replay.most, replay.most_each, replay.changes_per_s, replay.idle, replay.longest, tls.certificate, tls.key, tls.min_version, verifier.key_files, verifier.secret_file, verifier.issuer, verifier.audience, verifier.skew,
                    client.auth_timeout, client.auth_request_bytes, client.auth_notice, admission.connections, admission.connections_per_address, admission.http_requests_per_s_per_address,
                    admission.tls_handshakes_per_s_per_address, admission.token_failures_per_s_per_address,
                    client.entries, client.lanes, client.request_bytes, client.requests_per_s, client.frame_bytes,
                    shard.hub.trades_ring, shard.server.max_message_bytes, shard.server.handshake_timeout,
                    shard.inbox_bytes, shard.state.removals, shard.http_reply_bytes, feed_options(config), required_feeds(config));
}

class EveryKey : public ::testing::TestWithParam<std::string> {
 protected:
  EveryKey() {
    for (const char* name : {"a.pem", "b.pem"}) {
      std::ofstream(folder_ + name) << "-----BEGIN CERTIFICATE-----\n";
    }
  }
  ~EveryKey() override { std::filesystem::remove_all(folder_); }

  // A configuration in which the key has this value, and everything else is always the same.
  config::Config with(const std::string& value) const {
    const std::string& key = GetParam();
    const std::string name = key.substr(key.rfind('.') + 1);
    std::map<std::string, std::string> feed;
    std::string text;
    if (key.starts_with("feeds[].")) {
      const bool is_simulated = name == "seed" || name == "instruments" || name == "updates_per_second";
      const bool is_json = key.starts_with("feeds[].messages") ||
                           std::find(kJson.begin(), kJson.end(), name) != kJson.end();
      const bool is_poll = key == "feeds[]." + name && std::find(kPoll.begin(), kPoll.end(), name) != kPoll.end();
      feed = {{"name", "name: x"}, {"adapter", is_simulated ? "adapter: simulator" : "adapter: kraken-v2"}};
      if (is_json) {
        feed = {{"name", "name: x"}, {"adapter", "adapter: json-websocket"}, {"native_form", "native_form: '{base}'"},
                {"messages", "messages: [{fields: {bid: /b}}]"}};
      }
      if (is_poll) {
        feed = {{"name", "name: x"}, {"adapter", "adapter: http-poll"}, {"native_form", "native_form: '{base}'"},
                {"messages", "messages: [{fields: {bid: /b}}]"}, {"url", "url: 'http://h'"}};
      }
      const bool is_recorded = key.starts_with("feeds[].recordings") ||
                               std::find(kRecorded.begin(), kRecorded.end(), name) != kRecorded.end();
      if (is_recorded) {
        feed = {{"name", "name: x"}, {"adapter", "adapter: recording"}, {"recordings", "recordings: [{path: a}]"}};
      }
      if (!is_simulated && !is_recorded) {
        feed.insert({{"url", "url: 'ws://h'"}, {"symbols", "symbols: [A-B]"}});
      }
      feed[value.substr(0, value.find(':'))] = value;
    } else {
      feed = {{"name", "name: x"}, {"adapter", "adapter: simulator"}};
      if (key.starts_with("recording.")) {  // which is a matter of the feeds that are recorded
        feed = {{"name", "name: x"}, {"adapter", "adapter: kraken-v2"}, {"url", "url: 'ws://h'"}, {"symbols", "symbols: [A-B]"},
                {"record", "record: true"}};
      }
      if (key.starts_with("best")) {
        text = best(value);
      } else if (key.starts_with("server.auth.")) {
        const std::string another_key = name == "secret_file" ? "key_files: [a.pem]" : "secret_file: a.pem";
        text = "server: {auth: {" + another_key + ", " + name + ": " + value + "}}\n";
      } else if (key.starts_with("server.tls.")) {
        std::map<std::string, std::string> members = {{"certificate", "a.pem"}, {"key", "a.pem"}};
        members[name] = value;
        text = "server: {tls: {";
        for (const auto& [member, text_of] : members) {
          text += member + ": " + text_of + ", ";
        }
        text.replace(text.size() - 2, 2, "}}\n");
      } else {
        text = key.starts_with("server.limits.") ? "server: {limits: {" + name + ": " + value + "}}\n"
                                                 : key.substr(0, key.find('.')) + ": {" + name + ": " + value + "}\n";
      }
    }
    text += "feeds: [{";
    for (const auto& [member, pair] : feed) {
      text += pair + ", ";
    }
    text.replace(text.size() - 2, 2, "}]\n");
    auto loaded = config::load_text(text, folder_ + "t.yaml", load_options());
    EXPECT_TRUE(loaded.ok()) << text << loaded.errors[0];
    return loaded.config;
  }

  static std::string best(const std::string& value) {
    std::map<std::string, std::string> members{{"symbol", "symbol: A-B"}, {"from", "from: ['x:A', 'x:B']"}};
    members[value.substr(0, value.find(':'))] = value;
    std::string text = "best: [{";
    for (const auto& [member, pair] : members) {
      text += pair + ", ";
    }
    return text.replace(text.size() - 2, 2, "}]\n");
  }

  // Of its own: other keys are tested at the same time.
  static std::string make_folder() {
    std::string name = ::testing::TempDir() + "options_test.XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    return name + "/";
  }

  const std::string folder_ = make_folder();
};

// A key that a reload neither takes over nor tells of would be forgotten without a word.
TEST_P(EveryKey, IsTakenOverByAReloadOrToldToTakeARestart) {
  ASSERT_TRUE(kValues.contains(GetParam())) << "give the key two values above";
  const auto& [before, after] = kValues.at(GetParam());
  config::Config running = with(before);
  const auto ran = live(running);

  for (int reload = 0; reload < 2; ++reload) {
    const auto told = take_over(running, with(after));

    if (live(running) == ran) {
      EXPECT_EQ(told, std::vector{GetParam()}) << "each time, since it was never taken over";
    } else {
      EXPECT_EQ(told, std::vector<std::string>());
      EXPECT_EQ(live(running), live(with(after)));
    }
  }
}

TEST(Options, TellThatDemandingTokensTakesARestart) {
  config::Config without;
  config::Config with;
  with.server.auth.emplace().secret_file = "secret";
  EXPECT_EQ(take_over(without, with), std::vector<std::string>{"server.auth.secret_file"});
  EXPECT_FALSE(without.server.auth.has_value());
  EXPECT_EQ(take_over(with, without), std::vector<std::string>{"server.auth.secret_file"});
  EXPECT_TRUE(with.server.auth.has_value());
}

// A key with keys of its own is none.
std::vector<std::string> keys() {
  std::vector<std::string> all = config::known_keys();
  std::erase_if(all, [](const std::string& key) {
    return key == "server" || key == "server.limits" || key == "server.auth" || key == "server.tls" || key == "recording" || key == "replay" || key == "metrics" ||
           key == "feeds" || key == "best";
  });
  return all;
}
INSTANTIATE_TEST_SUITE_P(Options, EveryKey, ::testing::ValuesIn(keys()), [](const auto& key) {
  std::string name = key.param;
  std::erase_if(name, [](char c) { return c == '[' || c == ']'; });
  std::erase_if(name, [](char c) { return c == '{' || c == '}'; });
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

}  // namespace
}  // namespace ticker::tickerd
