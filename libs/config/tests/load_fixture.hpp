#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <ticker/config/load.hpp>

namespace ticker::config {

// Loads with one venue adapter known and one variable, SECRET, in the environment.
inline LoadOptions test_options() {
  LoadOptions options;
  options.adapters = {"binance-spot", "kraken-v2"};
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "SECRET") {
      return "s3cr3t-value";
    }
    return name == "PORT" ? std::optional<std::string>{"8443"} : std::nullopt;
  };
  return options;
}

inline Loaded load(std::string_view text) { return load_text(text, "t.yaml", test_options()); }

// The least that `feeds` needs, for tests of something else.
inline constexpr const char* kFeed = "feeds: [{name: demo, adapter: simulator}]\n";

}  // namespace ticker::config
