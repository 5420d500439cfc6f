#include "record.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string_view>

#include <ticker/feed/adapter.hpp>
#include <ticker/ingest/ingest.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/net/signal_set.hpp>
#include <ticker/net/timer.hpp>
#include <ticker/recording/segment_file.hpp>

#include "complain.hpp"

namespace ticker::tickerctl {
namespace {

constexpr int kIncomplete = 1;

// The messages are wanted, not what they mean.
class NoSink final : public ingest::BatchSink {
 public:
  void publish(std::shared_ptr<const market::Batch>) override {}
};

ingest::FeedOptions feed_options(const RecordArguments& arguments) {
  ingest::FeedOptions options;
  options.name = arguments.venue;
  options.adapter = arguments.venue;
  options.url = arguments.url;
  options.trades = feed::documented_trades(arguments.venue);
  for (const auto& symbol : arguments.symbols) {
    const auto equals = symbol.find('=');
    options.symbols.push_back({symbol.substr(0, equals), equals == std::string::npos
                                                             ? std::string()
                                                             : symbol.substr(equals + 1)});
  }
  options.record.emplace();
  options.record->file = arguments.file;
  return options;
}

// Empty: the file can be made.
std::string complaint_about(const std::string& file) {
  std::error_code error;
  if (!file.ends_with(recording::kSegmentSuffix)) {
    return file + ": expected a name that ends in " + recording::kSegmentSuffix;
  }
  if (std::filesystem::exists(file, error)) {
    return file + ": exists already";
  }
  const auto folder = std::filesystem::path(file).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder, error)) {
    return file + ": there is no folder " + folder.string();
  }
  return {};
}

}  // namespace

int record(const RecordArguments& arguments, std::FILE* complaints) {
  if (const auto complaint = complaint_about(arguments.file); !complaint.empty()) {
    return complain(complaints, complaint);
  }
  net::EventLoop loop;
  NoSink sink;
  ingest::Ingest ingest(loop, sink, {});
  if (const auto applied = ingest.apply({feed_options(arguments)}); !applied) {
    return complain(complaints, applied.error().message);
  }
  const auto stats = ingest.stats().front().second;
  const net::SignalSet signals(loop, {SIGINT, SIGTERM}, [&loop](int) { loop.stop(); });
  net::Timer end(loop, [&loop] { loop.stop(); });
  if (arguments.duration.count() > 0) {
    end.start(arguments.duration);
  }
  ingest.start();
  loop.run();
  ingest.stop();

  const auto& recorded = *stats->recording;
  const auto missing = recorded.dropped.value() + recorded.lost.value();
  std::fprintf(
      complaints, "%llu messages of the venue in %s%s\n",
      static_cast<unsigned long long>(stats->messages.value()), arguments.file.c_str(),
      missing == 0 ? "" : ("; " + std::to_string(missing) + " records are missing").c_str());
  return missing == 0 && stats->messages.value() != 0 ? 0 : kIncomplete;
}

void add_record(CLI::App& app, int& exit_code) {
  struct Parsed {
    RecordArguments arguments;
    unsigned seconds = 0;
  };
  auto parsed = std::make_shared<Parsed>();
  auto* const command =
      app.add_subcommand("record", "Record a venue into a file, until Ctrl-C or for a while");
  command->add_option("URL", parsed->arguments.url, "Of the venue, ws:// or wss://")->required();
  command
      ->add_option("SYMBOL", parsed->arguments.symbols,
                   "BTC-USDT, or BTC-USDT=NAME with the venue's own name")
      ->required();
  command->add_option("--venue", parsed->arguments.venue, "The adapter, e.g. binance-spot")
      ->required();
  command->add_option("--to", parsed->arguments.file, "A new file, *.rec.zst")->required();
  command->add_option("--seconds", parsed->seconds, "How long; default until Ctrl-C");
  command->callback([parsed, &exit_code] {
    parsed->arguments.duration = std::chrono::seconds(parsed->seconds);
    exit_code = record(parsed->arguments, stderr);
  });
}

}  // namespace ticker::tickerctl
