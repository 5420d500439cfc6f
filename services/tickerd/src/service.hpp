#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/base/result.hpp>
#include <ticker/config/load.hpp>
#include <ticker/ingest/ingest.hpp>
#include <ticker/metrics/registry.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/net/signal_set.hpp>
#include <ticker/net/timer.hpp>

#include "descriptors.hpp"
#include "operations_server.hpp"
#include "options.hpp"
#include "shard.hpp"
#include "shared.hpp"

namespace ticker::tickerd {

// The whole service in one process: an ingest thread that writes the market's state, shards that serve it, and, on the
// thread that calls run(), signals, metrics and health. This class wires and stops them; it does none of their work.
class Service final : private ingest::BatchSink, private FeedDirectory {
 public:
  // `path` and `options`: where a SIGHUP reads the configuration again. From here on signals wait for run().
  // `secrets`: load_secrets() of the configuration.
  Service(config::Config config, std::string path, config::LoadOptions options,
          Secrets secrets);
  ~Service() override;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Loads the instrument tables, opens the ports, tells on standard output which, starts the threads.
  Status start();
  // Until SIGTERM or SIGINT, and everyone was sent away.
  void run();

 private:
  // the ingest thread
  void publish(std::shared_ptr<const market::Batch> batch) override;
  std::chrono::milliseconds patience() const;
  // any thread
  Timestamp last_message(std::string_view feed) const override;

  // the main thread
  Status open_operations();
  Status open_shards();
  void tell_connections() const;
  void tell_write_path() const;
  void on_signal(int signal);
  void reload();
  void refresh_feed_stats(std::vector<ingest::Ingest::NamedStats> stats);
  void begin_drain();
  void drain_shards();
  void check_drained();
  void stop_threads();

  // fixed after construction
  const std::string path_;
  const config::LoadOptions load_options_;
  const SteadyWallClock clock_;
  const Assets assets_;
  const Assets operators_assets_;

  config::Config config_;  // main thread
  const std::size_t descriptors_;
  DescriptorShares shares_;  // main thread
  Admission admission_;
  Placement placement_;
  TrustedProxies proxies_;
  TokenGate tokens_;
  std::shared_ptr<const net::ServerTls> tls_;  // main thread
  Replays replays_;
  Readiness readiness_;
  Shared shared_;

  // Guards feed_stats_: read by scrapes and /v1/feeds, written when feeds are reloaded.
  mutable std::mutex feed_stats_mutex_;
  std::vector<ingest::Ingest::NamedStats> feed_stats_;

  net::EventLoop loop_;  // of the main thread
  net::SignalSet signals_;
  metrics::Registry registry_;
  std::unique_ptr<OperationsServer> operations_;
  net::Timer drain_timer_;
  bool draining_ = false;
  Timestamp drain_deadline_ = kNoTime;

  net::EventLoop ingest_loop_;
  std::unique_ptr<ingest::Ingest> ingest_;
  std::vector<std::unique_ptr<Shard>> shards_;  // fixed once the ingest thread runs

  std::thread ingest_thread_;  // last: ends before what it uses
};

}  // namespace ticker::tickerd
