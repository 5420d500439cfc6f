#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ticker::config {

// A script of what a simulated venue does wrong (`exchange_sim --faults`), as the file says it.
// What is not there is left to the kind of fault.
struct FaultScript {
  struct Entry {
    std::string fault;                  // one of FaultScriptOptions::kinds
    std::string venue;                  // only at this one; empty: at all
    std::string symbol;                 // covers only its messages; empty: all
    std::string channel;                // the same of a channel
    std::chrono::milliseconds from{0};  // of the recording
    std::size_t after = 0;              // messages before it strikes
    std::size_t every = 0;              // messages until it strikes again; 0: once a connection
    std::optional<std::size_t> times;   // strikes on all connections together; 0: no limit
    double probability = 0;             // of each message; 0: by count alone
    std::optional<std::size_t> messages;
    std::optional<std::size_t> places;
    std::optional<std::chrono::milliseconds> by;
    std::optional<std::uint16_t> code;
  };

  std::uint64_t seed = 0;  // of what probabilities decide
  std::vector<Entry> faults;
};

// What there is, of which this lib knows nothing.
struct FaultScriptOptions {
  struct Kind {
    std::string name;
    bool holds = false;  // all the time: nothing says when it strikes
    bool needs_symbol = false;
    bool takes_messages = false;
    bool takes_places = false;
    bool takes_code = false;
    // Of `ms`, which it then needs; both 0: it takes none.
    std::chrono::milliseconds least{0};
    std::chrono::milliseconds most{0};
  };

  std::vector<Kind> kinds;
  std::vector<std::string> venues;
};

// A script, or every error of its file, as of a configuration.
struct LoadedFaultScript {
  FaultScript script;  // meaningful only if ok()
  std::vector<std::string> errors;

  bool ok() const { return errors.empty(); }
};

// As strict as load_file(). Blocking; any thread.
LoadedFaultScript load_fault_script(const std::string& path, const FaultScriptOptions& options);
// The same from text; `name` stands for the file in errors.
LoadedFaultScript load_fault_script_text(std::string_view text, const std::string& name,
                                         const FaultScriptOptions& options);
// Every key there is.
std::vector<std::string> known_fault_keys();

}  // namespace ticker::config
