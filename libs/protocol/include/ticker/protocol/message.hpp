#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/market/feed_status.hpp>
#include <ticker/market/field.hpp>
#include <ticker/market/instrument.hpp>
#include <ticker/protocol/request.hpp>

namespace ticker::protocol {

inline constexpr std::string_view kProtocolName = "ticker.v1";
inline constexpr std::string_view kJsonSubprotocol = "ticker.v1.json";

// What the server says but for the frames of data (encoder.hpp): one struct a message, members as
// on the wire (proto/README.md, proto/schemas).

struct Limits {
  std::uint64_t request_bytes = 0;
  std::uint64_t frame_bytes = 0;
  std::uint64_t entries = 0;
  std::uint64_t lanes = 0;
  std::uint64_t min_interval_ms = 0;
  std::uint64_t requests_per_s = 0;
  friend bool operator==(const Limits&, const Limits&) = default;
};

struct Hello {
  std::string epoch;
  Timestamp time;
  std::uint64_t heartbeat_ms = 0;
  bool auth_required = false;
  Limits limits;
  bool replay = false;  // recordings can be replayed here
  friend bool operator==(const Hello&, const Hello&) = default;
};

struct Rejected {
  std::string symbol;
  ErrorCode code = ErrorCode::kUnknownSymbol;
  friend bool operator==(const Rejected&, const Rejected&) = default;
};

// The effective values of a lane.
struct LaneSettings {
  std::string lane;
  market::FieldSet fields;
  std::uint32_t interval_ms = 0;
  std::uint32_t max_kbit_per_s = 0;  // 0: no limit
  friend bool operator==(const LaneSettings&, const LaneSettings&) = default;
};

struct Subscribed {
  RequestId id;
  Channel channel = Channel::kTicker;
  LaneSettings settings;  // ticker only
  std::string epoch;
  market::Version version = 0;
  bool resumed = false;
  std::vector<std::string> symbols;  // the accepted entries as written
  std::uint64_t count = 0;           // instruments (on `status`: feeds) that they match now
  std::vector<Rejected> rejected;
  friend bool operator==(const Subscribed&, const Subscribed&) = default;
};

struct Unsubscribed {
  RequestId id;
  Unsubscribe::Scope scope = Unsubscribe::Scope::kSymbols;
  std::optional<Channel> channel;
  std::string lane;                  // scope kLane only
  std::vector<std::string> symbols;  // scope kSymbols only: the texts that ended
  std::uint64_t count = 0;           // entries that ended
  std::vector<Rejected> rejected;    // scope kSymbols only
  friend bool operator==(const Unsubscribed&, const Unsubscribed&) = default;
};

struct Authenticated {
  RequestId id;
  std::optional<std::uint64_t> expires_in_ms;  // nullopt: no end
  friend bool operator==(const Authenticated&, const Authenticated&) = default;
};

struct Pong {
  RequestId id;
  Timestamp time;
  friend bool operator==(const Pong&, const Pong&) = default;
};

// Trades that the client did not get.
struct Gap {
  enum class Source : std::uint8_t { kClient, kVenue };
  std::string symbol;
  // The first trade missed; kVenue: the first one after the loss, since lost ones never had a seq.
  // 0: not known.
  std::uint64_t from_seq = 0;
  std::optional<std::uint64_t> missed;  // nullopt: it is not known how many
  Source source = Source::kClient;
  friend bool operator==(const Gap&, const Gap&) = default;
};

// The adapter's name is not part of it.
struct Status {
  std::string feed;
  market::FeedState state = market::FeedState::kConnecting;
  Timestamp since;
  std::string reason;
  friend bool operator==(const Status&, const Status&) = default;
};

struct Epoch {
  std::string epoch;
  friend bool operator==(const Epoch&, const Epoch&) = default;
};

struct Heartbeat {
  Timestamp time;
  friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

struct AuthExpiring {
  std::uint64_t expires_in_ms = 0;
  friend bool operator==(const AuthExpiring&, const AuthExpiring&) = default;
};

struct Goodbye {
  std::string reason;
  std::uint64_t reconnect_in_ms = 0;
  friend bool operator==(const Goodbye&, const Goodbye&) = default;
};

// The reply to `replay` and `replay_control`: the values that hold now.
struct Replaying {
  RequestId id;
  std::string epoch;
  std::string recording;
  Timestamp from;
  std::optional<Timestamp> to;  // nullopt: the recording's end
  double speed = 1;             // 0: `max`
  friend bool operator==(const Replaying&, const Replaying&) = default;
};

struct ReplayState {
  enum class State : std::uint8_t { kPlaying, kPaused, kEnded };
  State state = State::kPlaying;
  Timestamp position;
  std::string reason;  // of ended: what could not be read, or why it ended by itself; empty: nothing
  friend bool operator==(const ReplayState&, const ReplayState&) = default;
};

using Message = std::variant<Hello, Subscribed, Unsubscribed, Authenticated, Pong, RequestError,
                             Gap, Status, Epoch, Heartbeat, AuthExpiring, Goodbye, Replaying,
                             ReplayState>;

}  // namespace ticker::protocol
