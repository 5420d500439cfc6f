#include "discovering_feed.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <ticker/base/log.hpp>
#include <ticker/feed/adapter.hpp>
#include <ticker/feed/listing.hpp>
#include <ticker/net/timer.hpp>

#include "http_fetcher.hpp"
#include "instrument_list.hpp"
#include "native_names.hpp"
#include "venue_wait.hpp"

namespace ticker::ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kFirstRetry = seconds(5);
constexpr milliseconds kMaxRetry = std::chrono::minutes(10);  // but for what the venue asks for
// The longest known list, Binance's, has 15 MB.
constexpr std::size_t kMaxBytes = std::size_t{64} << 20U;
constexpr int kOk = 200;

// As they are without any list.
FeedOptions plain(FeedOptions options) {
  std::erase_if(options.symbols,
                [](const FeedOptions::Symbol& symbol) { return is_pattern(symbol.canonical); });
  return options;
}

std::vector<std::string> natives_of(const FeedOptions& options) {
  const auto adapter = feed::make_adapter(options.adapter, {.trades = options.trades}).value();
  return native_names(options,
                      [&](std::string_view canonical) { return adapter->native_name(canonical); })
      .value();
}

// What the fetcher's thread makes of an answer. Disks may be slow: they are its concern alone.
struct Read {
  std::optional<std::vector<feed::Listing>> list;
  Status kept;                       // on disk, where it is to be
  std::optional<CachedList> cached;  // where there is no list, and one is wanted
};

void read_cached(const std::string& adapter, const std::string& file, Read& read) {
  if (!file.empty()) {
    read.cached = read_list(file, adapter);
  }
}

void read_answer(const std::string& adapter, const std::string& file, std::string body,
                 Read& read) {
  const auto size = body.size();
  body.push_back('\0');
  read.list = feed::read_listing(adapter, body.data(), size);
  if (!read.list) {
    read_cached(adapter, file, read);
  } else if (!file.empty()) {
    read.kept = write_list(file, adapter, {*read.list, wall_now()});
  }
}

}  // namespace

class DiscoveringFeed::Impl final : public DiscoveringFeed {
 public:
  Impl(FeedRunner::Shared shared, HttpFetcher& fetcher, FeedOptions options)
      : fetcher_(fetcher),
        backoff_(kFirstRetry, kMaxRetry, shared.random),
        options_(std::move(options)),
        runner_(FeedRunner::make(shared, plain(options_))),
        retry_(shared.loop, [this] { fetch(); }) {}
  ~Impl() override { forget(); }

  void start() override {
    is_started_ = true;
    start_runner();
    fetch();
  }

  void stop() override {
    forget();
    runner_->stop();
  }

  void remove() override {
    forget();
    runner_->remove();
  }

  bool change(const FeedOptions& options) override {
    forget();
    const bool is_same_venue =
        options.adapter == options_.adapter && options.discovery.url == options_.discovery.url;
    options_ = options;
    if (!is_same_venue) {
      list_.clear();
    }
    use_list();
    if (is_started_) {
      fetch();
    }
    return true;
  }

  const FeedOptions& options() const override { return options_; }
  std::shared_ptr<const metrics::FeedStats> stats() const override { return runner_->stats(); }

 private:
  void forget() {
    retry_.cancel();
    if (ticket_) {
      fetcher_.cancel(*std::exchange(ticket_, std::nullopt));
    }
  }

  // Without an instrument there is nothing to connect for.
  void start_runner() {
    if (is_started_ && !is_running_ && !runner_->options().symbols.empty()) {
      is_running_ = true;
      runner_->start();
    }
  }

  void fetch() {
    HttpFetcher::Request request;
    const auto& url = options_.discovery.url;
    request.url = url.empty() ? std::string(feed::listing_url(options_.adapter)) : url;
    request.ca_file = options_.ca_file;
    request.timeout = options_.discovery.timeout;
    request.max_bytes = kMaxBytes;
    request.follow_redirects = true;
    // Lists are megabytes: nothing else is read meanwhile where they are.
    const auto read = std::make_shared<Read>();
    const auto file = cache_file();
    request.read = [read, adapter = options_.adapter, file](std::string& body) {
      read_answer(adapter, file, std::exchange(body, {}), *read);
    };
    request.otherwise = [read, adapter = options_.adapter, file] {
      read_cached(adapter, file, *read);
    };
    ticket_ = fetcher_.fetch(std::move(request), [this, read](const HttpFetcher::Reply& reply) {
      ticket_.reset();
      take(reply, std::move(*read));
    });
  }

