#include <ticker/metrics/registry.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <gtest/gtest.h>

#include <ticker/metrics/feed_stats.hpp>
#include <ticker/metrics/http_stats.hpp>

#include "scrape_lines.hpp"

namespace ticker::metrics {
namespace {

// A registry with a sample in every family.
class FullRegistry {
 public:
  FullRegistry() {
    http_.count("/healthz", 200);
    registry_.add_collector([this](Writer& writer) {
      feed_.collect("demo", writer);
      http_.collect(writer);
      for (std::size_t i = 0; i < kFamilyCount; ++i) {
        write(static_cast<Family>(i), writer);
      }
    });
  }
  std::string scrape() const { return registry_.scrape(); }

 private:
  static void write(Family family, Writer& writer) {
    const FamilyInfo& info = family_info(family);
    if (info.labels == std::vector<std::string_view>{"shard"}) {
      if (info.type == FamilyType::kHistogram) {
        writer.histogram(family, {"0"}, Histogram{}.read());
      } else {
        writer.value(family, {"0"}, 1);
      }
    } else if (info.labels.size() == 1 && info.type != FamilyType::kHistogram) {
      writer.value(family, {"x"}, 1);
    }
  }

  Registry registry_{"0.1.0"};
  FeedStats feed_{{"undecodable"}, {"control"}};
  HttpStats http_{{"/healthz"}};
};

// What `promtool check metrics` says to `scrape`, and its exit code.
std::pair<std::string, int> promtool(const std::string& scrape) {
  std::string name = ::testing::TempDir() + "scrape.XXXXXX";
  const int file = ::mkstemp(name.data());
  if (file < 0 ||
      ::write(file, scrape.data(), scrape.size()) != static_cast<ssize_t>(scrape.size())) {
    return {"cannot write " + name, -1};
  }
  ::close(file);
  std::FILE* tool = ::popen(("promtool check metrics <" + name + " 2>&1").c_str(), "r");
  std::string output;
  std::array<char, 4096> chunk{};
  while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), tool)) {
    output.append(chunk.data(), got);
  }
  const int status = ::pclose(tool);
  ::unlink(name.c_str());
  return {output, status};
}

TEST(Registry, GivesAScrapeThatPromtoolFindsNothingIn) {
  const FullRegistry registry;

  const auto [output, status] = promtool(registry.scrape());

  EXPECT_EQ(status, 0) << output;
  EXPECT_EQ(output, "");
}

TEST(Registry, IsCleanBeforeAnythingWasCounted) {
  const auto [output, status] = promtool(Registry{"0.1.0"}.scrape());

  EXPECT_EQ(status, 0) << output;
  EXPECT_EQ(output, "");
}

// The two tests above mean nothing where promtool passes everything.
TEST(Registry, WouldHearFromPromtoolOfACounterWithoutTotal) {
  const auto [output, status] =
      promtool("# HELP ticker_x Help.\n# TYPE ticker_x counter\nticker_x 1\n");

  EXPECT_NE(status, 0);
  EXPECT_NE(output, "");
}

TEST(Registry, ShowsEveryFamilyWithHelpAndType) {
  const std::string scrape = Registry{"0.1.0"}.scrape();

  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    const std::string name{family_info(static_cast<Family>(i)).name};
    EXPECT_NE(scrape.find("# HELP " + name + " "), std::string::npos) << name;
    EXPECT_NE(scrape.find("# TYPE " + name + " "), std::string::npos) << name;
  }
}

TEST(Registry, AddsUpTheInstancesOfSeveralThreads) {
  Registry registry{"0.1.0"};
  for (const double count : {3.0, 4.0}) {
    registry.add_collector(
        [count](Writer& writer) { writer.value(Family::kRequests, {"ping"}, count); });
  }

  EXPECT_EQ(sample(registry.scrape(), R"(ticker_requests_total{op="ping"})"), "7");
}

TEST(Registry, WritesLabelValuesThatAreNotAllowedAsOther) {
  Registry registry{"0.1.0"};
  registry.allow_label("feed", {"kraken"});
  registry.add_collector([](Writer& writer) {
    writer.value(Family::kFeedMessages, {"kraken"}, 1);
    writer.value(Family::kFeedMessages, {"made-up"}, 2);
    writer.value(Family::kFeedMessages, {"made-up-too"}, 3);
  });

  const std::string scrape = registry.scrape();

  EXPECT_EQ(sample(scrape, R"(ticker_feed_messages_total{feed="kraken"})"), "1");
  EXPECT_EQ(sample(scrape, R"(ticker_feed_messages_total{feed="other"})"), "5");
  EXPECT_EQ(scrape.find("made-up"), std::string::npos);
}

TEST(Registry, EscapesLabelValues) {
  Registry registry{"0.1.0"};
  registry.add_collector(
      [](Writer& writer) { writer.value(Family::kRequests, {"a\"b\\c\nd"}, 1); });

  EXPECT_EQ(sample(registry.scrape(), R"(ticker_requests_total{op="a\"b\\c\nd"})"), "1");
}

TEST(Registry, TellsVersionAndProcess) {
  const std::string scrape = Registry{"1.2.3"}.scrape();

  EXPECT_EQ(sample(scrape, R"(ticker_build_info{version="1.2.3"})"), "1");
  EXPECT_GT(std::stod(sample(scrape, "process_cpu_seconds_total")), 0);
  EXPECT_GT(std::stod(sample(scrape, "process_resident_memory_bytes")), 1e6);
  EXPECT_GT(std::stod(sample(scrape, "process_virtual_memory_bytes")),
            std::stod(sample(scrape, "process_resident_memory_bytes")));
  EXPECT_GE(std::stod(sample(scrape, "process_max_fds")),
            std::stod(sample(scrape, "process_open_fds")));
}

TEST(Registry, CountsOpenDescriptors) {
  const Registry registry{"0.1.0"};
  const double before = std::stod(sample(registry.scrape(), "process_open_fds"));

  const int opened = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const double after = std::stod(sample(registry.scrape(), "process_open_fds"));
  ::close(opened);

  EXPECT_EQ(after, before + 1);
}

TEST(Registry, TellsWhenTheProcessStarted) {
  const double start = std::stod(sample(Registry{"0.1.0"}.scrape(), "process_start_time_seconds"));

  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  constexpr double kLongestTestRun = 3600;
  EXPECT_LE(start, now + 1);
  EXPECT_GT(start, now - kLongestTestRun);
}

// 10,000 series: a large scrape is whole, not truncated.
TEST(Registry, GivesALargeScrapeWhole) {
  Registry registry{"0.1.0"};
  registry.add_collector([](Writer& writer) {
    for (int i = 0; i < 10'000; ++i) {
      writer.value(Family::kConnections, {std::to_string(i)}, i);
    }
  });

  const std::string scrape = registry.scrape();

  EXPECT_EQ(sample(scrape, R"(ticker_connections{shard="9999"})"), "9999");
  EXPECT_NE(sample(scrape, "process_start_time_seconds"), "");
}

}  // namespace
}  // namespace ticker::metrics
