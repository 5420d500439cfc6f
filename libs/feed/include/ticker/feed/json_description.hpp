#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <ticker/base/result.hpp>
#include <ticker/feed/adapter.hpp>
#include <ticker/feed/json_feed.hpp>

namespace ticker::feed {

// What decodes the messages of a described venue.
struct JsonDescription {
  // Longer ones are not kept in recordings, and not believed.
  static constexpr std::size_t kMostBytes = std::size_t{64} << 10U;

  JsonMapping json;
  std::string heartbeat_answer;  // as JsonSocket's

  friend bool operator==(const JsonDescription&, const JsonDescription&) = default;
};

// One line of JSON in the words of the configuration. Of an answer only the places that it repeats:
// what is sent may be secret. Error: it is too long.
Result<std::string> to_text(const JsonDescription& description);
// An error names the place where it makes no sense.
Result<JsonDescription> parse_description(std::string text);

// The venue that is asked over HTTP, in recordings; a message is an answer.
inline constexpr std::string_view kHttpPoll = "http-poll";
// `asked`: the native name that it answers; empty: it says itself. `body`: empty if nothing has changed
// since the last one.
std::string polled_answer(std::string_view asked, std::string_view body);

// The adapter for what one of this kind heard. `trades` and `description`: as the recording says.
Result<std::unique_ptr<Adapter>> make_recorded_adapter(std::string_view kind,
                                                       const std::string& trades,
                                                       const std::string& description);

}  // namespace ticker::feed
