#include <ticker/protocol/request.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <ticker/protocol/pattern.hpp>

#include "request_reader.hpp"

namespace ticker::protocol {
namespace {

constexpr std::array<std::string_view, 3> kChannelNames = {"ticker", "trades", "status"};

using Fault = std::optional<RequestError>;

Fault take_channel(const RequestMembers& members, std::optional<Channel>& out) {
  if (!members.channel) {
    return std::nullopt;
  }
  out = channel_from_name(*members.channel);
  if (!out) {
    return RequestError{{}, ErrorCode::kUnknownChannel, "no channel " + shown(*members.channel)};
  }
  return std::nullopt;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

Fault lane_fault(std::string_view lane) {
  const auto continuation = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  const auto bytes_after_the_first = std::count_if(lane.begin(), lane.end(), continuation);
  if (lane.size() - static_cast<std::size_t>(bytes_after_the_first) > kMaxLaneCharacters) {
    return bad_request("lane is longer than 32 characters");
  }
  if (std::any_of(lane.begin(), lane.end(), is_control)) {
    return bad_request("lane has a control character");
  }
  return std::nullopt;
}

Fault take_bounded(std::string_view name, const std::optional<std::uint64_t>& given,
                   std::uint32_t most, std::optional<std::uint32_t>& out) {
  if (given && *given > most) {
    return bad_request(std::string(name) + " must be a number from 0 to " + std::to_string(most));
  }
  if (given) {
    out = static_cast<std::uint32_t>(*given);
  }
  return std::nullopt;
}

Fault take_lane(RequestMembers& members, Subscribe& out) {
  if (out.channel != Channel::kTicker) {
    if (members.lane || members.fields || members.interval_ms || members.max_kbit_per_s) {
      return bad_request("lane, fields, interval_ms and max_kbit_per_s belong to channel ticker");
    }
    return std::nullopt;
  }
  out.lane = std::move(members.lane).value_or("");
  if (auto fault = lane_fault(out.lane)) {
    return fault;
  }
  if (members.fields) {
    auto fields = make_fields(*members.fields);
    if (auto* fault = std::get_if<RequestError>(&fields)) {
      return std::move(*fault);
    }
    out.fields = std::get<market::FieldSet>(fields);
  }
  if (auto fault =
          take_bounded("interval_ms", members.interval_ms, kMaxIntervalMs, out.interval_ms)) {
    return fault;
  }
  return take_bounded("max_kbit_per_s", members.max_kbit_per_s, kMaxKbitPerS, out.max_kbit_per_s);
}

Fault fill(RequestMembers& members, Subscribe& out) {
  std::optional<Channel> channel;
  if (auto fault = take_channel(members, channel)) {
    return fault;
  }
  out.channel = channel.value_or(Channel::kTicker);
  if (out.channel == Channel::kStatus && !members.symbols) {
    members.symbols = {"*"};
  }
  out.symbols = std::move(members.symbols).value_or(std::vector<std::string>());
  if (auto fault = symbols_fault(out.symbols)) {
    return fault;
  }
  if (members.since && members.since->epoch.size() > kMaxEpochCharacters) {
    return bad_request("the epoch of since is longer than 64 characters");
  }
  if (out.channel != Channel::kStatus) {
    out.since = std::move(members.since);
  }
  out.wait = members.wait.value_or(false);
  return take_lane(members, out);
}

Fault fill(RequestMembers& members, Unsubscribe& out) {
  if (auto fault = take_channel(members, out.channel)) {
    return fault;
  }
  const bool all = members.all.value_or(false);
  const int scopes = (members.symbols ? 1 : 0) + (members.lane ? 1 : 0) + (all ? 1 : 0);
  if (scopes != 1) {
    return bad_request("unsubscribe takes one of symbols, lane and all:true");
  }
  if (all) {
    out.scope = Unsubscribe::Scope::kAll;
    return std::nullopt;
  }
  out.channel = out.channel.value_or(Channel::kTicker);
  if (members.lane) {
    out.scope = Unsubscribe::Scope::kLane;
    out.lane = std::move(*members.lane);
    return out.channel == Channel::kTicker ? lane_fault(out.lane)
                                           : bad_request("lane belongs to channel ticker");
  }
  out.symbols = std::move(*members.symbols);
  return symbols_fault(out.symbols);
}

Fault fill(RequestMembers& members, Auth& out) {
  if (!members.token) {
    return bad_request("token is missing");
  }
  out.token = std::move(*members.token);
  return std::nullopt;
}

Fault fill(RequestMembers&, Ping&) { return std::nullopt; }

Fault take_speed(const std::optional<std::string>& given, double& out) {
  if (!given) {
    return std::nullopt;
  }
  if (*given == kMaxSpeed) {
    out = 0;
    return std::nullopt;
  }
  const auto [end, fault] = std::from_chars(given->data(), given->data() + given->size(), out);
  if (fault != std::errc() || end != given->data() + given->size() || out < kLeastSpeed ||
      out > kMostSpeed) {
    return bad_request("speed must be a number from 0.1 to 1000, or \"max\"");
  }
  return std::nullopt;
}

Fault take_time(std::string_view name, const std::optional<std::uint64_t>& given,
                std::optional<Timestamp>& out) {
  if (given && *given > kMaxTimeUs) {
    return bad_request(std::string(name) + " must be a number from 0 to " +
                       std::to_string(kMaxTimeUs));
  }
  if (given) {
    out = from_us(static_cast<std::int64_t>(*given));
  }
  return std::nullopt;
}

Fault fill(RequestMembers& members, Replay& out) {
  if (!members.recording) {
    return bad_request("recording is missing");
  }
  if (const auto fault = recording_name_fault(*members.recording); !fault.empty()) {
    return bad_request("the recording " + shown(*members.recording) + " " + std::string(fault));
  }
  out.recording = std::move(*members.recording);
  if (auto fault = take_time("from_us", members.from_us, out.from)) {
    return fault;
  }
  if (auto fault = take_time("to_us", members.to_us, out.to)) {
    return fault;
  }
  if (out.from && out.to && *out.to < *out.from) {
    return bad_request("to_us lies before from_us");
  }
  return take_speed(members.speed, out.speed);
}

Fault fill(RequestMembers& members, ReplayControl& out) {
  constexpr std::array<std::string_view, 5> kActions = {"pause", "resume", "seek", "speed", "stop"};
  const auto action = std::find(kActions.begin(), kActions.end(), members.action.value_or(""));
  if (action == kActions.end()) {
    return bad_request("action must be pause, resume, seek, speed or stop");
  }
  out.action = static_cast<ReplayControl::Action>(action - kActions.begin());
  if (out.action == ReplayControl::Action::kSeek) {
    if (!members.to_us) {
      return bad_request("seek takes to_us");
    }
    std::optional<Timestamp> to;
    auto fault = take_time("to_us", members.to_us, to);
    out.to = to.value_or(kNoTime);
    return fault;
  }
  if (out.action != ReplayControl::Action::kSpeed) {
    return std::nullopt;
  }
  return members.speed ? take_speed(members.speed, out.speed) : bad_request("speed takes speed");
}

template <typename Kind>
std::variant<Request, RequestError> make(RequestMembers& members) {
  Kind request;
  request.id = members.id;
  if (auto fault = fill(members, request)) {
    fault->id = std::move(members.id);
    return std::move(*fault);
  }
  return Request(std::move(request));
}

}  // namespace

std::string_view channel_name(Channel channel) {
  return kChannelNames[static_cast<std::size_t>(channel)];
}

std::optional<Channel> channel_from_name(std::string_view name) {
  const auto found = std::find(kChannelNames.begin(), kChannelNames.end(), name);
  if (found == kChannelNames.end()) {
    return std::nullopt;
  }
  return static_cast<Channel>(found - kChannelNames.begin());
}

std::string_view op_name(const Request& request) {
  constexpr std::array<std::string_view, std::variant_size_v<Request>> kNames = {
      "subscribe", "unsubscribe", "auth", "ping", "replay", "replay_control"};
  return kNames[request.index()];
}

std::variant<Request, RequestError> parse_request(std::string_view bytes) {
  RequestMembers members = read_request(bytes);
  RequestError error = bad_request(std::move(members.fault));
  if (error.message.empty() && !members.op) {
    error.message = "op is missing";
  }
  if (!error.message.empty()) {
    error.id = std::move(members.id);
    return error;
  }
  if (*members.op == "subscribe") {
    return make<Subscribe>(members);
  }
  if (*members.op == "unsubscribe") {
    return make<Unsubscribe>(members);
  }
  if (*members.op == "auth") {
    return make<Auth>(members);
  }
  if (*members.op == "ping") {
    return make<Ping>(members);
  }
  if (*members.op == "replay") {
    return make<Replay>(members);
  }
  if (*members.op == "replay_control") {
    return make<ReplayControl>(members);
  }
  return RequestError{std::move(members.id), ErrorCode::kUnknownOp, "no op " + shown(*members.op)};
}

std::string_view recording_name_fault(std::string_view name) {
  constexpr std::string_view kOther = "-_.";
  const auto may_stand = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOther.find(c) != std::string_view::npos;
  };
  if (name.empty() || name.front() == '.' || !std::all_of(name.begin(), name.end(), may_stand)) {
    return "is no name of letters, digits, -, _ and .";
  }
  return name.size() > kMaxRecordingCharacters ? "is longer than 128 characters"
                                               : std::string_view();
}

std::variant<Subscribe, RequestError> make_subscribe(RequestMembers&& members) {
  Subscribe request;
  if (auto fault = fill(members, request)) {
    return std::move(*fault);
  }
  return request;
}

std::variant<market::FieldSet, RequestError> make_fields(const std::vector<std::string>& names) {
  if (names.empty()) {
    return bad_request("fields must name at least one field");
  }
  market::FieldSet fields;
  for (const auto& name : names) {
    const auto field = market::field_from_name(name);
    if (!field) {
      return RequestError{{}, ErrorCode::kUnknownField, "no field " + shown(name)};
    }
    fields.add(*field);
  }
  return fields;
}

std::optional<RequestError> symbols_fault(const std::vector<std::string>& symbols) {
  if (symbols.empty()) {
    return bad_request("symbols must name at least one symbol or pattern");
  }
  for (const auto& symbol : symbols) {
    const std::string_view fault = symbol_text_fault(symbol);
    if (!fault.empty()) {
      return bad_request("the symbol " + shown(symbol) + " " + std::string(fault));
    }
  }
  return std::nullopt;
}

RequestError bad_request(std::string message) {
  return {{}, ErrorCode::kBadRequest, std::move(message)};
}

}  // namespace ticker::protocol
