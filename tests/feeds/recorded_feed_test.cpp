#include <string>
#include <string_view>
#include <vector>

#include <ticker/recording/reader.hpp>

#include "feed_bench.hpp"
#include "scripted_venue.hpp"
#include "temporary_folder.hpp"

// What of a feed is recorded.
namespace ticker::tests {
namespace {

using Lines = std::vector<std::string>;

// `r0 text`: the kind, the connection, what it was.
Lines read_all(const std::string& folder) {
  constexpr std::string_view kKinds = "rbscdl";
  auto reader = recording::Reader::open(folder);
  EXPECT_TRUE(reader.ok());
  Lines lines;
  recording::Reader::Message message;
  while (reader->next(message) == recording::Reader::ReadResult::kMessage) {
    lines.push_back(kKinds[static_cast<std::size_t>(message.kind)] +
                    std::to_string(message.connection) + ' ' +
                    std::string(message.data, message.size));
  }
  return lines;
}

TEST(RecordedFeed, HoldsAllThatPassedButSecrets) {
  const TemporaryFolder folder;
  const std::string url = [&] {
    FeedBench bench("kraken-v2", {});
    ScriptedVenue venue(bench.loop());
    auto options = bench.feed({{"BTC-USD", "xbt"}});
    options.adapter = "json-websocket";
    options.url = venue.url() + "/?token=s3cr3t";
    options.socket.login = R"({"login":"s3cr3t"})";
    options.socket.subscribe = {R"({"subscribe":"{symbol}"})"};
    options.record.emplace();
    options.record->folder = folder.path();
    bench.start(options);
    EXPECT_TRUE(bench.wait([&] { return bench.stats().messages.value() == 2; }));
    venue.send("/", "{\"a\":\n 1}");
    EXPECT_TRUE(bench.wait([&] { return bench.stats().messages.value() == 3; }));
    venue.shut("/");
    EXPECT_TRUE(bench.wait([&] { return !bench.is(market::FeedState::kLive); }));
    venue.reopen("/");
    EXPECT_TRUE(bench.wait([&] { return bench.stats().messages.value() == 5; }));
    return venue.url();
  }();  // which ends the feed and its recording

  auto lines = read_all(folder.path());
  const std::string answer = R"(r0 {"result":null,"id":1})";
  ASSERT_GE(lines.size(), 7U);
  EXPECT_EQ(lines[0], "c0 " + url + "/");
  EXPECT_EQ(lines[1], "s0 (a login or an answer, which may be secret)");
  EXPECT_EQ(lines[2], R"(s0 {"subscribe":"xbt"})");
  EXPECT_EQ(lines[3], answer);
  EXPECT_EQ(lines[4], answer);
  EXPECT_EQ(lines[5], "r0 {\"a\":\n 1}");
  EXPECT_TRUE(lines[6].starts_with("d0 ")) << lines[6];
  EXPECT_EQ(lines[7], "c1 " + url + "/ after 0");
  EXPECT_EQ(lines.back(), "d1 not wanted any more");
  for (const auto& line : lines) {
    EXPECT_EQ(line.find("s3cr3t"), std::string::npos) << line;
  }
  const auto reader = recording::Reader::open(folder.path());
  EXPECT_EQ(reader->header().feed, "venue");
  EXPECT_EQ(reader->header().adapter, "json-websocket");
  EXPECT_EQ(reader->header().url, url + "/");
  EXPECT_EQ(reader->header().symbols, (std::vector<recording::Header::Symbol>{{"BTC-USD", "xbt"}}));
}

}  // namespace
}  // namespace ticker::tests
