#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ticker/hub/connection.hpp>
#include <ticker/market/market_state.hpp>
#include <ticker/protocol/encoder.hpp>

#include "frame_arena.hpp"
#include "selection.hpp"
#include "trade_ring.hpp"

namespace ticker::hub {

class Session;

// A client's place in the trades. Owned by its session.
struct TradeStream : Subscriber {
  // Up to which trade of an instrument the client needs nothing more; 0 for those that are not
  // listed.
  struct Known {
    market::InstrumentId id = 0;
    std::uint64_t seq = 0;
    bool lost = false;  // something before, it is not known what
  };

  explicit TradeStream(Session& owner) : session(owner) {}

  Session& session;
  Selection* selection = nullptr;  // its only lane is 0
  TradeRing::Position cursor = 0;  // records before it were sent, or are not for this client
  std::vector<Known> known;        // by rising id; at most one an instrument
  // The ring ran past the cursor, or did not reach back to it: gaps are being told, for instruments
  // from `overrun_next` on.
  bool overrun = false;
  market::InstrumentId overrun_next = 0;
  TradeRing::Position overrun_to =
      0;  // where the ring began when the telling did; by its end it may have moved on
  bool due = false;
  // For the statistics only: of the oldest trade not sent yet.
  Timestamp oldest_change = kNoTime;
  Timestamp oldest_receive = kNoTime;

  Known& know(market::InstrumentId id);
  Known known_of(market::InstrumentId id) const;
};

// Builds the frames of trade streams. The hub's thread.
class TradeServer {
 public:
  // A frame, built and not yet taken.
  struct Frame {
    Slice bytes;  // in the arena
    TradeRing::Position next = 0;
    std::size_t trades = 0;
    std::optional<market::InstrumentId> overrun;  // it tells this instrument's loss …
    std::uint64_t overrun_seq = 0;                // … up to this trade
  };

  TradeServer(const market::MarketState& state, const TradeRing& ring,
              const protocol::Encoder& encoder, FrameArena& arena);

  // nullopt: the client has everything.
  std::optional<Frame> build(TradeStream& stream, std::size_t frame_bytes);
  void commit(TradeStream& stream, const Frame& frame);

  // Another epoch: all start now.
  void start_anew(TradeStream& stream) const;
  // Instruments of `ids` start now, unless they run already.
  void start(TradeStream& stream, const std::vector<market::InstrumentId>& ids) const;
  // They start after `since`, which this replica has reached; also but for those that run.
  void resume(TradeStream& stream, const std::vector<market::InstrumentId>& ids,
              market::Version since) const;
  // The selection changed: what is not in it is not known any more.
  static void prune(TradeStream& stream);

 private:
  static std::vector<market::InstrumentId> not_running(
      const TradeStream& stream, const std::vector<market::InstrumentId>& ids);
  bool wants(const TradeStream& stream, const TradeRing::Record& record) const;
  std::optional<Frame> build_overrun(TradeStream& stream);
  Frame whole(std::string_view message);

  const market::MarketState& state_;
  const TradeRing& ring_;
  const protocol::Encoder& encoder_;
  FrameArena& arena_;
  std::string text_;
};

}  // namespace ticker::hub
