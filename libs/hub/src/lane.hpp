#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/market/market_state.hpp>

#include "selection.hpp"
#include "timer_wheel.hpp"
#include "token_bucket.hpp"

namespace ticker::hub {

class Session;

struct LaneSettings {
  market::FieldSet fields;  // as the client listed them; `stale` is sent in any case
  std::chrono::milliseconds interval{0};
  std::uint32_t max_kbit_per_s = 0;  // 0: no limit
};

// What a lane's client asked for, of which its token may allow less.
struct LaneWishes {
  std::optional<market::FieldSet> fields;  // nullopt: all
  std::chrono::milliseconds interval{0};
};

// An instrument that came into a lane and was not served in it yet.
struct Entering {
  market::InstrumentId id = 0;
  bool held = false;  // the client holds its listed fields as of `base`; else nothing
  market::Version base = 0;
  market::FieldSet full;  // fields that it does not hold all the same
};

// The serving of what changed in a lane up to one version, in one frame or several (a pass).
struct Turn {
  // kPartSnapshot: of those entering that are not held; what changed in the rest of the lane
  // follows as kDelta, so that the version at the end holds for the whole lane.
  enum class Kind : std::uint8_t { kSnapshot, kPartSnapshot, kDelta };
  Kind kind = Kind::kDelta;
  market::Version version = 0;    // what its last frame says
  market::InstrumentId next = 0;  // instruments below it are done
  bool active = false;            // some frames of it were written, not all
};

// What a client is served together. In the steady state all that it costs is `served`: the rest is
// at its default. Owned by its session.
struct Lane : Subscriber, TimerNode {
  Lane(Session& owner, std::uint8_t at, LaneWishes wishes, Timestamp now)
      : TimerNode(Kind::kLane), session(owner), index(at), bandwidth(0, now), asked(wishes) {}

  Session& session;
  Part* part = nullptr;   // of the session's selection
  std::uint8_t index;     // of both, in the session and in the selection
  LaneSettings settings;  // in force

  market::Version served = 0;        // the client holds the lane's instruments as of this version
  market::Version removed_from = 0;  // it was told of removals up to this version
  market::FieldSet added;            // fields that it lists since, not held of any instrument
  std::vector<Entering> entering;    // by rising id; what `served` and `added` do not hold for
  bool fresh = false;                // a snapshot of the whole lane is to be sent
  bool part_snapshot = false;        // one of those entering that are not held
  bool forced = false;               // a delta is to be sent, also an empty one
  Turn turn;

  bool due = false;       // its turn has come; it is served as soon as the socket allows
  Timestamp not_before;   // the grid's turns before it are over
  TokenBucket bandwidth;  // in thousandths of bits

  // For the statistics only.
  std::uint64_t changes_before = 0;    // of its part, by the end of its last turn
  Timestamp oldest_change = kNoTime;   // of what is to be served: when it was published …
  Timestamp oldest_receive = kNoTime;  // … and when the venue's message came

  LaneWishes asked;  // kept for a token that allows more; last, since no turn looks at it

  // A request's answer is still to come.
  bool answer_due() const { return fresh || part_snapshot || forced; }
  const Entering* find_entering(market::InstrumentId id) const {
    const auto found = std::lower_bound(
        entering.begin(), entering.end(), id,
        [](const Entering& entry, market::InstrumentId at) { return entry.id < at; });
    return found != entering.end() && found->id == id ? &*found : nullptr;
  }
};

}  // namespace ticker::hub
