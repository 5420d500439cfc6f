#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <ticker/base/ids.hpp>
#include <ticker/base/result.hpp>

namespace ticker::venue_sim {

// A recording in memory, each message with the topics that it belongs to ("btcusdt@trade",
// "ticker:BTC-USD"): what a client of the venue can subscribe to. A message without a topic (an
// acknowledgement, a heartbeat) is never sent.
class Tape {
 public:
  struct Options {
    std::size_t max_bytes = std::size_t{1} << 30;  // of messages, held in memory as they are
  };

  // Reads a recording as `venue` would have sent it to one client: where a connection was to follow
  // on another, what both brought stands there once, and what only the next one brought before it
  // took over (a snapshot of a new instrument, say) not at all. One without a message that a client
  // of the venue can subscribe to is an error; what is damaged is left out.
  static Result<Tape> load(const std::string& path, std::string_view venue, Options options);
  static Result<Tape> load(const std::string& path, std::string_view venue) {
    return load(path, venue, Options());
  }

  // `recv_ns`: since the Unix epoch, not below that of the message before.
  void add(std::int64_t recv_ns, std::string_view message, const std::vector<std::string>& topics);

  // What was wrong with the recording, in words.
  const std::vector<std::string>& warnings() const { return warnings_; }

  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return text_.size(); }
  // Valid until the next add().
  std::string_view message(std::size_t index) const;
  // Since the first message.
  std::chrono::nanoseconds offset(std::size_t index) const;
  const std::vector<std::string>& topics(std::size_t index) const {
    return topic_sets_[entries_[index].topics];
  }
  // The last message of the topic before `end`; nullopt: none.
  std::optional<std::size_t> last_of(std::string_view topic, std::size_t end) const;
  // All messages of the topic before `end`.
  std::span<const std::size_t> all_of(std::string_view topic, std::size_t end) const;
  // The first message of the topic; nullopt: none.
  std::optional<std::size_t> first_of(std::string_view topic) const;

 private:
  struct Entry {
    std::int64_t recv_ns;
    std::size_t begin;     // in text_; the message ends where the next one begins
    std::uint32_t topics;  // index in topic_sets_
  };
  std::uint32_t intern(const std::vector<std::string>& topics);

  std::vector<std::string> warnings_;
  std::string text_;
  std::vector<Entry> entries_;
  std::vector<std::vector<std::string>> topic_sets_;  // each set once
  std::unordered_map<std::string, std::uint32_t> set_index_;
  std::unordered_map<std::string, std::vector<std::size_t>, StringHash, std::equal_to<>> by_topic_;
};

}  // namespace ticker::venue_sim
