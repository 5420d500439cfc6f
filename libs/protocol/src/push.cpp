#include <ticker/protocol/push.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "json_value.hpp"
#include "member_reader.hpp"
#include "request_reader.hpp"

namespace ticker::protocol {
namespace {

using market::Field;
using market::FieldSet;

std::optional<market::Side> side_from_name(std::string_view name) {
  if (name != "buy" && name != "sell") {
    return std::nullopt;
  }
  return name == "buy" ? market::Side::kBuy : market::Side::kSell;
}

std::optional<market::FeedState> feed_state_from_name(std::string_view name) {
  using market::FeedState;
  for (const FeedState state :
       {FeedState::kDown, FeedState::kConnecting, FeedState::kStale, FeedState::kLive}) {
    if (market::feed_state_name(state) == name) {
      return state;
    }
  }
  return std::nullopt;
}

Entry read_entry(MemberReader& from) {
  Entry entry;
  entry.symbol = from.text("symbol");
  entry.as_new = from.flag_or("new", false);
  entry.removed = from.flag_or("removed", false);
  for (const Field field : FieldSet::all()) {
    const std::string_view name = market::field_name(field);
    if (!from.has(name)) {
      continue;
    }
    entry.fields.add(field);
    const bool null = from.nullable(name) == nullptr;
    if (null && (FieldSet::decimals() | Field::kLastSide | market::kVenueFields).has(field)) {
      entry.values.set_null(field);
    } else if (market::kVenueFields.has(field)) {
      const std::uint8_t side = field == Field::kBidVenue ? 0 : 1;
      entry.venues[side] = from.text(name);
      entry.values.set_venue(field, side);
    } else if (FieldSet::decimals().has(field)) {
      entry.values.set(field, from.decimal(name));
    } else if (field == Field::kLastSide) {
      entry.values.set_side(from.named(name, side_from_name));
    } else if (field == Field::kStale) {
      entry.stale = from.flag(name);
    } else if (field == Field::kTicks) {
      entry.ticks = from.number(name);
    } else {
      (field == Field::kExchangeTimeUs ? entry.exchange_time : entry.receive_time) =
          null ? kNoTime : from.time(name);
    }
  }
  return entry;
}

TradeEntry read_trade(MemberReader& from) {
  TradeEntry entry;
  entry.symbol = from.text("symbol");
  entry.trade.seq = from.number("seq");
  entry.trade.id = market::TradeId(from.text("id"));
  entry.trade.price = from.decimal("price");
  entry.trade.size = from.decimal("size");
  entry.trade.side = from.named("side", side_from_name);
  if (from.has("exchange_time_us")) {
    entry.trade.exchange_time = from.time("exchange_time_us");
  }
  return entry;
}

std::optional<market::Version> read_version(MemberReader& from) {
  if (from.flag_or("more", false)) {
    return std::nullopt;
  }
  return from.number("version");
}

Push read_entries(MemberReader& from, FrameKind kind) {
  EntryFrame frame;
  frame.kind = kind;
  frame.lane = from.text("lane");
  frame.version = read_version(from);
  frame.data = from.list<Entry>("data", read_entry);
  return frame;
}

Push read_trades(MemberReader& from) {
  TradesFrame frame;
  frame.version = read_version(from);
  frame.data = from.list<TradeEntry>("data", read_trade);
  return frame;
}

Message read_hello(MemberReader& from) {
  Hello hello{from.text("epoch"),
              from.time("time_us"),
              from.number("heartbeat_ms"),
              from.text("auth") == "required",
              {},
              false};
  MemberReader limits = from.object("limits");
  hello.limits = {limits.number("request_bytes"),   limits.number("frame_bytes"),
                  limits.number("entries"),         limits.number("lanes"),
                  limits.number("min_interval_ms"), limits.number("requests_per_s")};
  hello.replay = from.flag_or("replay", false);
  return hello;
}

Message read_subscribed(MemberReader& from) {
  Subscribed read;
  read.id = from.id();
  read.channel = from.named("channel", channel_from_name);
  if (read.channel == Channel::kTicker) {
    read.settings = {from.text("lane"), from.fields("fields"), from.small_number("interval_ms"),
                     from.small_number("max_kbit_per_s")};
  }
  read.epoch = from.text("epoch");
  read.version = from.number("version");
  read.resumed = from.flag("resumed");
  read.symbols = from.texts("symbols");
  read.count = from.number("count");
  read.rejected = from.rejected("rejected");
  return read;
}

Message read_unsubscribed(MemberReader& from) {
  Unsubscribed read;
  read.id = from.id();
  if (from.has("channel")) {
    read.channel = from.named("channel", channel_from_name);
  }
  read.count = from.number("count");
  if (from.has("lane")) {
    read.scope = Unsubscribe::Scope::kLane;
    read.lane = from.text("lane");
  } else if (from.flag_or("all", false)) {
    read.scope = Unsubscribe::Scope::kAll;
  } else {
    read.symbols = from.texts("symbols");
    read.rejected = from.rejected("rejected");
  }
  return read;
}

Message read_authenticated(MemberReader& from) {
  Authenticated read{from.id(), std::nullopt};
  if (from.has("expires_in_ms")) {
    read.expires_in_ms = from.number("expires_in_ms");
  }
  return read;
}

Message read_gap(MemberReader& from) {
  Gap gap{from.text("symbol"), from.number("from_seq"), std::nullopt, Gap::Source::kClient};
  if (from.nullable("missed") != nullptr) {
    gap.missed = from.number("missed");
  }
  const std::string source = from.text("source");
  if (source != "client" && source != "venue") {
    from.wrong("source", "is not known");
  }
  gap.source = source == "venue" ? Gap::Source::kVenue : Gap::Source::kClient;
  return gap;
}

Message read_status(MemberReader& from) {
  return Status{from.text("feed"), from.named("state", feed_state_from_name), from.time("since_us"),
                from.text("reason")};
}

Message read_replaying(MemberReader& from) {
  Replaying read{from.id(), from.text("epoch"), from.text("recording"), from.time("from_us"),
                 std::nullopt, 0};
  if (from.nullable("to_us") != nullptr) {
    read.to = from.time("to_us");
  }
  const JsonValue* const speed = from.nullable("speed");
  if (speed != nullptr && speed->is(JsonValue::Kind::kNumber)) {
    std::from_chars(speed->text.data(), speed->text.data() + speed->text.size(), read.speed);
  } else if (from.text("speed") != kMaxSpeed) {
    from.wrong("speed", "is not known");
  }
  return read;
}

std::optional<ReplayState::State> replay_state_from_name(std::string_view name) {
  constexpr std::array<std::string_view, 3> kStates = {"playing", "paused", "ended"};
  const auto* const found = std::find(kStates.begin(), kStates.end(), name);
  return found == kStates.end() ? std::nullopt
                                : std::optional(static_cast<ReplayState::State>(found - kStates.begin()));
}

Message read_replay(MemberReader& from) {
  return ReplayState{from.named("state", replay_state_from_name), from.time("position_us"),
                     from.has("reason") ? from.text("reason") : ""};
}

using ReadPush = Push (*)(MemberReader&);
struct Type {
  std::string_view name;
  ReadPush read;
};
constexpr auto kTypes = std::to_array<Type>({
    {"snapshot", [](MemberReader& from) { return read_entries(from, FrameKind::kSnapshot); }},
    {"delta", [](MemberReader& from) { return read_entries(from, FrameKind::kDelta); }},
    {"trades", read_trades},
    {"hello", [](MemberReader& from) -> Push { return read_hello(from); }},
    {"subscribed", [](MemberReader& from) -> Push { return read_subscribed(from); }},
    {"unsubscribed", [](MemberReader& from) -> Push { return read_unsubscribed(from); }},
    {"authenticated", [](MemberReader& from) -> Push { return read_authenticated(from); }},
    {"pong",
     [](MemberReader& from) -> Push {
       return Message(Pong{from.id(), from.time("time_us")});
     }},
    {"error",
     [](MemberReader& from) -> Push {
       return Message(
           RequestError{from.id(), from.named("code", error_code_from_name), from.text("message")});
     }},
    {"gap", [](MemberReader& from) -> Push { return read_gap(from); }},
    {"status", [](MemberReader& from) -> Push { return read_status(from); }},
    {"epoch", [](MemberReader& from) -> Push { return Message(Epoch{from.text("epoch")}); }},
    {"heartbeat",
     [](MemberReader& from) -> Push { return Message(Heartbeat{from.time("time_us")}); }},
    {"auth_expiring",
     [](MemberReader& from) -> Push {
       return Message(AuthExpiring{from.number("expires_in_ms")});
     }},
    {"replaying", [](MemberReader& from) -> Push { return read_replaying(from); }},
    {"replay", [](MemberReader& from) -> Push { return read_replay(from); }},
    {"goodbye",
     [](MemberReader& from) -> Push {
       return Message(Goodbye{from.text("reason"), from.number("reconnect_in_ms")});
     }},
});

}  // namespace

std::string Entry::text(market::Field field) const {
  const auto time = [](Timestamp at) {
    return at == kNoTime ? std::string("null") : std::to_string(to_us(at));
  };
  switch (field) {
    case Field::kStale:
      return stale ? "true" : "false";
    case Field::kExchangeTimeUs:
      return time(exchange_time);
    case Field::kReceiveTimeUs:
      return time(receive_time);
    case Field::kTicks:
      return std::to_string(ticks);
    default:
      break;
  }
  if (values.null().has(field)) {
    return "null";
  }
  if (market::kVenueFields.has(field)) {
    return venues[values.venue(field)];
  }
  return field == Field::kLastSide ? std::string(market::side_name(values.side()))
                                   : values.decimal(field).text();
}

bool operator==(const Entry& a, const Entry& b) {
  if (a.symbol != b.symbol || a.fields != b.fields) {
    return false;
  }
  for (const Field field : a.fields) {
    if (a.text(field) != b.text(field)) {
      return false;
    }
  }
  return true;
}

std::variant<Push, PushError> parse_push(std::string_view bytes) {
  std::string fault;
  const auto json = parse_json(bytes, fault);
  if (!json) {
    return PushError{fault};
  }
  MemberReader reader(*json, fault);
  const std::string type = reader.text("type");
  for (const Type& known : kTypes) {
    if (known.name == type) {
      Push push = known.read(reader);
      return fault.empty() ? std::variant<Push, PushError>(std::move(push)) : PushError{fault};
    }
  }
  return PushError{fault.empty() ? "no message of type " + shown(type) + " is known" : fault};
}

std::variant<Tickers, PushError> parse_tickers(std::string_view bytes) {
  std::string fault;
  const auto json = parse_json(bytes, fault);
  if (!json) {
    return PushError{fault};
  }
  MemberReader reader(*json, fault);
  Tickers tickers{reader.text("epoch"), reader.number("version"),
                  reader.list<Entry>("data", read_entry), reader.rejected("rejected")};
  return fault.empty() ? std::variant<Tickers, PushError>(std::move(tickers)) : PushError{fault};
}

}  // namespace ticker::protocol