  void take(const HttpFetcher::Reply& reply, Read read) {
    if (!reply.fault.empty() || reply.status != kOk) {
      return fail(reply.fault.empty() ? "HTTP " + std::to_string(reply.status) : reply.fault,
                  wait_after(reply.status, reply.retry_after), std::move(read.cached));
    }
    if (!read.list) {
      return fail("the answer is no such list", seconds(0), std::move(read.cached));
    }
    log::info(options_.name + ": the venue lists " + std::to_string(read.list->size()) +
              " instruments");
    if (!read.kept) {
      log::warn(options_.name + ": " + read.kept.error().message);
    }
    list_ = std::move(*read.list);
    is_cached_ = false;
    use_list();
  }

  void fail(const std::string& why, seconds least_wait, std::optional<CachedList> cached) {
    const auto wait = std::max<milliseconds>({backoff_.next(), least_wait, seconds(1)});
    retry_.start(wait);
    const auto again = "; next attempt in " + std::to_string(wait.count()) + " ms";
    const auto fault = options_.name + ": the list of the venue's instruments can't be had: " + why;
    if (!list_.empty()) {
      log::warn(fault + (is_cached_ ? "; that of the file stays" : "; the last one stays") + again);
      return;
    }
    if (cached) {
      const auto age =
          std::chrono::duration_cast<std::chrono::minutes>(wall_now() - cached->fetched);
      log::warn(fault + "; that of " + std::to_string(age.count()) + " minutes ago serves" + again);
      list_ = std::move(cached->list);
      is_cached_ = true;
      use_list();
    } else if (plain(options_).symbols.size() < options_.symbols.size()) {
      log::error(fault + "; its patterns have no instruments" + again);
    } else {
      log::warn(fault + "; its symbols are not verified" + again);
    }
  }

  // Nothing where there is none.
  std::string cache_file() const {
    const auto& folder = options_.discovery.cache_folder;
    return folder.empty() ? folder : folder + "/" + options_.name + ".instruments";
  }

  void use_list() {
    auto wanted = plain(options_);
    if (!list_.empty()) {
      auto resolved =
          resolve(options_.symbols, natives_of(wanted), list_, options_.discovery.max_symbols);
      for (const auto& fault : resolved.faults) {
        log::error(options_.name + ": " + fault);
      }
      for (const auto& symbol : resolved.unverified) {
        log::warn(options_.name + ": " + symbol);
      }
      wanted.symbols = std::move(resolved.symbols);
    }
    if (!(wanted == runner_->options())) {
      runner_->change(wanted);
    }
    start_runner();
  }

  HttpFetcher& fetcher_;
  Backoff backoff_;
  FeedOptions options_;                 // as configured
  const std::unique_ptr<Feed> runner_;  // with the symbols that the list made of them
  bool is_started_ = false;
  bool is_running_ = false;  // the runner was started
  std::vector<feed::Listing> list_;
  bool is_cached_ = false;  // `list_` came from the file
  std::optional<HttpFetcher::Ticket> ticket_;
  net::Timer retry_;
};

Status DiscoveringFeed::check(const FeedOptions& options) {
  if (feed::listing_url(options.adapter).empty()) {
    return Error{"feed '" + options.name + "': " + options.adapter +
                 " has no list of instruments that is known"};
  }
  return FeedRunner::check(plain(options));
}

std::unique_ptr<Feed> DiscoveringFeed::make(FeedRunner::Shared shared, HttpFetcher& fetcher,
                                            FeedOptions options) {
  return std::make_unique<Impl>(std::move(shared), fetcher, std::move(options));
}

}  // namespace ticker::ingest
