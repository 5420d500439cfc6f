// How fast one venue connection is taken in, with recording and without, and how fast what was
// recorded is read again. The venue is a thread that sends as fast as the socket takes; its
// messages are those of a Binance spot recording over and over, their ids counted on:
//   build/release/bin/load_ingest --tape ../shared/feeds/binance_spot_btcusdt_20240808.raw.gz
// Prints for each of --rounds pairs: messages/s, CPU time of the ingest thread a message.

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <ticker/ingest/ingest.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/recording/reader.hpp>

#include "arguments.hpp"
#include "sockets.hpp"
#include "web_socket.hpp"

namespace ticker::load {
namespace {

namespace fs = std::filesystem;

std::int64_t clock_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

// Reads all of a recording; gives its messages if they are wanted.
std::vector<std::string> read_tape(const std::string& path, bool keep, std::uint64_t& messages) {
  auto reader = recording::Reader::open(path);
  if (!reader) {
    fail(reader.error().message);
  }
  std::vector<std::string> tape;
  recording::Reader::Message message;
  while (reader->next(message) == recording::Reader::ReadResult::kMessage) {
    ++messages;
    if (keep) {
      tape.emplace_back(message.data, message.size);
    }
  }
  return tape;
}

void count_on(std::string& message, std::string_view name, std::uint64_t by) {
  const auto at = message.find(name);
  if (at == std::string::npos) {
    return;
  }
  const auto begin = at + name.size();
  const auto end = message.find_first_not_of("0123456789", begin);
  const auto id = std::strtoull(message.c_str() + begin, nullptr, 10);
  message.replace(begin, end - begin, std::to_string(id + by));
}

// Frames of `count` messages, as the venue would send them on and on.
std::string frames_of(const std::vector<std::string>& tape, std::size_t count) {
  constexpr std::uint64_t kPass = 100'000'000;  // more than a tape's ids span
  std::vector<std::string> wanted;
  for (const auto& message : tape) {
    if (message.find("@bookTicker") != std::string::npos ||
        message.find("@trade") != std::string::npos) {
      wanted.push_back(message);
    }
  }
  if (wanted.empty()) {
    fail("the tape has no message of bookTicker or trade");
  }
  std::string frames;
  for (std::size_t number = 0; number < count; ++number) {
    auto message = wanted[number % wanted.size()];
    count_on(message, "\"u\":", number / wanted.size() * kPass);
    count_on(message, "\"t\":", number / wanted.size() * kPass);
    append_server_head(frames, kText, message.size());
    frames += message;
  }
  return frames;
}

// Serves one connection: the frames, once it has subscribed.
void serve(int listener, const std::string& frames) {
  std::optional<int> fd;
  while (!(fd = accept_one(listener, true))) {
    std::this_thread::yield();
  }
  std::string in;
  while (in.find("\r\n\r\n") == std::string::npos) {
    receive(*fd, in);
  }
  const auto end = in.find("\r\n\r\n");
  send_all(*fd, upgrade_answer(in.substr(0, end + 2)));
  in.erase(0, end + 4);
  while (!next_frame(in.data(), in.size())) {
    receive(*fd, in);
  }
  send_all(*fd, server_frame(kText, R"({"result":null,"id":1})"));
  send_all(*fd, frames);
  while (receive(*fd, in)) {
  }
  close(*fd);
}

class NoSink final : public ingest::BatchSink {
 public:
  void publish(std::shared_ptr<const market::Batch>) override {}
};

struct Figures {
  double messages_per_s;
  double cpu_ns_per_message;
};

Figures run(const std::string& frames, std::size_t count, const std::string& folder, bool record) {
  const auto listener = listen_on_loopback();
  std::thread venue([&] { serve(listener.fd, frames); });
  net::EventLoop loop;
  NoSink sink;
  auto ingest = std::make_unique<ingest::Ingest>(loop, sink, ingest::Ingest::Options{"e", {}, {}});
  ingest::FeedOptions options;
  options.name = "venue";
  options.adapter = "binance-spot";
  options.url = "ws://127.0.0.1:" + std::to_string(listener.port);
  options.symbols = {{"BTC-USDT", ""}};
  if (record) {
    options.record.emplace();
    options.record->folder = folder;
  }
  if (const auto applied = ingest->apply({options}); !applied) {
    fail(applied.error().message);
  }
  const auto stats = ingest->stats().front().second;
  ingest->start();
  while (stats->messages.value() < 2) {
    loop.run_one(std::chrono::milliseconds(100));
  }
  const auto before = stats->messages.value();
  const auto began = clock_ns(CLOCK_MONOTONIC);
  const auto cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  while (stats->messages.value() < count + 1) {
    loop.run_one(std::chrono::milliseconds(100));
  }
  const auto messages = static_cast<double>(stats->messages.value() - before);
  const Figures figures{messages * 1e9 / static_cast<double>(clock_ns(CLOCK_MONOTONIC) - began),
                        static_cast<double>(clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu) / messages};
  ingest.reset();
  if (const auto& of = *stats->recording; of.dropped.value() + of.lost.value() != 0) {
    std::printf("  %llu were not recorded\n",
                static_cast<unsigned long long>(of.dropped.value() + of.lost.value()));
  }
  venue.join();
  close(listener.fd);
  return figures;
}

void tell_reading(const char* what, const std::string& path) {
  std::uint64_t messages = 0;
  const auto began = clock_ns(CLOCK_MONOTONIC);
  read_tape(path, false, messages);
  const auto seconds = static_cast<double>(clock_ns(CLOCK_MONOTONIC) - began) / 1e9;
  std::printf("reading %s: %.2f M messages/s\n", what,
              static_cast<double>(messages) / seconds / 1e6);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int bench(const Arguments& arguments) {
  const auto path = arguments.text("tape", "");
  const auto count = arguments.number("messages", 1'000'000);
  const auto rounds = std::max<std::size_t>(1, arguments.number("rounds", 5));
  std::uint64_t on_tape = 0;
  const auto frames = frames_of(read_tape(path, true, on_tape), count);
  const auto folder =
      (fs::temp_directory_path() / ("load_ingest_" + std::to_string(getpid()))).string();
  std::vector<double> throughput;
  std::vector<double> cpu;
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto off = run(frames, count, folder, false);
    const auto on = run(frames, count, folder, true);
    std::printf("off %.0f messages/s, %.0f ns; recorded %.0f messages/s, %.0f ns\n",
                off.messages_per_s, off.cpu_ns_per_message, on.messages_per_s,
                on.cpu_ns_per_message);
    throughput.push_back(on.messages_per_s / off.messages_per_s);
    cpu.push_back(on.cpu_ns_per_message / off.cpu_ns_per_message);
  }
  std::printf("recorded/off, median of %zu: throughput %.2f, CPU of the ingest thread %.2f\n",
              rounds, median(throughput), median(cpu));
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    bytes += entry.file_size();
  }
  std::printf("%.1f bytes sent a message, %.1f stored\n",
              static_cast<double>(frames.size()) / static_cast<double>(count),
              static_cast<double>(bytes) / static_cast<double>(count * rounds));
  tell_reading("what was recorded", folder);
  tell_reading("the tape", path);
  fs::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace ticker::load

int main(int argc, char** argv) { return ticker::load::bench(ticker::load::Arguments(argc, argv)); }
