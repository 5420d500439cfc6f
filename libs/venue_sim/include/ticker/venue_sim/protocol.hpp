#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/base/result.hpp>

namespace ticker::venue_sim {

// What a venue's protocol sees of the connection that it speaks on, and may do to it. Recorded
// messages that it gives are the tape's.
class Peer {
 public:
  virtual void reply(std::string message) = 0;
  // `initial`: the last message of the topic that is already past follows the replies.
  virtual void subscribe(std::string_view topic, bool initial) = 0;
  virtual void unsubscribe(std::string_view topic) = 0;
  // Topics subscribed to, sorted.
  virtual std::vector<std::string> subscriptions() const = 0;
  // Whether the venue has no such symbol (the fault `refuse:SYMBOL`).
  virtual bool refuses(std::string_view symbol) const = 0;
  // The fault `wrong-path`: a topic of another path than the connection's is acknowledged and stays
  // silent.
  virtual bool checks_path() const = 0;
  // The tape's next message, whatever it is (after the last: the last); empty if the tape is.
  virtual std::string_view next_recorded() const = 0;
  // The first message of a topic on the tape; empty: none.
  virtual std::string_view first_recorded(std::string_view topic) const = 0;

 protected:
  ~Peer() = default;
};

// The venue's side of one protocol, on one connection. Pure: time is an argument.
class Protocol {
 public:
  virtual ~Protocol() = default;

  // The topics of a recorded message; empty: it is the connection's own (acknowledgement, status,
  // heartbeat) and is left out.
  virtual std::vector<std::string> topics(std::string_view message) const = 0;
  // What one client gets of a recorded message: all of it, or what its framing wants; stands in it.
  virtual std::string_view framed(std::string_view message) const { return message; }

  // Whether this value of a recorded message tells the venue's time; `key` is empty in an array.
  virtual bool is_time(std::string_view key, std::string_view value) const = 0;

  // Whether the initial state of a topic is put together from several of its messages, from the
  // last one on that begins anew. Empty: there is none.
  virtual bool merges(std::string_view /*topic*/) const { return false; }
  virtual bool begins_anew(std::string_view /*message*/) const { return true; }
  virtual std::string merged(const std::vector<std::string_view>& /*messages*/) const { return {}; }

  // The connection is open; `target` is the path and query that it asked for.
  virtual void opened(std::string_view /*target*/, Peer& /*peer*/, Timestamp /*now*/) {}
  virtual void request(std::string_view text, Peer& peer, Timestamp now) = 0;

  // Heartbeats that the client asked for, or that the venue sends by itself once there is a
  // subscription; 0: none.
  virtual std::chrono::milliseconds heartbeat_interval() const {
    return std::chrono::milliseconds(0);
  }
  // Heartbeats come only when nothing else was sent for the interval.
  virtual bool heartbeat_only_when_idle() const { return false; }
  virtual void heartbeat(Peer& /*peer*/, Timestamp /*now*/) {}
  // What a client may send in any such window, control frames included; who sends more is closed.
  // 0: no limit is known.
  struct RequestLimit {
    std::size_t requests = 0;
    std::chrono::milliseconds window{1000};
  };
  virtual RequestLimit request_limit() const { return {}; }
  // A client that has not subscribed to anything for so long is closed; 0: it may wait.
  virtual std::chrono::milliseconds subscribe_within() const {
    return std::chrono::milliseconds(0);
  }

  // Ping frames; 0: none.
  virtual std::chrono::milliseconds ping_interval() const { return std::chrono::milliseconds(0); }

  // Says that the connection will soon be closed; empty: this venue does not.
  virtual std::string planned_close_notice(Timestamp /*now*/) const { return {}; }
};

// What `venue` may be.
std::vector<std::string> protocol_names();
// The protocol of `venue` (as `--venue`); an error names those that there are.
Result<std::unique_ptr<Protocol>> make_protocol(std::string_view venue);

}  // namespace ticker::venue_sim
