#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <ticker/recording/reader.hpp>
#include <ticker/venue_sim/protocol.hpp>
#include <ticker/venue_sim/tape.hpp>

namespace ticker::venue_sim {
namespace {

using recording::Kind;
using ReadResult = recording::Reader::ReadResult;

// The connections on which a recording was made. Of two that brought the same, as one was to follow
// on the other, the one that led at that moment counts.
class Connections {
 public:
  struct Connection {
    std::unique_ptr<Protocol> protocol;  // what the venue has said before is the connection's own
    bool leads = true;
    std::optional<std::uint32_t> waits_for = {};  // on which it is to follow
    bool is_there = true;  // nothing was lost since that may have said that it ended
  };

  explicit Connections(std::string_view venue) : venue_(venue) {}

  // The recording may have begun after it was made.
  Connection& of(std::uint32_t number) {
    auto& connection = all_[number];
    if (!connection.protocol) {
      connection.protocol = std::move(make_protocol(venue_).value());
    }
    return connection;
  }

  // What is no message of the venue.
  void note(const recording::Reader::Message& message) {
    const std::string_view text(message.data, message.size);
    if (message.kind == Kind::kConnected) {
      open(message.connection, recording::connected_after(text));
    } else if (message.kind == Kind::kTookOver) {
      take_over(of(message.connection));
    } else if (message.kind == Kind::kDisconnected) {
      close(message.connection);
    } else if (message.kind == Kind::kLost) {
      miss();
    }
  }

  // Something is not there to be read: that a connection ended, perhaps. Nobody waits for it.
  void miss() {
    for (auto& [_, connection] : all_) {
      connection.is_there = false;
      lead(connection);
    }
  }

 private:
  void open(std::uint32_t number, std::optional<std::uint32_t> after) {
    // Numbers rise for as long as one recorder lives: that one was killed.
    if (!all_.empty() && number <= all_.rbegin()->first) {
      all_.clear();
    }
    auto& connection = of(number);
    if (const auto old = after ? all_.find(*after) : all_.end();
        old != all_.end() && old->second.is_there) {
      connection.leads = false;
      connection.waits_for = after;
    }
  }

  void take_over(Connection& connection) {
    if (const auto old = connection.waits_for; old && all_.contains(*old)) {
      all_[*old].leads = false;
    }
    lead(connection);
  }

  void close(std::uint32_t number) {
    all_.erase(number);
    for (auto& [_, other] : all_) {
      if (other.waits_for == number) {
        lead(other);
      }
    }
  }

  static void lead(Connection& connection) {
    connection.leads = true;
    connection.waits_for.reset();
  }

  const std::string venue_;
  std::map<std::uint32_t, Connection> all_;
};

}  // namespace

Result<Tape> Tape::load(const std::string& path, std::string_view venue, Options options) {
  if (auto protocol = make_protocol(venue); !protocol) {
    return protocol.error();
  }
  auto reader = recording::Reader::open(path);
  if (!reader) {
    return reader.error();
  }
  Tape tape;
  Connections connections(venue);
  bool is_of_venue = false;
  std::uint64_t damaged = 0;
  std::string first_damage;
  std::uint64_t early = 0;
  recording::Reader::Message message;
  for (auto result = reader->next(message); result != ReadResult::kEnd;
       result = reader->next(message)) {
    if (result == ReadResult::kDamaged) {
      connections.miss();
      if (damaged++ == 0) {
        const auto& damage = reader->damage();
        first_damage =
            damage.file + ": damaged at byte " + std::to_string(damage.offset) + ": " + damage.what;
      }
      continue;
    }
    if (message.kind != Kind::kReceived) {
      connections.note(message);
      continue;
    }
    const std::string_view text(message.data, message.size);
    const auto& connection = connections.of(message.connection);
    const auto topics = connection.protocol->topics(text);
    is_of_venue = is_of_venue || !topics.empty();
    if (!connection.leads) {
      continue;
    }
    if (tape.bytes() + message.size > options.max_bytes) {
      return Error{path + ": holds more than " + std::to_string(options.max_bytes) +
                   " bytes of messages (--max-bytes)"};
    }
    const auto last_ns = tape.entries_.empty() ? message.receive_ns : tape.entries_.back().recv_ns;
    early += message.receive_ns < last_ns ? 1 : 0;
    tape.add(std::max(message.receive_ns, last_ns), text, topics);
  }
  if (!is_of_venue) {
    return Error{path + ": holds no message of " + std::string(venue) +
                 (damaged == 0 ? "" : "; " + first_damage)};
  }
  if (damaged > 0) {
    tape.warnings_.push_back(first_damage + "; what is whole is played" +
                             (damaged == 1 ? "" : ", of " + std::to_string(damaged) + " damages"));
  }
  if (early > 0) {
    tape.warnings_.push_back(path + ": a clock went back: " + std::to_string(early) +
                             " messages come at once with those before them");
  }
  return tape;
}

}  // namespace ticker::venue_sim
