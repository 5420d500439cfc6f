#include <ticker/protocol/push.hpp>

#include <array>
#include <charconv>
#include <utility>

#include "json_value.hpp"
#include "request_reader.hpp"

namespace ticker::protocol {
namespace {

using market::Decimal;
using market::Field;
using market::FieldSet;
using Kind = JsonValue::Kind;

// Takes members out of one object, and remembers the first that was not as it must be.
class Reader {
 public:
  Reader(const JsonValue& object, std::string& fault) : object_(object), fault_(fault) {
    if (!object.is(Kind::kObject)) {
      wrong("a message or an entry", "is no object");
    }
  }

  bool has(std::string_view name) const { return object_.find(name) != nullptr; }
  bool flag(std::string_view name) { return get(name, Kind::kBool).truth; }
  bool flag_or(std::string_view name, bool otherwise) { return has(name) ? flag(name) : otherwise; }
  std::string text(std::string_view name) { return get(name, Kind::kString).text; }
  std::uint64_t number(std::string_view name) { return whole<std::uint64_t>(name); }
  std::uint32_t small_number(std::string_view name) { return whole<std::uint32_t>(name); }
  Timestamp time(std::string_view name) { return from_us(whole<std::int64_t>(name)); }
  RequestId id() {
    const JsonValue* const found = object_.find("id");
    return found == nullptr ? RequestId() : RequestId{std::string(found->raw)};
  }
  // nullptr: the member is null.
  const JsonValue* nullable(std::string_view name) {
    const JsonValue* const found = object_.find(name);
    if (found == nullptr) {
      wrong(name, "is missing");
    }
    return found == nullptr || found->is(Kind::kNull) ? nullptr : found;
  }
  const JsonValue& get(std::string_view name, Kind kind) {
    static const JsonValue nothing;
    const JsonValue* const found = object_.find(name);
    if (found == nullptr || !found->is(kind)) {
      wrong(name, found == nullptr ? "is missing" : "is of another type");
      return nothing;
    }
    return *found;
  }
  // The value that a text stands for; `from_name` gives an optional.
  template <typename FromName>
  auto named(std::string_view name, FromName&& from_name) {
    const auto found = from_name(text(name));
    if (!found) {
      wrong(name, "is not known");
    }
    return found.value_or(typename std::decay_t<decltype(found)>::value_type());
  }
  Decimal decimal(std::string_view name) {
    Decimal value;
    if (Decimal::parse(text(name), value) != Decimal::ParseResult::kOk) {
      wrong(name, "is no decimal");
    }
    return value;
  }
  std::vector<std::string> texts(std::string_view name) {
    std::vector<std::string> all;
    for (const JsonValue& item : get(name, Kind::kArray).items) {
      if (!item.is(Kind::kString)) {
        wrong(name, "holds something else than texts");
      }
      all.push_back(item.text);
    }
    return all;
  }
  FieldSet fields(std::string_view name) {
    FieldSet set;
    for (const std::string& text : texts(name)) {
      if (const auto field = market::field_from_name(text)) {
        set.add(*field);
      }
    }
    return set;
  }
  std::vector<Rejected> rejected(std::string_view name) {
    std::vector<Rejected> all;
    for (const JsonValue& item : get(name, Kind::kArray).items) {
      Reader reader(item, fault_);
      all.push_back({reader.text("symbol"), reader.named("code", error_code_from_name)});
    }
    return all;
  }
  template <typename Item, typename Read>
  std::vector<Item> list(std::string_view name, Read&& read) {
    std::vector<Item> all;
    for (const JsonValue& item : get(name, Kind::kArray).items) {
      Reader reader(item, fault_);
      all.push_back(read(reader));
    }
    return all;
  }
  Reader object(std::string_view name) { return {get(name, Kind::kObject), fault_}; }
  void wrong(std::string_view name, std::string_view words) {
    if (fault_.empty()) {
      fault_.append(name).append(" ").append(words);
    }
  }

 private:
  template <typename Number>
  Number whole(std::string_view name) {
    const JsonValue& value = get(name, Kind::kNumber);
    Number number = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto read = std::from_chars(value.text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) {
      wrong(name, "is no whole number, or out of its range");
    }
    return number;
  }

