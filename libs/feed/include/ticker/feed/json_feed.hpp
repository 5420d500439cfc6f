#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ticker/market/field.hpp>

namespace ticker::feed {

// What one kind of a venue's JSON messages means, or one kind of the entries in them. A pointer is
// a JSON Pointer (RFC 6901) into the entry; with a `^` in front, into the whole message.
struct JsonMessage {
  // `value` stands at `pointer`, or among the first 64 of a list there; one `*` in it is any text.
  struct Match {
    std::string pointer;
    std::string value;

    friend bool operator==(const Match&, const Match&) = default;
  };
  struct Value {
    market::Field field;  // a decimal
    std::string pointer;
    int shift = 0;  // times ten to the power of it: 2 makes percents of fractions

    friend bool operator==(const Value&, const Value&) = default;
  };
  struct Trade {
    std::string price;
    std::string size;
    std::string side;         // the taker's
    std::string buy = "buy";  // how the venue writes it, in any case
    std::string sell = "sell";
    std::string id;  // empty: there is none

    friend bool operator==(const Trade&, const Trade&) = default;
  };
  enum class Means : std::uint8_t {
    kData,
    kIgnored,
    kReady,       // subscriptions may be sent now
    kSubscribed,  // one of them was taken
    kRefused,     // the venue does not have `symbol`
    kError,
  };
  enum class TimeUnit : std::uint8_t {
    kSeconds,
    kMilliseconds,
    kMicroseconds,
    kNanoseconds,
    kRfc3339
  };

  std::vector<Match> match;  // of the message: all hold
  std::optional<std::string>
      each;  // where the entries stand, in an array or object; none: the message is one
  std::vector<Match> where;  // of the entry: all hold
  Means means = Means::kData;
  // Points at the native name; `key`: the entry's own key is it; empty: the one that was asked for.
  std::string symbol;
  std::string symbol_form = "*";  // what stands around the name there: `market.*.ticker`
  std::vector<Value> fields;
  std::optional<Trade> trade;
  std::string time;  // empty: the venue tells none
  TimeUnit time_unit = TimeUnit::kMilliseconds;
  bool zero_is_null = false;  // how the venue writes that a field has no value
  std::string text;           // of kRefused and kError: the venue's reason
  // Sent back for each such message; in it, `{/pointer}` is what the venue sent there. Empty:
  // nothing.
  std::string answer;

  friend bool operator==(const JsonMessage&, const JsonMessage&) = default;
};

// How configurations and recordings write it.
inline constexpr std::array<std::pair<std::string_view, JsonMessage::Means>, 6> kMeansWords{
    {{"data", JsonMessage::Means::kData},
     {"ignored", JsonMessage::Means::kIgnored},
     {"ready", JsonMessage::Means::kReady},
     {"subscribed", JsonMessage::Means::kSubscribed},
     {"refused", JsonMessage::Means::kRefused},
     {"error", JsonMessage::Means::kError}}};
inline constexpr std::array<std::pair<std::string_view, JsonMessage::TimeUnit>, 5> kTimeUnitWords{
    {{"s", JsonMessage::TimeUnit::kSeconds},
     {"ms", JsonMessage::TimeUnit::kMilliseconds},
     {"us", JsonMessage::TimeUnit::kMicroseconds},
     {"ns", JsonMessage::TimeUnit::kNanoseconds},
     {"rfc3339", JsonMessage::TimeUnit::kRfc3339}}};

// How a venue's JSON is read, however it is fetched.
struct JsonMapping {
  static constexpr const char* kKey = "key";  // as JsonMessage::symbol

  // Of canonical names: `{base}{quote}`, also `{contract}`, `{base_lower}`, `{quote_lower}`. Empty:
  // every symbol has its native name given.
  std::string native_form;
  std::vector<JsonMessage> messages;  // the first that fits is it

  friend bool operator==(const JsonMapping&, const JsonMapping&) = default;
};

// What is sent to a venue whose messages a JsonMapping reads. In texts, `{id}` counts the requests
// from 1.
struct JsonSocket {
  std::string login;  // sent first; empty: none. May hold a secret: never to be logged
  // `{symbol}`: one for each native name; `{symbols}`: `"A","B"`, so many of them at once; neither:
  // one a connection.
  std::vector<std::string> subscribe;
  std::size_t symbols_per_request = 100;
  std::size_t symbols_per_connection = 0;                // 0: all on one
  std::size_t requests_per_s = 5;                        // 0: no limit
  std::chrono::milliseconds heartbeat_interval{20'000};  // 0: none is sent
  std::string heartbeat;                                 // empty: a ping frame
  std::string heartbeat_answer;  // a message that is no JSON, such as `pong`; empty: there is none

  friend bool operator==(const JsonSocket&, const JsonSocket&) = default;
};

}  // namespace ticker::feed
