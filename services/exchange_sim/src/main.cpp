#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <ticker/net/event_loop.hpp>
#include <ticker/net/signal_set.hpp>
#include <ticker/venue_sim/protocol.hpp>
#include <ticker/venue_sim/venue_server.hpp>

#include "fault_script.hpp"

namespace {

using ticker::venue_sim::Tape;
using ticker::venue_sim::Timeline;
using ticker::venue_sim::VenueServer;

struct Arguments {
  VenueServer::Options server;
  std::string recording;
  std::string listen = "127.0.0.1:0";
  std::string speed = "1";
  std::vector<std::string> faults;
  std::string fault_script;
  Tape::Options tape;
};

void declare(CLI::App& app, Arguments& arguments) {
  app.add_option("--venue", arguments.server.venue,
                 "Whose protocol to speak: binance-usdm, kraken-v2, …")
      ->required();
  app.add_option("--recording", arguments.recording,
                 "Of that venue: a file, or the folder of a feed's segments")
      ->required();
  app.add_option("--listen", arguments.listen, "HOST:PORT; port 0: the system chooses")
      ->capture_default_str();
  app.add_option("--speed", arguments.speed,
                 "Times the recorded pace, or max: as fast as it is taken")
      ->capture_default_str();
  app.add_flag("--loop", arguments.server.timeline.loop,
               "Begin anew at the end, on the same connections");
  app.add_option("--start-after", arguments.server.start_after,
                 "Start once so many connections have subscribed")
      ->capture_default_str();
  app.add_option("--fault", arguments.faults,
                 "What goes wrong: disconnect:1000, refuse:SYMBOL, … (see README)");
  app.add_option("--faults", arguments.fault_script,
                 "A script of what goes wrong (YAML), see configs/faults.yaml");
  app.add_option("--max-bytes", arguments.tape.max_bytes, "Of messages held in memory")
      ->capture_default_str();
}

ticker::Status parse_listen(Arguments& arguments) {
  const auto& text = arguments.listen;
  const auto colon = text.rfind(':');
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (colon == std::string::npos || host.empty() ||
      !CLI::detail::lexical_cast(text.substr(colon + 1), arguments.server.port)) {
    return ticker::Error{"--listen '" + text + "': expected HOST:PORT, the port 0 to 65535"};
  }
  arguments.server.host = host;
  return {};
}

ticker::Status parse_speed(Arguments& arguments) {
  if (arguments.speed == "max") {
    arguments.server.timeline.speed = Timeline::kMax;
    return {};
  }
  double speed = 0;
  if (!CLI::detail::lexical_cast(arguments.speed, speed) ||
      !(speed >= 0.001 && speed <= 1'000'000)) {
    return ticker::Error{"--speed '" + arguments.speed + "': expected 0.001 to 1000000, or max"};
  }
  arguments.server.timeline.speed = speed;
  return {};
}

ticker::Status parse(Arguments& arguments) {
  if (auto venue = ticker::venue_sim::make_protocol(arguments.server.venue); !venue) {
    return venue.error();
  }
  for (const auto& text : arguments.faults) {
    auto fault = ticker::venue_sim::parse_fault(text);
    if (!fault) {
      return fault.error();
    }
    arguments.server.faults.push_back(std::move(fault).value());
  }
  const auto listen = parse_listen(arguments);
  return listen ? parse_speed(arguments) : listen;
}

int fail(const ticker::Error& error) {
  std::fprintf(stderr, "exchange_sim: %s\n", error.message.c_str());
  return 2;
}

// False: it has errors, which were told.
bool read_script(Arguments& arguments) {
  if (arguments.fault_script.empty()) {
    return true;
  }
  const auto errors =
      ticker::exchange_sim::add_fault_script(arguments.fault_script, arguments.server);
  for (const auto& error : errors) {
    std::fprintf(stderr, "%s\n", error.c_str());
  }
  return errors.empty();
}

int serve(Arguments& arguments) {
  if (const auto parsed = parse(arguments); !parsed) {
    return fail(parsed.error());
  }
  if (!read_script(arguments)) {
    return 2;
  }
  auto tape = Tape::load(arguments.recording, arguments.server.venue, arguments.tape);
  if (!tape) {
    return fail(tape.error());
  }
  for (const auto& warning : tape->warnings()) {
    std::fprintf(stderr, "exchange_sim: %s\n", warning.c_str());
  }
  ticker::net::EventLoop loop;
  const ticker::SteadyWallClock clock;
  VenueServer server(loop, clock, std::move(tape).value(), arguments.server);
  if (const auto listening = server.listen(); !listening) {
    return fail(listening.error());
  }
  const auto& host = arguments.server.host;
  std::printf("listening ws://%s:%u\n",
              host.find(':') == std::string::npos ? host.c_str() : ("[" + host + "]").c_str(),
              server.port());
  std::fflush(stdout);
  const ticker::net::SignalSet signals(loop, {SIGINT, SIGTERM}, [&](int) { loop.stop(); });
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Plays a recording over WebSocket the way its venue would");
  Arguments arguments;
  declare(app, arguments);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return "exchange_sim: " + std::string(error.what()) + "\n";
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return serve(arguments);
}
