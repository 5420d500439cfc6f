#include <ticker/protocol/encoder.hpp>

#include <array>
#include <charconv>
#include <cstring>

#include "json_writer.hpp"

namespace ticker::protocol {
namespace {

using market::Decimal;
using market::Field;
using market::FieldSet;

constexpr std::size_t kLongestFieldName = 18;  // change_percent_24h

// Writes the members of an entry to a buffer that is large enough for all of them, so that no write
// is checked.
class EntryMembers {
 public:
  void add(const market::InstrumentState& state, FieldSet fields) {
    for (const Field field : fields) {
      name(field);
      if (FieldSet::decimals().has(field)) {
        decimal(state, field);
      } else {
        other(state, field);
      }
    }
  }
  std::string_view text() const {
    return {buffer_.data(), static_cast<std::size_t>(end_ - buffer_.data())};
  }

 private:
  // Comma, name in quotes, colon, decimal in quotes.
  static constexpr std::size_t kLongestMember =
      1 + kLongestFieldName + 2 + 1 + Decimal::kMaxText + 2;

  void put(std::string_view text) {
    std::memcpy(end_, text.data(), text.size());
    end_ += text.size();
  }
  void name(Field field) {
    put(",\"");
    put(market::field_name(field));
    put("\":");
  }
  void decimal(const market::InstrumentState& state, Field field) {
    if (state.values.null().has(field)) {
      put("null");
      return;
    }
    *end_++ = '"';
    end_ = state.values.decimal(field).write(end_);
    *end_++ = '"';
  }
  void other(const market::InstrumentState& state, Field field) {
    switch (field) {
      case Field::kLastSide:
        if (state.values.null().has(field)) {
          put("null");
        } else {
          put(state.values.side() == market::Side::kBuy ? "\"buy\"" : "\"sell\"");
        }
        return;
      case Field::kStale:
        return put(state.stale ? "true" : "false");
      case Field::kExchangeTimeUs:
        return time(state.exchange_time);
      case Field::kReceiveTimeUs:
        return time(state.receive_time);
      default:
        return number(state.ticks);
    }
  }
  void time(Timestamp time) {
    if (time == kNoTime) {
      put("null");
    } else {
      number(to_us(time));
    }
  }
  template <typename Number>
  void number(Number number) {
    end_ = std::to_chars(end_, buffer_.data() + buffer_.size(), number).ptr;
  }

  std::array<char, market::kFieldCount * kLongestMember> buffer_;
  char* end_ = buffer_.data();
};

void append_decimal(std::string& out, std::string_view name, const Decimal& value) {
  std::array<char, Decimal::kMaxText> buffer;
  out += name;
  out += '"';
  out.append(buffer.data(), value.write(buffer.data()));
  out += '"';
}

void append_venue(std::string& out, const market::InstrumentState& state, Field field) {
  out += field == Field::kBidVenue ? ",\"bid_venue\":" : ",\"ask_venue\":";
  if (state.values.null().has(field)) {
    out += "null";
  } else {
    append_quoted(out, state.instrument.venues[state.values.venue(field)]);
  }
}

// A message as it begins: its type, and the request's id where it had one.
JsonObject& typed(JsonObject& object, std::string_view type) { return object.text("type", type); }

JsonObject& reply(JsonObject& object, std::string_view type, const RequestId& id) {
  object.text("type", type);
  return id.json.empty() ? object : object.raw("id", id.json);
}

void append_limits(std::string& out, const Limits& limits) {
  JsonObject(out)
      .number("request_bytes", limits.request_bytes)
      .number("frame_bytes", limits.frame_bytes)
      .number("entries", limits.entries)
      .number("lanes", limits.lanes)
      .number("min_interval_ms", limits.min_interval_ms)
      .number("requests_per_s", limits.requests_per_s)
      .end();
}

// One overload a message; the members stand in the order of the contract's examples.
void write(JsonObject& object, const Hello& hello) {
  typed(object, "hello")
      .text("protocol", kProtocolName)
      .text("epoch", hello.epoch)
      .time("time_us", hello.time);
  object.number("heartbeat_ms", hello.heartbeat_ms)
      .text("auth", hello.auth_required ? "required" : "none");
  append_limits(object.value("limits"), hello.limits);
  if (hello.replay) {
    object.flag("replay", true);
  }
}

void write(JsonObject& object, const Subscribed& subscribed) {
  const bool ticker = subscribed.channel == Channel::kTicker;
  reply(object, "subscribed", subscribed.id).text("channel", channel_name(subscribed.channel));
  if (ticker) {
    object.text("lane", subscribed.settings.lane);
  }
  object.text("epoch", subscribed.epoch)
      .number("version", subscribed.version)
      .flag("resumed", subscribed.resumed);
  if (ticker) {
    object.fields("fields", subscribed.settings.fields)
        .number("interval_ms", subscribed.settings.interval_ms)
        .number("max_kbit_per_s", subscribed.settings.max_kbit_per_s);
  }
  object.texts("symbols", subscribed.symbols).number("count", subscribed.count);
  object.rejected("rejected", subscribed.rejected);
}

void write(JsonObject& object, const Unsubscribed& ended) {
  reply(object, "unsubscribed", ended.id);
  if (ended.channel) {
    object.text("channel", channel_name(*ended.channel));
  }
  switch (ended.scope) {
    case Unsubscribe::Scope::kSymbols:
      object.texts("symbols", ended.symbols);
      break;
    case Unsubscribe::Scope::kLane:
      object.text("lane", ended.lane);
      break;
    case Unsubscribe::Scope::kAll:
      object.flag("all", true);
      break;
  }
  object.number("count", ended.count);
  if (ended.scope == Unsubscribe::Scope::kSymbols) {
    object.rejected("rejected", ended.rejected);
  }
}

void write(JsonObject& object, const Authenticated& authenticated) {
  reply(object, "authenticated", authenticated.id);
  if (authenticated.expires_in_ms) {
    object.number("expires_in_ms", *authenticated.expires_in_ms);
  }
}

void write(JsonObject& object, const Pong& pong) {
  reply(object, "pong", pong.id).time("time_us", pong.time);
}

void write(JsonObject& object, const RequestError& error) {
  reply(object, "error", error.id)
      .text("code", error_code_name(error.code))
      .text("message", error.message);
}

void write(JsonObject& object, const Gap& gap) {
  typed(object, "gap").text("channel", channel_name(Channel::kTrades)).text("symbol", gap.symbol);
  object.number("from_seq", gap.from_seq);
  if (gap.missed) {
    object.number("missed", *gap.missed);
  } else {
    object.raw("missed", "null");
  }
  object.text("source", gap.source == Gap::Source::kVenue ? "venue" : "client");
}

void write(JsonObject& object, const Status& status) {
  typed(object, "status")
      .text("feed", status.feed)
      .text("state", market::feed_state_name(status.state));
  object.time("since_us", status.since).text("reason", status.reason);
}

void write(JsonObject& object, const Epoch& epoch) {
  typed(object, "epoch").text("epoch", epoch.epoch);
}

void write(JsonObject& object, const Heartbeat& heartbeat) {
  typed(object, "heartbeat").time("time_us", heartbeat.time);
}

void write(JsonObject& object, const AuthExpiring& expiring) {
  typed(object, "auth_expiring").number("expires_in_ms", expiring.expires_in_ms);
}

void write(JsonObject& object, const Goodbye& goodbye) {
  typed(object, "goodbye")
      .text("reason", goodbye.reason)
      .number("reconnect_in_ms", goodbye.reconnect_in_ms);
}

void write(JsonObject& object, const Replaying& replaying) {
  reply(object, "replaying", replaying.id)
      .text("epoch", replaying.epoch)
      .text("recording", replaying.recording)
      .time("from_us", replaying.from);
  if (replaying.to) {
    object.time("to_us", *replaying.to);
  } else {
    object.raw("to_us", "null");
  }
  if (replaying.speed == 0) {
    object.text("speed", "max");
  } else {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), replaying.speed).ptr;
    object.raw("speed", {text.data(), static_cast<std::size_t>(end - text.data())});
  }
}