  const JsonValue& object_;
  std::string& fault_;
};

std::optional<market::Side> side_from_name(std::string_view name) {
  if (name != "buy" && name != "sell") {
    return std::nullopt;
  }
  return name == "buy" ? market::Side::kBuy : market::Side::kSell;
}

std::optional<market::FeedState> feed_state_from_name(std::string_view name) {
  using market::FeedState;
  for (const FeedState state : {FeedState::kDown, FeedState::kConnecting, FeedState::kStale, FeedState::kLive}) {
    if (market::feed_state_name(state) == name) {
      return state;
    }
  }
  return std::nullopt;
}

Entry read_entry(Reader& from) {
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
    if (null && FieldSet(FieldSet::decimals() | Field::kLastSide).has(field)) {
      entry.values.set_null(field);
    } else if (FieldSet::decimals().has(field)) {
      entry.values.set(field, from.decimal(name));
    } else if (field == Field::kLastSide) {
      entry.values.set_side(from.named(name, side_from_name));
    } else if (field == Field::kStale) {
      entry.stale = from.flag(name);
    } else if (field == Field::kTicks) {
      entry.ticks = from.number(name);
    } else {
      (field == Field::kExchangeTimeUs ? entry.exchange_time : entry.receive_time) = null ? kNoTime : from.time(name);
    }
  }
  return entry;
}

TradeEntry read_trade(Reader& from) {
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

std::optional<market::Version> read_version(Reader& from) {
  if (from.flag_or("more", false)) {
    return std::nullopt;
  }
  return from.number("version");
}

Push read_entries(Reader& from, FrameKind kind) {
  EntryFrame frame;
  frame.kind = kind;
  frame.lane = from.text("lane");
  frame.version = read_version(from);
  frame.data = from.list<Entry>("data", read_entry);
  return frame;
}

Push read_trades(Reader& from) {
  TradesFrame frame;
  frame.version = read_version(from);
  frame.data = from.list<TradeEntry>("data", read_trade);
  return frame;
}

Message read_hello(Reader& from) {
  Hello hello{from.text("epoch"), from.time("time_us"), from.number("heartbeat_ms"), from.text("auth") == "required", {}};
  Reader limits = from.object("limits");
  hello.limits = {limits.number("request_bytes"), limits.number("frame_bytes"),     limits.number("entries"),
                  limits.number("lanes"),         limits.number("min_interval_ms"), limits.number("requests_per_s")};
  return hello;
}

Message read_subscribed(Reader& from) {
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

Message read_unsubscribed(Reader& from) {
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

Message read_authenticated(Reader& from) {
  Authenticated read{from.id(), std::nullopt};
  if (from.has("expires_in_ms")) {
    read.expires_in_ms = from.number("expires_in_ms");
  }
  return read;
}

Message read_gap(Reader& from) {
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

Message read_status(Reader& from) {
  return Status{from.text("feed"), from.named("state", feed_state_from_name), from.time("since_us"), from.text("reason")};
}

using ReadPush = Push (*)(Reader&);
struct Type {
  std::string_view name;
  ReadPush read;
};
constexpr auto kTypes = std::to_array<Type>({
    {"snapshot", [](Reader& from) { return read_entries(from, FrameKind::kSnapshot); }},
    {"delta", [](Reader& from) { return read_entries(from, FrameKind::kDelta); }},
    {"trades", read_trades},
    {"hello", [](Reader& from) -> Push { return read_hello(from); }},
    {"subscribed", [](Reader& from) -> Push { return read_subscribed(from); }},
    {"unsubscribed", [](Reader& from) -> Push { return read_unsubscribed(from); }},
    {"authenticated", [](Reader& from) -> Push { return read_authenticated(from); }},
    {"pong", [](Reader& from) -> Push { return Message(Pong{from.id(), from.time("time_us")}); }},
    {"error",
     [](Reader& from) -> Push {
       return Message(RequestError{from.id(), from.named("code", error_code_from_name), from.text("message")});
     }},
    {"gap", [](Reader& from) -> Push { return read_gap(from); }},
    {"status", [](Reader& from) -> Push { return read_status(from); }},
    {"epoch", [](Reader& from) -> Push { return Message(Epoch{from.text("epoch")}); }},
    {"heartbeat", [](Reader& from) -> Push { return Message(Heartbeat{from.time("time_us")}); }},
    {"auth_expiring", [](Reader& from) -> Push { return Message(AuthExpiring{from.number("expires_in_ms")}); }},
    {"goodbye",
     [](Reader& from) -> Push { return Message(Goodbye{from.text("reason"), from.number("reconnect_in_ms")}); }},
});

}  // namespace

std::string Entry::text(market::Field field) const {
  const auto time = [](Timestamp at) { return at == kNoTime ? std::string("null") : std::to_string(to_us(at)); };
  switch (field) {
    case Field::kStale: return stale ? "true" : "false";
    case Field::kExchangeTimeUs: return time(exchange_time);
    case Field::kReceiveTimeUs: return time(receive_time);
    case Field::kTicks: return std::to_string(ticks);
    default: break;
  }
  if (values.null().has(field)) {
    return "null";
  }
  return field == Field::kLastSide ? std::string(market::side_name(values.side())) : values.decimal(field).text();
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
  Reader reader(*json, fault);
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
  Reader reader(*json, fault);
  Tickers tickers{reader.text("epoch"), reader.number("version"), reader.list<Entry>("data", read_entry),
                  reader.rejected("rejected")};
  return fault.empty() ? std::variant<Tickers, PushError>(std::move(tickers)) : PushError{fault};
}

}  // namespace ticker::protocol
