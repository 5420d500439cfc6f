// tickerctl: the command line beside the service. Each subcommand stands in its own file.

#include <string>

#include <CLI/CLI.hpp>

#include "convert.hpp"
#include "inspect.hpp"
#include "normalize.hpp"
#include "record.hpp"
#include "replay.hpp"
#include "token.hpp"
#include "watch.hpp"

int main(int argc, char** argv) {
  constexpr int kBadUsage = 2;
  CLI::App app("Command line of Ticker", "tickerctl");
  app.set_version_flag("--version", std::string("tickerctl ") + TICKER_VERSION);
  app.require_subcommand(1);
  int exit_code = 0;
  ticker::tickerctl::add_normalize(app, exit_code);
  ticker::tickerctl::add_watch(app, exit_code);
  ticker::tickerctl::add_inspect(app, exit_code);
  ticker::tickerctl::add_record(app, exit_code);
  ticker::tickerctl::add_convert(app, exit_code);
  ticker::tickerctl::add_replay(app, exit_code);
  ticker::tickerctl::add_token(app, exit_code);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return "tickerctl: " + std::string(error.what()) + "\n";
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadUsage;
  }
  return exit_code;
}
