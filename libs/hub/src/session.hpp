#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/hub/access.hpp>
#include <ticker/hub/connection.hpp>
#include <ticker/protocol/pattern.hpp>
#include <ticker/protocol/request.hpp>

#include "lane.hpp"
#include "selection.hpp"
#include "timer_wheel.hpp"
#include "token_bucket.hpp"
#include "trade_stream.hpp"

namespace ticker::hub {

struct SessionTimer : TimerNode {
  SessionTimer(Kind what, Session& owner) : TimerNode(what), session(owner) {}
  Session& session;
};

// A client's entries on the status channel.
struct StatusStream {
  std::vector<protocol::Pattern> entries;
  std::vector<std::string> pending;  // feeds whose state is to be told; each once

  void tell(std::string_view feed) {
    if (std::find(pending.begin(), pending.end(), feed) == pending.end()) {
      pending.emplace_back(feed);
    }
  }

  bool wants(std::string_view feed) const {
    return std::any_of(entries.begin(), entries.end(),
                       [feed](const protocol::Pattern& entry) { return entry.matches(feed); });
  }
};

// A request that can't be served yet; its socket is not read meanwhile.
struct HeldRequest {
  std::string text;                            // as it came, or …
  std::optional<protocol::Subscribe> request;  // … read already
};

// One client, as the hub knows it. All that it holds for the client: entries, one number a lane, at
// most one request and one reply. The hub's thread.
class Session {
 public:
  // What a request takes from the token bucket, whose rate is in units a microsecond.
  static constexpr std::int64_t kRequestCost = 1'000'000;

  Session(Connection& socket, std::uint64_t which, std::shared_ptr<const Access> sees,
          std::int64_t burst, std::size_t longest_frame, Timestamp now)
      : connection(socket),
        number(which),
        frame_bytes(longest_frame),
        access(std::move(sees)),
        requests(burst, now),
        last_received(now) {}

  // Nothing of a request or a pass is under way: the next request can be taken.
  bool idle() const {
    return reply.empty() && !epoch_due && !waiting && !asked && !held && !unfinished();
  }
  // Its socket is not to be read now.
  bool rests() const { return blocked || !idle(); }
  // A lane's answer is still to come, or one of its passes is not at its end.
  bool unfinished() const {
    for (const auto& lane : lanes) {
      if (lane->turn.active || lane->answer_due()) {
        return true;
      }
    }
    return false;
  }
  // Something can be sent, once the socket allows.
  bool has_due() const {
    if (!reply.empty() || epoch_due || heartbeat_due || (trades && trades->due) ||
        (status && !status->pending.empty())) {
      return true;
    }
    for (const auto& lane : lanes) {
      if (lane->due) {
        return true;
      }
    }
    return false;
  }

  // What a turn asks for comes first, in so many bytes.
  static constexpr std::size_t kServedBytes = 192;

  Connection& connection;
  const std::uint64_t number;
  const std::size_t frame_bytes;  // as it was told
  std::size_t index = 0;          // in the hub's list

  // The socket.
  bool blocked = false;
  bool paused = false;
  bool ending = false;  // close() was called, or the socket is gone: nothing is sent any more
  bool queued = false;  // in the hub's list of those to be served
  std::uint8_t next_slot = 0;  // whose turn it is among lanes, trades and status
  std::size_t held_bytes = 0;  // as last counted
  Timestamp last_sent = kNoTime;

  // What it subscribed to.
  Selection* ticker = nullptr;               // nullptr: nothing
  std::vector<std::unique_ptr<Lane>> lanes;  // as in ticker->list().lanes
  std::unique_ptr<TradeStream> trades;
  std::unique_ptr<StatusStream> status;

  // Instruments created up to this version may have been shown to it: the version at which the
  // latest snapshot or delta was built. Of a client that resumed nobody knows: another replica may
  // have been ahead of this one.
  market::Version seen = 0;

  // What waits.
  std::string reply;  // empty: none
  std::unique_ptr<HeldRequest> held;
  bool waiting = false;  // `held` waits for a version
  bool asked = false;    // its request is to be answered by answer()
  bool lent = false;     // another hub serves it: it has no subscriptions here
  bool epoch_due = false;
  bool heartbeat_due = false;

  // What it may see; nullptr: nothing yet, it has to show a token.
  std::shared_ptr<const Access> access;
  std::optional<Timestamp> access_ends;    // or, without any, when it should have shown a token
  std::optional<Timestamp> expiry_notice;  // when it is told that its token runs out
  std::size_t early_bytes = 0;             // of requests before its first good token
  Timestamp snapshots_until = kNoTime;     // those that came take their least interval until then

  // Of all that it subscribed to; 0: it is sent something whenever it comes; nullopt: nothing.
  std::optional<std::chrono::milliseconds> least_interval() const {
    if (trades || status) {
      return std::chrono::milliseconds(0);
    }
    std::optional<std::chrono::milliseconds> least;
    for (const auto& lane : lanes) {
      least = std::min(least.value_or(lane->settings.interval), lane->settings.interval);
    }
    return least;
  }
  std::optional<std::chrono::milliseconds> counted_interval;  // by the hub

  TokenBucket requests;
  SessionTimer upkeep{TimerNode::Kind::kUpkeep, *this};
  SessionTimer since_wait{TimerNode::Kind::kSinceWait, *this};
  Timestamp last_received;           // or when reading went on
  std::uint64_t received_bytes = 0;  // by then
  bool pinged = false;               // since then
  Timestamp progress_at =
      kNoTime;  // while blocked: when the socket was last seen to take something
  std::uint64_t progress_bytes = 0;
  std::optional<Timestamp> leaves_at;  // while draining
};

}  // namespace ticker::hub
