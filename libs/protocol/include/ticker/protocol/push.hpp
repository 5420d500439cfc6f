#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/market/update.hpp>
#include <ticker/protocol/encoder.hpp>
#include <ticker/protocol/message.hpp>

namespace ticker::protocol {

// The client's side: what a server sent, read back. For tickerctl, tests and load clients.

// One instrument of a snapshot or delta, or what a client holds of it.
struct Entry {
  std::string symbol;
  bool as_new = false;         // `new`: replaces what is held
  bool removed = false;        // the instrument ended; nothing else is set
  market::FieldSet fields;     // members that stand in the entry, null ones included
  market::FieldValues values;  // decimals, last_side and venues of `fields`
  std::array<std::string, 2> venues;  // what values.venue() counts through: of bid, of ask
  bool stale = false;
  Timestamp exchange_time = kNoTime;  // kNoTime: null
  Timestamp receive_time = kNoTime;
  std::uint64_t ticks = 0;

  // The field as plain text: `61800.20`, `buy`, `true`, `null`. Requires: fields.has(field).
  std::string text(market::Field field) const;
  // Same symbol, same fields with the same text.
  friend bool operator==(const Entry& a, const Entry& b);
};

struct EntryFrame {
  FrameKind kind = FrameKind::kSnapshot;
  std::string lane;
  std::optional<market::Version> version;  // nullopt: more frames of the pass follow
  std::vector<Entry> data;
};

struct TradeEntry {
  std::string symbol;
  market::Trade trade;  // instrument, receive_time and version are not on the wire
};

struct TradesFrame {
  std::optional<market::Version> version;  // nullopt: more frames follow
  std::vector<TradeEntry> data;
};

using Push = std::variant<EntryFrame, TradesFrame, Message>;

// What is wrong with bytes that should be a server's message.
struct PushError {
  std::string message;
};

// Members that it does not know are passed over: a later server may send more.
std::variant<Push, PushError> parse_push(std::string_view bytes);

// The body of `/v1/tickers`.
struct Tickers {
  std::string epoch;
  market::Version version = 0;
  std::vector<Entry> data;
  std::vector<Rejected> rejected;
};
std::variant<Tickers, PushError> parse_tickers(std::string_view bytes);

}  // namespace ticker::protocol
