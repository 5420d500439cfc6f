#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <ticker/base/clock.hpp>
#include <ticker/hub/symbol_filter.hpp>
#include <ticker/market/field.hpp>

namespace ticker::hub {

// What a client may see, and how often. What it may not see does not exist for it. Immutable; any
// thread.
struct Access {
  SymbolFilter symbols;
  market::FieldSet fields = market::FieldSet::all();  // `stale` goes with anything
  std::chrono::milliseconds min_interval{0};          // least time between two deltas of a lane …
  // … and of two subscriptions or one-off reads, once so many came together. They bring values too.
  static constexpr std::int64_t kReadsAtOnce = 8;

  bool allows(market::FieldSet asked) const {
    return (fields | market::Field::kStale).contains(asked);
  }
  // A trade tells what these fields do.
  bool allows_trades() const { return fields.contains(market::kLastFields); }
  // Equal for those that allow the same; empty: everything.
  std::string key() const;
};

// What a good token gives to a connection.
struct Grant {
  std::shared_ptr<const Access> access;
  std::optional<Timestamp> expires_at;  // of the hub's time; nullopt: never
};

// Why a token gives nothing.
struct Denial {
  enum class Why : std::uint8_t {
    kNoGood,
    kLimitReached,  // it is good, but its owner has as many connections as it may
    kTooOften,      // it was not looked at, after too many that were no good
  };
  std::string message;  // for the client
  Why why = Why::kNoGood;
};

using Authentication = std::variant<Grant, Denial>;

}  // namespace ticker::hub