void write(JsonObject& object, const ReplayState& replay) {
  constexpr std::array<std::string_view, 3> kStates = {"playing", "paused", "ended"};
  typed(object, "replay")
      .text("state", kStates[static_cast<std::size_t>(replay.state)])
      .time("position_us", replay.position);
  if (!replay.reason.empty()) {
    object.text("reason", replay.reason);
  }
}

class JsonEncoder final : public Encoder {
 public:
  void append_entry(std::string& out, const market::InstrumentState& state, FieldSet fields,
                    bool as_new) const override {
    EntryMembers members;
    const FieldSet given = fields & state.given();
    members.add(state, given - market::kVenueFields);
    out += "{\"symbol\":";
    append_quoted(out, state.instrument.symbol);
    if (as_new) {
      out += ",\"new\":true";
    }
    out += members.text();
    for (const Field field : given & market::kVenueFields) {
      append_venue(out, state, field);
    }
    out += '}';
  }

  void append_removed(std::string& out, std::string_view symbol) const override {
    out += "{\"symbol\":";
    append_quoted(out, symbol);
    out += ",\"removed\":true}";
  }

  void append_trade(std::string& out, std::string_view symbol,
                    const market::Trade& trade) const override {
    out += "{\"symbol\":";
    append_quoted(out, symbol);
    out += ",\"seq\":";
    append_number(out, trade.seq);
    out += ",\"id\":";
    append_quoted(out, trade.id.text());
    append_decimal(out, ",\"price\":", trade.price);
    append_decimal(out, ",\"size\":", trade.size);
    out += trade.side == market::Side::kBuy ? ",\"side\":\"buy\"" : ",\"side\":\"sell\"";
    if (trade.exchange_time != kNoTime) {
      out += ",\"exchange_time_us\":";
      append_number(out, static_cast<std::int64_t>(to_us(trade.exchange_time)));
    }
    out += '}';
  }

  void append_head(std::string& out, FrameKind kind, std::string_view lane,
                   std::optional<market::Version> version) const override {
    switch (kind) {
      case FrameKind::kSnapshot:
        out += "{\"type\":\"snapshot\",\"lane\":";
        break;
      case FrameKind::kDelta:
        out += "{\"type\":\"delta\",\"lane\":";
        break;
      case FrameKind::kTrades:
        out += "{\"type\":\"trades\"";
        break;
    }
    if (kind != FrameKind::kTrades) {
      append_quoted(out, lane);
    }
    if (version) {
      out += ",\"version\":";
      append_number(out, *version);
    } else {
      out += ",\"more\":true";
    }
    out += ",\"data\":[";
  }

  std::string_view separator() const override { return ","; }
  std::string_view tail() const override { return "]}"; }

  void append_message(std::string& out, const Message& message) const override {
    JsonObject object(out);
    std::visit([&](const auto& known) { write(object, known); }, message);
    object.end();
  }
};

}  // namespace

const Encoder& json_encoder() {
  static const JsonEncoder encoder;
  return encoder;
}

}  // namespace ticker::protocol
