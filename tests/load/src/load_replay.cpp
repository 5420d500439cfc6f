// How fast a recording plays: read alone, and end to end into the frames of one client; and how well
// a recording as a feed keeps time. Does what it is told on standard input, a line each, and answers
// with a line of JSON:
//   build/release/bin/load_replay RECORDING
//   read 0        all of it inflated and taken apart
//   frames MS     the same, decoded, and served to a client with that interval
//   pace S        played as a feed at speed 1 for so many seconds
//   sleep S       the floor of that: a thread that sleeps from one change to the next

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <ticker/ingest/market_writer.hpp>
#include <ticker/ingest/recording_feed.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/recording/reader.hpp>

#include "replayed_client.hpp"
#include "sockets.hpp"

namespace ticker::load {
namespace {

using std::chrono::steady_clock;

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double seconds_since(steady_clock::time_point begun) {
  return std::chrono::duration<double>(steady_clock::now() - begun).count();
}

std::unique_ptr<ingest::PlayedMarket> open_market(const std::string& path) {
  auto market = ingest::PlayedMarket::open({{path, {}, {}, {}}}, "replay");
  if (!market) {
    fail(market.error().message);
  }
  return std::move(market.value());
}

void read(const std::string& path) {
  const auto begun = steady_clock::now();
  const auto cpu = cpu_seconds();
  auto reader = recording::Reader::open(path);
  if (!reader) {
    fail(reader.error().message);
  }
  std::uint64_t messages = 0;
  recording::Reader::Message message;
  while (reader->next(message) == recording::Reader::ReadResult::kMessage) {
    messages += message.kind == recording::Kind::kReceived ? 1U : 0U;
  }
  std::printf("{\"messages\":%llu,\"seconds\":%.6f,\"cpu\":%.6f}\n",
              static_cast<unsigned long long>(messages), seconds_since(begun), cpu_seconds() - cpu);
}

void frames(const std::string& path, std::uint32_t interval_ms) {
  const auto begun = steady_clock::now();
  const auto cpu = cpu_seconds();
  const auto market = open_market(path);
  protocol::Subscribe subscribe;
  subscribe.symbols = {"*"};
  subscribe.wait = true;
  subscribe.interval_ms = interval_ms;
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  tickerctl::ReplayedClient client(*market, {"replay", 0, subscribe},
                                   [&](std::string_view frame, Timestamp) {
                                     ++count;
                                     bytes += frame.size();
                                   });
  const bool is_whole = client.run();
  std::printf("{\"frames\":%llu,\"bytes\":%llu,\"damages\":%zu,\"seconds\":%.6f,\"cpu\":%.6f}\n",
              static_cast<unsigned long long>(count), static_cast<unsigned long long>(bytes),
              market->playback().damages() + (is_whole ? 0U : 1U), seconds_since(begun),
              cpu_seconds() - cpu);
}

bool is_of_message(const market::Batch::Change& change) {
  return change.fields != market::FieldSet(market::Field::kStale);
}

// When each change was published, and when it was due by the feed's account.
class Arrivals final : public ingest::BatchSink {
 public:
  struct Arrival {
    steady_clock::time_point at;
    Timestamp due;
  };

  void publish(std::shared_ptr<const market::Batch> batch) override {
    const auto now = steady_clock::now();
    for (const auto& change : batch->changes) {
      if (is_of_message(change)) {
        all.push_back({now, change.receive_time});
      }
    }
  }

  std::vector<Arrival> all;
};

// When the changes of a recording were received.
std::vector<Timestamp> changes_of(const std::string& path) {
  const auto market = open_market(path);
  std::vector<Timestamp> times;
  while (market->next()) {
    market->play();
    const auto batch = market->take_batch();
    for (const auto& change : batch.changes) {
      if (is_of_message(change)) {
        times.push_back(change.receive_time);
      }
    }
  }
  return times;
}

// Of sorted values.
double part(const std::vector<double>& values, double of) {
  return values[static_cast<std::size_t>(of * static_cast<double>(values.size() - 1))];
}

// Against the most punctual.
void tell(std::vector<double>& late, std::size_t off) {
  std::sort(late.begin(), late.end());
  const auto least = late.front();
  std::printf(
      "{\"changes\":%zu,\"off\":%zu,\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f}\n",
      late.size(), off, part(late, 0.5) - least, part(late, 0.99) - least, late.back() - least);
}

void pace(const std::string& path, std::chrono::seconds length) {
  const auto recorded = changes_of(path);
  net::EventLoop loop;
  Arrivals arrivals;
  ingest::MarketWriter market(loop, arrivals, "e", {});
  ingest::FeedOptions options;
  options.name = "played";
  options.adapter = ingest::RecordingFeed::kAdapter;
  options.recordings = {{path, {}, {}}};
  ingest::RecordingFeed feed(loop, market, options);
  arrivals.all.reserve(recorded.size());
  feed.start();
  const auto end = steady_clock::now() + length;
  while (steady_clock::now() < end) {
    loop.run_one(std::chrono::milliseconds(100));
  }
  const auto& all = arrivals.all;
  if (all.empty() || all.size() > recorded.size()) {
    fail("not what was recorded was played");
  }
  // The recording's own times are the measure; what the feed calls due has to agree with them.
  std::size_t off = 0;
  std::vector<double> late;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto since = recorded[i] - recorded.front();
    off += all[i].due - all.front().due == since ? 0U : 1U;
    late.push_back(
        std::chrono::duration<double, std::micro>(all[i].at - all.front().at - since).count());
  }
  tell(late, off);
}

void sleep(const std::string& path, std::chrono::seconds length) {
  const auto recorded = changes_of(path);
  std::vector<double> late;
  late.reserve(recorded.size());
  const auto begun = steady_clock::now();
  for (const auto time : recorded) {
    const auto due = begun + (time - recorded.front());
    if (due > begun + length) {
      break;
    }
    std::this_thread::sleep_until(due);
    late.push_back(std::chrono::duration<double, std::micro>(steady_clock::now() - due).count());
  }
  tell(late, 0);
}

int serve(const std::string& path) {
  std::puts("ready");
  std::fflush(stdout);
  std::string command;
  std::uint32_t argument = 0;
  while (std::cin >> command >> argument) {
    if (command == "read") {
      read(path);
    } else if (command == "frames") {
      frames(path, argument);
    } else if (command == "pace") {
      pace(path, std::chrono::seconds(argument));
    } else if (command == "sleep") {
      sleep(path, std::chrono::seconds(argument));
    } else {
      fail("no command '" + command + "'");
    }
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace ticker::load

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("load_replay RECORDING\n", stderr);
    return 2;
  }
  return ticker::load::serve(argv[1]);
}
