#include "service.hpp"

#include <csignal>

#include <algorithm>
#include <iostream>
#include <utility>

#include <ticker/base/assert.hpp>
#include <ticker/base/ids.hpp>
#include <ticker/base/log.hpp>
#include <ticker/net/address.hpp>

#include "options.hpp"
#include "scrape.hpp"

namespace ticker::tickerd {
namespace {

// How long clients are given to go once they are told to.
constexpr std::chrono::milliseconds kDrainWaves{2'000};
constexpr std::chrono::milliseconds kDrainGrace{1'000};
constexpr std::chrono::milliseconds kDrainPoll{10};

Assets built_in_assets(Assets::Page page) {
  auto assets = Assets::read(embedded_pack(), page);
  TICKER_ASSERT(assets.ok());
  return std::move(assets).value();
}

}  // namespace

Service::Service(config::Config config, std::string path, config::LoadOptions options,
                 Secrets secrets)
    : path_(std::move(path)),
      load_options_(std::move(options)),
      assets_(built_in_assets(Assets::Page::kTraders)),
      operators_assets_(built_in_assets(Assets::Page::kOperators)),
      config_(std::move(config)),
      descriptors_(raise_descriptor_limit()),
      shares_(share_descriptors(descriptors_, shard_count(config_.server), own_descriptors(config_))),
      admission_(admission_limits(config_.server.limits, shares_.connections)),
      proxies_(trusted_proxies(config_.server)),
      tokens_(std::move(secrets.verifier)),
      tls_(std::move(secrets.tls)),
      replays_(clock_, replay_limits(config_.replay)),
      readiness_(clock_),
      shared_{clock_, readiness_, *this, admission_, placement_, proxies_, assets_, tokens_, replays_, config_.server.allowed_origins},
      signals_(loop_, {SIGTERM, SIGINT, SIGHUP}, [this](int signal) { on_signal(signal); }),
      registry_(TICKER_VERSION),
      drain_timer_(loop_, [this] { check_drained(); }) {}

Service::~Service() { stop_threads(); }

Status Service::start() {
  if (auto status = open_operations(); !status.ok()) {
    return status;
  }
  ingest_ = std::make_unique<ingest::Ingest>(
      ingest_loop_, static_cast<ingest::BatchSink&>(*this),
      ingest::Ingest::Options{random_epoch(), {config_.server.limits.removals}, {}, {}, [this] { return patience(); }});
  if (auto status = ingest_->apply(feed_options(config_)); !status.ok()) {
    return status;
  }
  refresh_feed_stats(ingest_->stats());
  readiness_.require(required_feeds(config_), config_.server.start_timeout);
  if (auto status = open_shards(); !status.ok()) {
    return status;
  }
  // Not before: a start that fails is one line, and what says that it listens does.
  if (operations_) {
    std::cout << "metrics http://" << host_and_port(config_.metrics.listen->host, operations_->port()) << "/metrics\n";
  }
  std::cout << "listening " << (tls_ ? "https://" : "http://") << host_and_port(config_.server.listen.host, shards_.front()->port()) << std::endl;
  tell_connections();
  tell_write_path();
  for (auto& shard : shards_) {
    shard->start();
  }
  ingest_loop_.post([this] { ingest_->start(); });
  ingest_thread_ = std::thread([this] { ingest_loop_.run(); });
  return {};
}

void Service::run() {
  loop_.run();
  stop_threads();
}

Status Service::open_operations() {
  registry_.add_collector([this](metrics::Writer& writer) {
    for (std::size_t number = 0; number < shards_.size(); ++number) {
      collect(*shards_[number], std::to_string(number), writer);
    }
    const std::lock_guard lock(feed_stats_mutex_);
    for (const auto& [feed, stats] : feed_stats_) {
      stats->collect(feed, writer);
    }
  });
  if (!config_.metrics.listen) {
    return {};
  }
  const auto& endpoint = *config_.metrics.listen;
  if (const auto error = net::probe_bind(endpoint.host, endpoint.port)) {
    return Error{"metrics.listen: " + error->message};
  }
  OperationsServer::Sources sources{registry_, readiness_, operators_assets_, [this](net::HttpResponder responder) {
    // Any shard has the same.
    shards_.front()->read_feeds([this, responder = std::move(responder)](net::HttpResponse response) {
      loop_.post([responder, response = std::move(response)] { responder.respond(response); });
    });
  }};
  operations_ = std::make_unique<OperationsServer>(loop_, endpoint.host, endpoint.port, std::move(sources));
  if (auto status = operations_->listen(); !status.ok()) {
    return Error{"metrics.listen: " + status.error().message};
  }
  return {};
}

Status Service::open_shards() {
  const auto& endpoint = config_.server.listen;
  // Listeners that share a port would start beside a stranger's without an error, and lose half of their clients to it.
  if (const auto error = net::probe_bind(endpoint.host, endpoint.port)) {
    return Error{"server.listen: " + error->message};
  }
  const std::string state = ingest_->serialise();
  std::uint16_t port = endpoint.port;
  for (std::uint32_t number = 0; number < shard_count(config_.server); ++number) {
    auto options = shard_options(config_.server, number, port);
    options.hub.stats_clock = &clock_;
    options.server.tls = tls_;
    options.server.refused_at_once = shares_.refused_at_once;
    auto shard = Shard::create(std::move(options), state, shared_, [this](Shard& behind) {
      ingest_->request_state([&behind](std::string whole) {
        behind.deliver_state(std::make_shared<const std::string>(std::move(whole)));
      });
    });
    if (!shard.ok()) {
      return shard.error();
    }
    shards_.push_back(std::move(shard).value());
    placement_.add([to = shards_.back().get()](int fd, const net::Address& peer) { to->adopt(fd, peer); });
    if (auto status = shards_.back()->listen(); !status.ok()) {
      return Error{"server.listen: " + status.error().message};
    }
    port = shards_.back()->port();
  }
  return {};
}

void Service::tell_connections() const {
  const std::size_t wanted = config_.server.limits.connections;
  const std::size_t room = shares_.connections;
  const std::string told =
      std::to_string(descriptors_) + " descriptors make room for " + std::to_string(room) + " connections";
  if (wanted > room) {
    log::warn(told + ", not for server.limits.connections: " + std::to_string(wanted));
  } else {
    log::info(told + (wanted == 0 ? "" : "; server.limits.connections: " + std::to_string(wanted)));
  }
}

void Service::tell_write_path() const {
  for (const auto& shard : shards_) {
    if (const std::string& refusal = shard->io_uring_refusal(); !refusal.empty()) {
      log::write(config_.server.write_path == "auto" ? log::Level::kInfo : log::Level::kWarn,
                 "frames are written by sendmsg, as io_uring is not to be had: " + refusal);
      return;
    }
  }
  log::info("frames are written by " + std::string(write_path_name(shards_.front()->write_path())));
}

void Service::publish(std::shared_ptr<const market::Batch> batch) {
  for (const auto& feed : batch->feeds) {
    if (feed.state == market::FeedState::kLive) {
      readiness_.feed_live(feed.feed);
    }
  }
  for (auto& shard : shards_) {
    shard->publish(batch);
  }
}

std::chrono::milliseconds Service::patience() const {
  auto least = Inbox::kPatience;
  for (const auto& shard : shards_) {
    least = std::min(least, shard->patience());
  }
  return least;
}

Timestamp Service::last_message(std::string_view feed) const {
  const std::lock_guard lock(feed_stats_mutex_);
  const auto found = std::find_if(feed_stats_.begin(), feed_stats_.end(),
                                  [&](const auto& entry) { return entry.first == feed; });
  return found == feed_stats_.end() ? kNoTime : from_us(found->second->last_message_us.value());
}

void Service::refresh_feed_stats(std::vector<ingest::Ingest::NamedStats> stats) {
  const std::lock_guard lock(feed_stats_mutex_);
  feed_stats_ = std::move(stats);
}

void Service::on_signal(int signal) {
  if (signal == SIGHUP) {
    reload();
  } else if (draining_) {
    loop_.stop();
  } else {
    begin_drain();
  }
}

void Service::reload() {
  auto loaded = config::load_file(path_, load_options_);
  if (auto checked = ingest::Ingest::check(feed_options(loaded.config)); loaded.ok() && !checked.ok()) {
    loaded.errors.push_back(path_ + ": " + checked.error().message);
  }
  const auto secrets = load_secrets(loaded.config.server);
  if (loaded.ok() && !secrets.ok()) {
    loaded.errors.push_back(path_ + ": " + secrets.error().message);
  }
  for (const auto& error : loaded.errors) {
    log::error(error);
  }
  if (!loaded.ok()) {
    log::error("the configuration was not reloaded; the one before stays in force");
    return;
  }
  for (const auto& key : take_over(config_, loaded.config)) {
    log::warn(key + ": changed, but takes a restart");
  }
  if (tokens_.required() && secrets.value().verifier) {
    tokens_.set_verifier(secrets.value().verifier);
  }
  if (tls_ && secrets.value().tls) {
    tls_ = secrets.value().tls;
    for (auto& shard : shards_) {
      shard->set_tls(tls_);
    }
  }
  shares_ = share_descriptors(descriptors_, shard_count(config_.server), own_descriptors(config_));
  admission_.set_limits(admission_limits(config_.server.limits, shares_.connections));
  replays_.set_limits(replay_limits(config_.replay));
  for (auto& shard : shards_) {
    shard->set_limits(shard_options(config_.server, 0, 0));
  }
  readiness_.require(required_feeds(config_), config_.server.start_timeout);
  ingest_loop_.post([this, feeds = feed_options(config_), removals = config_.server.limits.removals] {
    ingest_->set_state_options({removals});
    if (auto status = ingest_->apply(feeds); !status.ok()) {
      log::error("feeds were not reloaded: " + status.error().message);
      return;
    }
    refresh_feed_stats(ingest_->stats());
    log::info("configuration reloaded");
  });
}

void Service::begin_drain() {
  draining_ = true;
  readiness_.start_draining();
  log::info("stopping");
  if (config_.server.drain_delay.count() == 0) {
    drain_shards();
  } else {
    drain_timer_.start(config_.server.drain_delay);
  }
}

void Service::drain_shards() {
  drain_deadline_ = clock_.now() + kDrainWaves + kDrainGrace;
  for (auto& shard : shards_) {
    shard->drain(kDrainWaves);
  }
  drain_timer_.start(kDrainPoll);
}

void Service::check_drained() {
  if (drain_deadline_ == kNoTime) {
    drain_shards();
    return;
  }
  const bool empty = std::all_of(shards_.begin(), shards_.end(),
                                 [](const auto& shard) { return shard->stats().connections.value() == 0; });
  if (empty || clock_.now() >= drain_deadline_) {
    loop_.stop();
  } else {
    drain_timer_.start(kDrainPoll);
  }
}

void Service::stop_threads() {
  replays_.stop();
  if (ingest_thread_.joinable()) {
    ingest_loop_.post([this] {
      ingest_->stop();
      ingest_loop_.stop();
    });
    ingest_thread_.join();
  }
  for (auto& shard : shards_) {
    shard->stop();
  }
}

}  // namespace ticker::tickerd
