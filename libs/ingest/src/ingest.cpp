#include <ticker/ingest/ingest.hpp>

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <set>
#include <utility>

#include <ticker/ingest/best_feed.hpp>
#include <ticker/ingest/feed_runner.hpp>
#include <ticker/ingest/poll_feed.hpp>
#include <ticker/ingest/recording_feed.hpp>
#include <ticker/ingest/simulator_feed.hpp>

#include "discovering_feed.hpp"
#include "http_fetcher.hpp"
#include "instrument_list.hpp"

namespace ticker::ingest {
namespace {

constexpr std::string_view kSimulator = "simulator";
constexpr std::string_view kHttpPoll = "http-poll";

// By which class of feed an adapter is served.
enum class FeedClass { kStreamed, kDiscovering, kPolled, kRecorded, kSimulated, kConsolidated };
FeedClass class_of(const FeedOptions& options) {
  return options.adapter == kSimulator                   ? FeedClass::kSimulated
         : options.adapter == kHttpPoll                  ? FeedClass::kPolled
         : options.adapter == RecordingFeed::kAdapter    ? FeedClass::kRecorded
         : options.adapter == FeedOptions::kConsolidated ? FeedClass::kConsolidated
         : options.discovery.is_on                       ? FeedClass::kDiscovering
                                                         : FeedClass::kStreamed;
}

// Descriptors of a recording: the file, and the next or one that is looked at.
constexpr std::size_t kOfRecording = 2;
// Of what is fetched: its connections to a host, and a file.
constexpr std::size_t kOfFetches = 6;

std::size_t most_descriptors_of(const FeedOptions& options) {
  std::size_t most = options.record ? kOfRecording : 0;
  switch (class_of(options)) {
    case FeedClass::kDiscovering:
    case FeedClass::kStreamed: {
      const auto patterns =
          std::count_if(options.symbols.begin(), options.symbols.end(),
                        [](const auto& symbol) { return is_pattern(symbol.canonical); });
      const auto instruments = options.symbols.size() - static_cast<std::size_t>(patterns) +
                               (patterns > 0 ? options.discovery.max_symbols : 0);
      // Each while another takes its place.
      return most + 2 * FeedRunner::connections(options, instruments) +
             (options.discovery.is_on ? kOfFetches : 0);
    }
    case FeedClass::kPolled:
      return most + kOfFetches;
    case FeedClass::kRecorded:
      return most + options.recordings.size() * kOfRecording;
    case FeedClass::kSimulated:
    case FeedClass::kConsolidated:
      break;
  }
  return most;
}

// Copies draw from one engine: with an engine each they would all wait for the same time.
Random system_random() {
  return [engine = std::make_shared<std::mt19937_64>(std::random_device()())] {
    return std::uniform_real_distribution<double>(0, 1)(*engine);
  };
}

}  // namespace

Ingest::Ingest(net::EventLoop& loop, BatchSink& sink, Options options)
    : loop_(loop),
      random_(options.random ? std::move(options.random) : system_random()),
      handover_(options.handover),
      patience_(std::move(options.patience)),
      ask_again_after_(options.ask_again_after),
      market_(loop, sink, std::move(options.epoch), options.state),
      polls_(std::make_unique<HttpFetcher>(loop)),
      lists_(std::make_unique<HttpFetcher>(loop)),
      self_(std::make_shared<Ingest*>(this)) {}

Ingest::~Ingest() = default;

Status Ingest::apply(const std::vector<FeedOptions>& feeds) {
  if (auto checked = check(feeds); !checked) {
    return checked;
  }
  const auto wanted = [&](const std::string& name) {
    return std::find_if(feeds.begin(), feeds.end(),
                        [&](const FeedOptions& options) { return options.name == name; });
  };
  std::vector<std::unique_ptr<Feed>> kept;
  for (auto& feed : feeds_) {
    const auto options = wanted(feed->options().name);
    if (options == feeds.end()) {
      feed->remove();
    } else if (*options == feed->options()) {
      kept.push_back(std::move(feed));
    } else if (class_of(*options) == class_of(feed->options()) && feed->change(*options)) {
      kept.push_back(std::move(feed));
    } else {
      feed->remove();
    }
  }
  feeds_ = std::move(kept);
  for (const auto& options : feeds) {
    const bool exists = std::any_of(feeds_.begin(), feeds_.end(), [&](const auto& feed) {
      return feed->options().name == options.name;
    });
    if (!exists) {
      feeds_.push_back(make_feed(options));
      if (is_started_) {
        feeds_.back()->start();
      }
    }
  }
  return {};
}

void Ingest::start() {
  is_started_ = true;
  for (const auto& feed : feeds_) {
    feed->start();
  }
}

void Ingest::stop() {
  for (const auto& feed : feeds_) {
    feed->stop();
  }
  feeds_.clear();
}

void Ingest::request_state(std::function<void(std::string)> reply) {
  loop_.post([weak = std::weak_ptr(self_), reply = std::move(reply)] {
    if (const auto self = weak.lock()) {
      reply((*self)->serialise());
    }
  });
}

std::vector<Ingest::NamedStats> Ingest::stats() const {
  std::vector<NamedStats> all;
  for (const auto& feed : feeds_) {
    all.emplace_back(feed->options().name, feed->stats());
  }
  return all;
}

std::unique_ptr<Feed> Ingest::make_feed(const FeedOptions& options) {
  const FeedRunner::Shared stream{loop_,     market_,   budgets_,        random_,
                                  handover_, patience_, ask_again_after_};
  switch (class_of(options)) {
    case FeedClass::kSimulated:
      return std::make_unique<SimulatorFeed>(loop_, market_, options);
    case FeedClass::kPolled:
      return PollFeed::make({loop_, market_, *polls_, random_}, options);
    case FeedClass::kDiscovering:
      return DiscoveringFeed::make(stream, *lists_, options);
    case FeedClass::kConsolidated:
      return BestFeed::make(loop_, market_, options);
    case FeedClass::kRecorded:
      return std::make_unique<RecordingFeed>(loop_, market_, options);
    case FeedClass::kStreamed:
      break;
  }
  return FeedRunner::make(stream, options);
}

Status Ingest::check(const std::vector<FeedOptions>& feeds) {
  std::set<std::string> names;
  for (const auto& options : feeds) {
    if (!names.insert(options.name).second) {
      return Error{"feed '" + options.name + "' is there twice"};
    }
    Status checked;
    if (class_of(options) == FeedClass::kDiscovering) {
      checked = DiscoveringFeed::check(options);
    } else if (class_of(options) == FeedClass::kStreamed) {
      checked = FeedRunner::check(options);
    } else if (class_of(options) == FeedClass::kPolled) {
      checked = PollFeed::check(options);
    } else if (class_of(options) == FeedClass::kRecorded) {
      checked = RecordingFeed::check(options);
    }
    if (!checked) {
      return checked;
    }
  }
  return {};
}

std::size_t Ingest::most_descriptors(const std::vector<FeedOptions>& feeds) {
  return std::accumulate(feeds.begin(), feeds.end(), std::size_t{0},
                         [](std::size_t sum, const FeedOptions& options) {
                           return sum + most_descriptors_of(options);
                         });
}

}  // namespace ticker::ingest
