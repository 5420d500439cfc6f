// The command line of the service: reads the configuration, runs until it is told to stop.

#include <csignal>

#include <iostream>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include <ticker/config/load.hpp>
#include <ticker/ingest/ingest.hpp>

#include "options.hpp"
#include "service.hpp"

namespace {

constexpr int kBadUsage = 2;

// A SIGHUP that comes before the service is there to take it ends the process, unless it is held until then.
void hold_reloads(bool held) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(held ? SIG_BLOCK : SIG_UNBLOCK, &signals, nullptr);
}

int run(const std::string& path, bool check_only) {
  auto options = ticker::tickerd::load_options();
  auto loaded = ticker::config::load_file(path, options);
  for (const auto& error : loaded.errors) {
    std::cerr << error << '\n';
  }
  if (!loaded.ok()) {
    return kBadUsage;
  }
  if (const auto checked = ticker::ingest::Ingest::check(ticker::tickerd::feed_options(loaded.config)); !checked.ok()) {
    std::cerr << path << ": " << checked.error().message << '\n';
    return kBadUsage;
  }
  auto secrets = ticker::tickerd::load_secrets(loaded.config.server);
  if (!secrets.ok()) {
    std::cerr << path << ": " << secrets.error().message << '\n';
    return kBadUsage;
  }
  if (check_only) {
    return 0;
  }
  ticker::tickerd::Service service(std::move(loaded.config), path, std::move(options), std::move(secrets).value());
  hold_reloads(false);
  if (const auto status = service.start(); !status.ok()) {
    std::cerr << "tickerd: " << status.error().message << '\n';
    return kBadUsage;
  }
  service.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  hold_reloads(true);
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app("Ticker: market prices of many venues, over WebSocket and HTTP");
  app.set_version_flag("--version", std::string("tickerd ") + TICKER_VERSION);
  std::string path;
  bool check_only = false;
  app.add_option("--config", path, "The configuration (YAML)")->type_name("FILE")->required();
  app.add_flag("--check-config", check_only, "Check the configuration and exit: 0, or 2 with every error");
  app.failure_message([](const CLI::App*, const CLI::Error& error) { return "tickerd: " + std::string(error.what()) + "\n"; });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadUsage;
  }
  return run(path, check_only);
}
