#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/market/field.hpp>
#include <ticker/market/instrument.hpp>
#include <ticker/protocol/codes.hpp>

namespace ticker::protocol {

// Bounds on the members of a request. The client's own limits (entries, lanes, bytes) are the
// hub's. Characters are code points; of an epoch, bytes.
inline constexpr std::size_t kMaxIdCharacters = 64;
inline constexpr std::size_t kMaxLaneCharacters = 32;
inline constexpr std::size_t kMaxEpochCharacters = 64;
inline constexpr std::uint32_t kMaxIntervalMs = 3'600'000;
inline constexpr std::uint32_t kMaxKbitPerS = 10'000'000;
inline constexpr std::size_t kMaxRecordingCharacters = 128;
inline constexpr std::uint64_t kMaxTimeUs = 9'000'000'000'000'000;  // in the year 2255
inline constexpr double kLeastSpeed = 0.1;
inline constexpr double kMostSpeed = 1'000;

enum class Channel : std::uint8_t { kTicker, kTrades, kStatus };
std::string_view channel_name(Channel channel);
std::optional<Channel> channel_from_name(std::string_view name);

// A request's `id` as its JSON text (`1`, `"a"`), to be echoed as it was. Empty: the request had
// none.
struct RequestId {
  std::string json;
  friend bool operator==(const RequestId&, const RequestId&) = default;
};

// "I hold every listed field of every matched instrument as of this version of that epoch."
struct Since {
  std::string epoch;
  market::Version version = 0;
  friend bool operator==(const Since&, const Since&) = default;
};

struct Subscribe {
  RequestId id;
  Channel channel = Channel::kTicker;
  // Checked by symbol_text_fault(). Never empty: on `status` the default is `*`, elsewhere they are
  // demanded.
  std::vector<std::string> symbols;
  // Ticker only; left out: the lane keeps its value.
  std::string lane;
  std::optional<market::FieldSet> fields;
  std::optional<std::uint32_t> interval_ms;     // 0: after every change
  std::optional<std::uint32_t> max_kbit_per_s;  // 0: no limit
  std::optional<Since> since;                   // not on `status`, where it means nothing
  bool wait = false;  // a plain name that is unknown stands, and comes alive with the instrument
  friend bool operator==(const Subscribe&, const Subscribe&) = default;
};

// Ends entries: those of `channel` with these texts, or all of a lane, or all (of `channel`, where
// it was named).
struct Unsubscribe {
  enum class Scope : std::uint8_t { kSymbols, kLane, kAll };
  RequestId id;
  Scope scope = Scope::kSymbols;
  std::optional<Channel> channel;  // always set unless scope is kAll
  std::vector<std::string> symbols;
  std::string lane;
  friend bool operator==(const Unsubscribe&, const Unsubscribe&) = default;
};

struct Auth {
  RequestId id;
  std::string token;  // never logged
  friend bool operator==(const Auth&, const Auth&) = default;
};

struct Ping {
  RequestId id;
  friend bool operator==(const Ping&, const Ping&) = default;
};

// A recording is to be served in the market's stead.
struct Replay {
  RequestId id;
  std::string recording;          // checked by recording_name_fault()
  std::optional<Timestamp> from;  // nullopt: its beginning
  std::optional<Timestamp> to;    // nullopt: its end
  double speed = 1;               // times the recorded pace; 0 (`max`): no waiting
  friend bool operator==(const Replay&, const Replay&) = default;
};

struct ReplayControl {
  enum class Action : std::uint8_t { kPause, kResume, kSeek, kSpeed, kStop };
  RequestId id;
  Action action = Action::kPause;
  Timestamp to = kNoTime;  // of kSeek
  double speed = 1;        // of kSpeed; as Replay's
  friend bool operator==(const ReplayControl&, const ReplayControl&) = default;
};

using Request = std::variant<Subscribe, Unsubscribe, Auth, Ping, Replay, ReplayControl>;
// The name of the request's op, for a metric's label.
std::string_view op_name(const Request& request);

// Why a request can't be served, as the client is told. Also the `error` reply itself.
struct RequestError {
  RequestId id;
  ErrorCode code = ErrorCode::kBadRequest;
  std::string message;
  friend bool operator==(const RequestError&, const RequestError&) = default;
};

// Reads one text message of a client. Never throws; memory is bounded by a small multiple of
// `bytes`. The error names the first thing wrong; its id is the request's wherever that could be
// read.
std::variant<Request, RequestError> parse_request(std::string_view bytes);

// A recording's name is one name, never a path: letters, digits, `-`, `_` and `.`, which it does not
// begin with. Empty: it is one; else what is wrong, to follow on the name.
std::string_view recording_name_fault(std::string_view name);

// The query of `GET /v1/stream` (after the `?`): the subscription that it asks for; monostate: it
// names no symbols.
std::variant<std::monostate, Subscribe, RequestError> parse_stream_query(std::string_view query);

// The query of `GET /v1/tickers`. Left out: every symbol, every field.
struct TickersQuery {
  std::vector<std::string> symbols;
  market::FieldSet fields;
  friend bool operator==(const TickersQuery&, const TickersQuery&) = default;
};
std::variant<TickersQuery, RequestError> parse_tickers_query(std::string_view query);

}  // namespace ticker::protocol
