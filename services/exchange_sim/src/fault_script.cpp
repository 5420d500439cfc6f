#include "fault_script.hpp"

#include <algorithm>

#include <ticker/config/fault_script.hpp>
#include <ticker/venue_sim/protocol.hpp>

namespace ticker::exchange_sim {
namespace {

using namespace std::chrono_literals;
using venue_sim::Fault;
using venue_sim::FaultForm;

constexpr std::chrono::milliseconds kLongestDelay = 10min;
constexpr std::chrono::milliseconds kMostShift = 24h;

config::FaultScriptOptions options() {
  config::FaultScriptOptions options;
  options.venues = venue_sim::protocol_names();
  for (const auto& form : venue_sim::fault_forms()) {
    using Argument = FaultForm::Argument;
    config::FaultScriptOptions::Kind kind{form.name};
    kind.holds = form.fault.holds();
    kind.needs_symbol = form.fault.kind == Fault::Kind::kRefuse;
    kind.takes_messages = form.argument == Argument::kMessages;
    kind.takes_places = form.argument == Argument::kPlaces;
    kind.takes_code = form.argument == Argument::kCode;
    if (form.argument == Argument::kDelay) {
      kind.least = 1ms;
      kind.most = kLongestDelay;
    } else if (form.argument == Argument::kShift) {
      kind.least = -kMostShift;
      kind.most = kMostShift;
    }
    options.kinds.push_back(std::move(kind));
  }
  return options;
}

Fault fault_of(const config::FaultScript::Entry& entry) {
  const auto& forms = venue_sim::fault_forms();
  Fault fault = std::find_if(forms.begin(), forms.end(), [&](const FaultForm& form) {
                  return form.name == entry.fault;
                })->fault;
  fault.after = entry.after;
  fault.symbol = entry.symbol;
  fault.channel = entry.channel;
  fault.from = entry.from;
  fault.every = entry.every;
  fault.probability = entry.probability;
  const bool comes_again = entry.every > 0 || entry.probability > 0;
  fault.times = entry.times.value_or(comes_again ? 0 : fault.times);
  fault.messages = entry.messages.value_or(fault.messages);
  fault.places = entry.places.value_or(fault.places);
  fault.by = entry.by.value_or(fault.by);
  fault.code = entry.code.value_or(fault.code);
  return fault;
}

}  // namespace

std::vector<std::string> add_fault_script(const std::string& path,
                                          venue_sim::VenueServer::Options& server) {
  const auto loaded = config::load_fault_script(path, options());
  if (!loaded.ok()) {
    return loaded.errors;
  }
  server.seed = loaded.script.seed;
  for (const auto& entry : loaded.script.faults) {
    if (entry.venue.empty() || entry.venue == server.venue) {
      server.faults.push_back(fault_of(entry));
    }
  }
  return {};
}

}  // namespace ticker::exchange_sim
